"""``hongbao audit`` finds what was changed behind the books' back."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from campaign_office import Office
    from shop import Run


def test_clean_books_are_sound(run: Run, office: Office) -> None:
    run(*office.new(office.write_list()))
    ran = run("audit", "--json")
    assert (ran.code, ran.json["outcome"], ran.json["payouts"]) == (0, "sound", 5)
    assert "every chain, every fen" in run("audit").stdout


def test_books_that_do_not_exist_yet_are_sound(run: Run, office: Office) -> None:
    assert run("audit", "--json").json["findings_count"] == 0


def test_a_row_that_was_changed_by_hand_is_found(run: Run, office: Office) -> None:
    run(*office.new(office.write_list()))
    database = sqlite3.connect(office.folder / "books.db")
    triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    with database:  # whoever owns the file can take the locks off
        for (name,) in triggers:
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE payout SET amount = 20000 WHERE key = 'k0001'")
    database.close()
    ran = run("audit", "--json")
    assert (ran.code, ran.json["outcome"]) == (12, "findings")
    assert ran.json["findings_count"] > 0
    told = run("audit")
    assert told.code == 12
    assert "Stop all workers" in told.stdout
    assert "oTEST_payee_0000000000000001" not in told.everything + ran.everything


CHECK = Path(__file__).parents[2] / "examples" / "check_proof.py"


class Kept:
    """Books of five payouts, a key and a checkpoint of them.

    Attributes:
        public: the public part of the key.
    """

    def __init__(self, run: Run, office: Office) -> None:
        self.folder = office.folder
        self.run = run
        run(*office.new(office.write_list()))
        self.public = run("audit", "key", self.key, "--new", "shop.example/books").stdout.strip()
        assert self.take().code == 0

    @property
    def key(self) -> str:
        """Its file."""
        return str(self.folder / "books.key")

    @property
    def path(self) -> str:
        """Of the checkpoint."""
        return str(self.folder / "books.checkpoint")

    def take(self, *more: str) -> Any:
        """Take a checkpoint."""
        return self.run("audit", "checkpoint", "--output", self.path, "--key", self.key, *more)

    def verify(self, *more: str) -> Any:
        """Hold the books against it."""
        return self.run(
            "audit", "verify", "--against", self.path, "--public-key", self.public, *more
        )

    def prove(self, *more: str) -> Any:
        """Prove the first payout."""
        return self.run(
            "audit", "prove", "k0001", "--against", self.path, "--public-key", self.public, *more
        )


@pytest.fixture
def kept(run: Run, office: Office) -> Kept:
    return Kept(run, office)


def test_a_key_is_made_once_and_shown_again(kept: Kept, run: Run) -> None:
    assert kept.public.startswith("shop.example/books+")
    assert run("audit", "key", kept.key).stdout.strip() == kept.public
    assert run("audit", "key", kept.key, "--json").json["public_key"] == kept.public
    again = run("audit", "key", kept.key, "--new", "other")
    assert (again.code, "is there already" in again.stderr) == (6, True)
    secret = Path(kept.key).read_text(encoding="utf-8").strip().rpartition("+")[2]
    assert secret not in again.everything + kept.verify().everything


def test_books_that_hold_what_a_checkpoint_has_are_sound(kept: Kept) -> None:
    assert "They hold all that the checkpoint has: payouts 5" in kept.verify().stdout
    found = kept.verify("--json").json
    assert (found["outcome"], found["findings_count"]) == ("sound", 0)
    note = Path(kept.path).read_text(encoding="utf-8")
    assert found["checkpoint"] == note.partition("\n\n")[0] + "\n"
    again = kept.take("--json").json
    assert [Path(one).exists() for one in again["files"]] == [True, True]
    assert again["files"][0] == kept.path


def test_what_a_checkpoint_has_and_the_books_have_not_is_found(kept: Kept) -> None:
    database = sqlite3.connect(kept.folder / "books.db", isolation_level=None)
    for statement in (
        "DROP TRIGGER decision_delete", "DELETE FROM decision",
    ):  # fmt: skip
        database.execute(statement)
    database.close()
    ran = kept.verify("--json")
    assert (ran.code, ran.json["outcome"]) == (12, "findings")
    assert "checkpoint" in {it["code"] for it in ran.json["findings"]}
    refused = kept.take("--json")
    assert (refused.code, refused.json["files"]) == (12, [])


def test_a_proof_is_checked_without_the_books(kept: Kept, tmp_path: Path) -> None:
    assert "leaf 0 of 7" in kept.prove().stdout
    proof = kept.prove("--json").json
    assert "oTEST_payee" not in json.dumps(proof)
    assert checked(proof, kept.public, tmp_path).returncode == 0
    spoilt = [
        proof | {"index": 1},
        proof | {"path": proof["path"][:-1]},
        proof | {"path": [*proof["path"], proof["path"][0]]},
        proof | {"events": [proof["events"][0] | {"actor": "eve"}]},
        proof | {"events": proof["events"] * 2},
        proof | {"checkpoint": proof["checkpoint"].replace("payouts 5", "payouts 6")},
    ]
    for one in spoilt:
        assert checked(one, kept.public, tmp_path).returncode == 1
    other = str(kept.run("audit", "key", str(tmp_path / "k"), "--new", "shop.example/books").stdout)
    assert checked(proof, other.strip(), tmp_path).returncode == 1


def checked(proof: object, public: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What the example says of a proof."""
    path = folder / "proof.json"
    path.write_text(json.dumps(proof), encoding="utf-8")
    command = [sys.executable, str(CHECK), str(path), public]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_a_payout_that_came_after_a_checkpoint_has_no_proof_yet(kept: Kept, office: Office) -> None:
    path = office.folder / "later.csv"
    path.write_text(
        "key,openid,amount,send_name,wishing,act_name,remark\n"
        "late,oTEST_payee_0000000000000099,1.00,Shop,Hello,Spring,r\n",
        encoding="utf-8",
    )
    ran = kept.run(*office.new(str(path), "--name", "later"))
    assert ran.code == 0, ran.everything
    late = kept.run("audit", "prove", "late", "--against", kept.path, "--key", kept.key, "--json")
    assert (late.code, "has no payout" in late.json["error"]["happened"]) == (8, True)


@pytest.mark.parametrize("keys", [(), ("--key", "x", "--public-key", "y")])
def test_one_key_says_whose_signature_is_trusted(kept: Kept, keys: tuple[str, ...]) -> None:
    ran = kept.run("audit", "verify", "--against", kept.path, *keys)
    assert (ran.code, "either --key or --public-key" in ran.stderr) == (2, True)
