"""Where the settings want signatures, a named operator's key decides, and nobody else."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from campaign_office import Office, Town
    from shop import Run

APPROVE = ("campaign", "approve", "spring", "--yes")


def wants_signatures(office: Office) -> None:
    path = office.folder / "hongbao.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n[approval]\nsigned = true\n", encoding="utf-8")


@pytest.fixture
def key(office: Office, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of an operator's key, which is named where it is looked for."""
    path = office.folder / "own" / "anna.pem"
    monkeypatch.setenv("HONGBAO_OPERATOR_KEY", str(path))
    return path


def test_a_campaign_is_stored_approved_and_stopped_by_an_operator(
    run: Run, office: Office, town: Town, key: Path
) -> None:
    wants_signatures(office)
    added = run("operator", "add", "anna", "--json")
    assert (added.code, added.json["operators"][0]["name"]) == (0, "anna")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert run(*office.new(office.write_list(2))).code == 0
    assert run(*APPROVE, "--by", "bert").code == 2
    approved = run(*APPROVE)
    assert approved.stdout.startswith("Approved: spring, 2 payouts, 2.00 yuan, by anna.")
    assert run("stop-all", "--reason", "fire").code == 0
    assert run("resume-all").code == 0
    assert run("campaign", "run", "spring").code == 0
    assert town.paid_once() == 2
    assert "anna@signed-" in run("campaign", "history", "spring").stdout
    assert run("audit").code == 0


def test_without_a_key_that_the_books_know_it_is_refused_and_says_what_to_do(
    run: Run, office: Office, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("operator", "key").stdout.startswith("-----BEGIN PUBLIC KEY-----")
    wants_signatures(office)
    unknown = run(*office.new(office.write_list(2)))
    assert unknown.code == 8
    assert "operator add" in unknown.stderr
    key.chmod(0o644)
    assert "chmod 600" in run(*office.new(office.write_list(2))).stderr
    monkeypatch.delenv("HONGBAO_OPERATOR_KEY")
    monkeypatch.setenv("HOME", str(office.folder))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    nobody = run(*office.new(office.write_list(2)))
    assert nobody.code == 8
    assert "must be signed by an operator" in nobody.stderr
    assert "HONGBAO_OPERATOR_KEY" in nobody.stderr
    assert run("campaign", "list", "--json").json["campaigns"] == []


def test_another_operator_is_added_by_a_public_key_and_revoked(
    run: Run, office: Office, key: Path
) -> None:
    assert run("operator", "add", "anna").code == 0
    public = run("operator", "key", "--key", "bert.pem").stdout
    (office.folder / "bert.pub").write_text(public, encoding="utf-8")
    assert run("operator", "add", "bert", "--public", "bert.pub").code == 0
    assert run("operator", "revoke", "bert", "--reason", "has left").code == 0
    lines = run("operator", "list").stdout.splitlines()
    assert lines[0].startswith("anna  SHA-256 ")
    assert "by anna@signed-" in lines[1]
    assert lines[2].startswith("  revoked ")
    assert lines[2].endswith(": has left")
    assert key.exists()
    assert run("operator", "add", "carl", "--public", "bert.pem").code == 6
