"""Where decisions are signed, the console shows what to sign and takes the signature."""

from __future__ import annotations

import re
import shlex
from base64 import b64encode
from html import unescape
from typing import TYPE_CHECKING

import pytest
import webhook_books
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from console_stage import send
from hongbao.ledger.model.account import Role
from hongbao.ledger.model.approval import ApprovalPolicy
from hongbao.ledger.model.campaign import CampaignState
from hongbao.ledger.model.signature import SIGNED_FOR

if TYPE_CHECKING:
    import httpx

    from console_stage import ConsoleStage

ON = "/approvals/spring"
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


@pytest.fixture
def checker(console: ConsoleStage) -> httpx.Client:
    """A checker with a key, and a draft of a list whose decisions must be signed."""
    webhook_books.draft(console.book, "spring", 3, ApprovalPolicy(signed=True))
    client = console.client(Role.CHECKER)
    console.book.add_operator("checker", PUBLIC, by="root")
    return client


def ask(console: ConsoleStage, client: httpx.Client) -> dict[str, str]:
    """Begin to approve it; gives the form that wants a signature."""
    digest = console.book.standing("spring").campaign.digest.hex()
    page = send(client, f"{ON}/approve", on=ON, sum="3.00", digest=digest)
    assert page.status_code == 200
    form = {name: unescape(value) for name, value in _HIDDEN.findall(page.text)}
    [shown] = re.findall(r'<pre class="command">(.*?)</pre>', page.text, flags=re.DOTALL)
    assert shlex.split(unescape(shown)) == ["hongbao", "operator", "sign", form["statement"]]
    return form


def signed(statement: str, key: Ed25519PrivateKey = KEY) -> str:
    return b64encode(key.sign(statement.encode())).decode()


def bring(client: httpx.Client, form: dict[str, str], signature: str) -> httpx.Response:
    return client.post(f"{ON}/approve", data=form | {"signature": signature})


def state(console: ConsoleStage) -> CampaignState:
    return console.book.standing("spring").campaign.state


def test_what_is_signed_elsewhere_is_decided_once(
    console: ConsoleStage, checker: httpx.Client
) -> None:
    form = ask(console, checker)
    assert state(console) is CampaignState.DRAFT
    done = bring(checker, form, f" {signed(form['statement'])}\n")
    assert done.headers["location"] == "/campaigns/spring?done=approved"
    campaign = console.book.standing("spring").campaign
    assert (campaign.state, (campaign.approved_by or "").partition("-")[0]) == (
        CampaignState.APPROVED, "checker@signed",
    )  # fmt: skip
    assert not console.book.audit().findings
    again = ask_to_pause(checker)
    used = checker.post(
        "/campaigns/spring/pause",
        data=again | {"statement": form["statement"], "signature": signed(form["statement"])},
    )
    assert used.status_code == 403
    assert state(console) is CampaignState.APPROVED


def ask_to_pause(client: httpx.Client) -> dict[str, str]:
    page = send(client, "/campaigns/spring/pause", on="/campaigns/spring", reason="it's <lunch>")
    return {name: unescape(value) for name, value in _HIDDEN.findall(page.text)}


def test_a_signature_is_for_what_was_shown_and_by_its_own_key(
    console: ConsoleStage, checker: httpx.Client
) -> None:
    form = ask(console, checker)
    other = form["statement"].replace('"planned":300', '"planned":200')
    assert other != form["statement"]
    for statement, signature in (
        (form["statement"], ""), (form["statement"], "é"), (form["statement"], "c2lnbmVk"),
        (form["statement"], signed(form["statement"], Ed25519PrivateKey.generate())),
        (other, signed(other)), ("", signed("")),
    ):  # fmt: skip
        asked = ask(console, checker)
        answer = bring(checker, asked | {"statement": statement}, signature)
        assert answer.status_code == 403, signature
        assert state(console) is CampaignState.DRAFT


def test_a_signature_that_comes_too_late_decides_nothing(
    console: ConsoleStage, checker: httpx.Client
) -> None:
    form = ask(console, checker)
    late = form["statement"].replace(
        '"at":', '"at":-'
    )  # which nobody asked for; the time itself is the books'
    assert bring(checker, form | {"statement": late}, signed(late)).status_code == 403
    assert SIGNED_FOR == 600_000_000
    assert state(console) is CampaignState.DRAFT


def test_who_has_no_key_is_told_how_to_get_one(console: ConsoleStage) -> None:
    webhook_books.draft(console.book, "spring", 3, ApprovalPolicy(signed=True))
    digest = console.book.standing("spring").campaign.digest.hex()
    client = console.client(Role.CHECKER)
    page = send(client, f"{ON}/approve", on=ON, sum="3.00", digest=digest)
    assert page.status_code == 403
    assert "hongbao operator add" in page.text
