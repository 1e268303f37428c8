"""Decisions are signed by operators, each for itself, and whatever was signed otherwise shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import text

from desk import accepted, refused, windows
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.audits.audit_report import FindingCode
from hongbao.ledger.model.approval import ApprovalPolicy
from hongbao.ledger.model.campaign import CampaignState, Plan
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.mandate import Mandate
from hongbao.ledger.model.signature import (
    AskingSigner,
    GivenSignature,
    OperatorDecision,
    SignatureWanted,
    read_statement,
)

if TYPE_CHECKING:
    from desk import Desk
    from hongbao.ledger.book import Book

SIGNED = ApprovalPolicy(signed=True)


class Pen:
    """An operator's key; ``forge`` changes what it gives back."""

    def __init__(self, forge: Callable[[bytes], bytes] = bytes) -> None:
        self._key = Ed25519PrivateKey.generate()
        self.forge = forge
        self.said: list[bytes] = []
        self.given: list[bytes] = []

    @property
    def public(self) -> bytes:
        """As of a ``Signer``."""
        return self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, statement: bytes, /) -> bytes:
        """As of a ``Signer``, but for what is forged."""
        self.said.append(statement)
        self.given.append(self._key.sign(statement))
        return self.forge(self.given[-1])


def signing(desk: Desk, pen: Pen, name: str = "anna") -> Book:
    """The books, where this operator signs whatever is decided, and must."""
    desk.book.add_operator(name, pen.public, by="root@server")
    return desk.book.deciding(signer=pen, required=True)


def unsigned(act: Callable[[], object]) -> LedgerError:
    with pytest.raises(LedgerError) as caught:
        act()
    assert caught.value.code is LedgerCode.UNSIGNED
    return caught.value


def findings(desk: Desk) -> list[str]:
    report = desk.book.audit()
    assert all(it.code in {FindingCode.SIGNATURE, FindingCode.SCHEMA} for it in report.findings)
    return [str(it) for it in report.findings if it.code is FindingCode.SIGNATURE]


def test_an_approval_is_signed_with_its_digest_count_sum_and_time(desk: Desk) -> None:
    pen = Pen()
    book = signing(desk, pen)
    draft = desk.draft(3)
    approved = book.approve("spring", digest=draft.digest, by="nobody asks")
    [statement] = pen.said
    said = read_statement(statement.decode())
    assert len(bytes.fromhex(said.pop("nonce"))) == 16
    assert said == {
        "form": "hongbao decision 1", "what": "approve", "campaign": "spring", "by": "anna",
        "at": approved.approved_at, "digest": draft.digest.hex(), "rows": 3, "planned": 300,
    }  # fmt: skip
    assert approved.approved_by is not None
    assert approved.approved_by.startswith("anna@signed-")
    assert findings(desk) == []


def test_every_decision_of_a_person_is_signed_and_the_audit_finds_each_fit(desk: Desk) -> None:
    pen = Pen()
    book = signing(desk, pen)
    draft = desk.draft(5)
    book.reject("spring", by="-", reason="wrong greeting")
    book.withdraw_approval("spring", by="-", reason="it is right")
    book.approve("spring", digest=draft.digest, by="-")
    book.withdraw_approval("spring", by="-", reason="too early")
    book.schedule("spring", at=desk.clock.now + 10, by="-")
    book.approve("spring", digest=draft.digest, by="-")
    book.resume("spring", by="-")
    one, two, three, *_ = desk.jobs(3)
    desk.record((one, refused(one)), (two, refused(two)), (three, accepted(three)))
    found = book.retry_plan("spring")
    book.retry("spring", expected=found.again, by="-", reason="they asked")
    waiting = [it.id for it in desk.payouts() if it.state == "waiting"]
    book.cancel_payout(waiting[-1], by="-", reason="left us")
    book.send_now(waiting[0], by="-")
    book.pause("spring", by="-", reason="lunch")
    book.stop_all(by="-", reason="fire")
    book.resume_all(by="-")
    book.set_limits("1900012345", "redpack", PayerLimits(day_amount_max=5), by="-", policy=SIGNED)
    book.cancel("spring", by="-", reason="over")
    desk.draft(1, name="autumn")
    book.replace(plan(desk, "autumn"), by="-", reason="another list")
    mandate = Mandate(total=1000, day_amount=1000, day_count=10, largest=100)
    book.stand(plan(desk, "orders", mandate=mandate), by="-")
    assert {read_statement(it.decode())["what"] for it in pen.said} >= {
        "approve", "reject", "withdraw approval", "schedule", "resume", "retry", "cancel payout",
        "send now", "pause", "stop all", "resume all", "merchant set", "cancel", "replace",
        "begin standing",
    }  # fmt: skip
    assert findings(desk) == []


def plan(desk: Desk, name: str, mandate: Mandate | None = None) -> Plan:
    return Plan(
        name=name, channel_id=desk.channel(), profile="demo",
        budget=None if mandate is None else mandate.total,
        source="list.csv", source_digest=bytes(32), mandate=mandate, policy=SIGNED,
    )  # fmt: skip


def test_without_a_signature_nothing_is_decided_where_the_settings_want_one(desk: Desk) -> None:
    book = desk.book.deciding(signer=None, required=True)
    draft = desk.draft()
    unsigned(lambda: book.approve("spring", digest=draft.digest, by="anna"))
    unsigned(lambda: book.stop_all(by="anna", reason="fire"))
    assert desk.book.standing("spring").campaign.state is CampaignState.DRAFT


def test_a_campaign_stored_under_such_settings_wants_signatures_whatever_is_said_later(
    desk: Desk,
) -> None:
    desk.book.begin_import(plan(desk, "spring"), by="anna")
    unsigned(lambda: desk.book.cancel("spring", by="anna", reason="no key at hand"))
    book = signing(desk, Pen())
    assert book.cancel("spring", by="-", reason="over").state is CampaignState.CANCELLED


@pytest.mark.parametrize(
    "forge",
    [
        lambda real: real[:-1] + bytes([real[-1] ^ 1]),
        lambda _: Ed25519PrivateKey.generate().sign(b"anything"),
        lambda real: real[:-1],
        lambda _: b"",
    ],
    ids=["a bit is another", "another's key", "too short", "none"],
)
def test_a_forged_signature_is_refused(desk: Desk, forge: Callable[[bytes], bytes]) -> None:
    book = signing(desk, Pen(forge))
    draft = desk.draft()
    unsigned(lambda: book.approve("spring", digest=draft.digest, by="-"))
    assert desk.book.standing("spring").campaign.state is CampaignState.DRAFT
    assert findings(desk) == []


def test_a_signature_is_good_once(desk: Desk) -> None:
    """Even for the same decision about the same rows at the same time."""
    pen = Pen()
    book = signing(desk, pen)
    draft = desk.draft()
    book.reject("spring", by="-", reason="wrong greeting")
    book.withdraw_approval("spring", by="-", reason="it is right")
    book.approve("spring", digest=draft.digest, by="-")
    book.withdraw_approval("spring", by="-", reason="too early")
    pen.forge = lambda _: pen.given[0]
    unsigned(lambda: book.approve("spring", digest=draft.digest, by="-"))
    assert desk.book.standing("spring").campaign.state is CampaignState.DRAFT


def test_whose_key_nobody_knows_or_was_revoked_decides_nothing(desk: Desk) -> None:
    draft = desk.draft()
    anna, bert = Pen(), Pen()
    book = signing(desk, anna)
    with_bert = desk.book.deciding(signer=bert, required=False)
    problem = unsigned(lambda: with_bert.approve("spring", digest=draft.digest, by="anna"))
    assert "nobody with this key" in problem.problem
    unsigned(lambda: desk.book.add_operator("bert", bert.public, by="root@server"))
    book.add_operator("bert", bert.public, by="-")
    book.revoke_operator("bert", by="-", reason="left us")
    problem = unsigned(lambda: with_bert.approve("spring", digest=draft.digest, by="anna"))
    assert "revoked" in problem.problem
    with pytest.raises(LedgerError, match="never used again"):
        book.add_operator("carl", bert.public, by="-")
    assert findings(desk) == []


def test_who_signs_that_they_are_an_operator_no_more_leaves_no_finding(desk: Desk) -> None:
    anna, bert = Pen(), Pen()
    signing(desk, anna).add_operator("bert", bert.public, by="-")
    with_bert = desk.book.deciding(signer=bert, required=True)
    with_bert.revoke_operator("bert", by="-", reason="leaves")
    assert findings(desk) == []
    with pytest.raises(LedgerError, match="was revoked by"):
        with_bert.revoke_operator("anna", by="-", reason="takes her along")
    assert findings(desk) == []


def test_a_name_in_other_letters_is_the_same_and_is_named_as_it_was(desk: Desk) -> None:
    anna, other = Pen(), Pen()
    book = signing(desk, anna)
    with pytest.raises(LedgerError, match="operator anna already"):
        book.add_operator("Anna", other.public, by="-")
    two = ApprovalPolicy(approvers=2)
    draft = desk.draft()
    desk.book.approve("spring", digest=draft.digest, by="Li", policy=two)
    with pytest.raises(LedgerError, match="approved by Li already"):
        desk.book.approve("spring", digest=draft.digest, by="lI@elsewhere", policy=two)


def test_a_line_of_brackets_in_brackets_says_nothing() -> None:
    assert read_statement("[" * 100_000) == {}


def test_two_operators_approve_and_one_cannot_be_two(desk: Desk) -> None:
    two = ApprovalPolicy(approvers=2, signed=True)
    anna, bert = Pen(), Pen()
    with_anna = signing(desk, anna, "olga")
    with_anna.add_operator("bert", bert.public, by="-")
    draft = desk.draft()
    with_anna.approve("spring", digest=draft.digest, by="-", policy=two)
    with pytest.raises(LedgerError) as caught:
        with_anna.approve("spring", digest=draft.digest, by="bert", policy=two)
    assert caught.value.code is LedgerCode.SAME_PERSON
    with_bert = desk.book.deciding(signer=bert, required=True)
    approved = with_bert.approve("spring", digest=draft.digest, by="-", policy=two)
    assert approved.state is CampaignState.APPROVED
    assert findings(desk) == []


def test_the_database_refuses_an_unsigned_approval_and_changes_of_what_was_signed(
    desk: Desk,
) -> None:
    book = signing(desk, Pen())
    book.stand(plan(desk, "orders", Mandate(total=9, day_amount=9, day_count=9, largest=9)), by="-")
    for statement in (
        "UPDATE campaign SET approved_at = 1, approved_by = 'anna', approved_digest = digest",
        "UPDATE campaign SET signed = false",
        "UPDATE operator SET name = 'bert'",
        "DELETE FROM signature",
        "UPDATE signature SET statement = ''",
    ):
        with pytest.raises(LedgerError), desk.transaction() as connection:
            connection.execute(text(statement))


def test_the_audit_finds_a_decision_whose_signature_does_not_fit(desk: Desk) -> None:
    pen = Pen()
    book = signing(desk, pen)
    draft = desk.draft()
    book.approve("spring", digest=draft.digest, by="-")
    book.pause("spring", by="-", reason="lunch")
    signed = desk.book.decisions("spring")[-1].actor
    desk.book.resume("spring", by=signed)  # whoever writes into the books can write any name
    nobody = f"anna@signed-{'0' * 32}"
    desk.book.pause("spring", by=nobody, reason="-")
    desk.clock.pass_(1)
    desk.draft(name="autumn")
    desk.book.approve("autumn", digest=desk.book.standing("autumn").campaign.digest, by=signed)
    assert findings(desk) == [
        "signature: campaign spring, started: anna has signed 'pause', which is something else",
        "signature: campaign spring, resumed: anna has signed 'pause', which is something else",
        f"signature: campaign spring, paused: nobody has signed it, whatever {nobody} says",
        "signature: campaign autumn, approved: anna has signed 'pause', which is something else",
    ]


def test_the_audit_finds_an_operator_whom_nobody_has_signed(desk: Desk) -> None:
    signing(desk, Pen())
    with desk.transaction() as connection:
        connection.execute(
            text(
                "INSERT INTO operator (id, name, public, added_at, added_by)"
                " VALUES (7, 'mallory', :key, 1, 'anna@signed-00000000000000000000000000000000')"
            ),
            {"key": Pen().public},
        )
    assert findings(desk) == [
        "signature: operator mallory: no other operator has signed that it is one"
    ]


def test_a_statement_is_one_line_that_says_what_it_is() -> None:
    said = OperatorDecision(what="pause", campaign="春节", facts={"reason": "a\nb"})
    line = said.statement(by="anna", at=5, nonce="00")
    assert line == (
        '{"at":5,"by":"anna","campaign":"春节","form":"hongbao decision 1","nonce":"00",'
        '"reason":"a\\nb","what":"pause"}'
    )


def test_reopening_and_declaring_dead_are_signed(desk: Desk) -> None:
    pen = Pen()
    book = signing(desk, pen)
    desk.campaign(1)
    [job] = desk.jobs(1)
    desk.record((job, refused(job)))
    book.reopen(job.payout.id, by="-", reason="they asked", windows=windows)
    assert read_statement(pen.said[-1].decode())["payout"] == job.payout.id
    assert findings(desk) == []


def test_a_signature_that_is_made_elsewhere_holds_for_ten_minutes_and_once(desk: Desk) -> None:
    pen = Pen()
    signing(desk, pen)
    draft = desk.draft()

    def ask() -> str:
        asking = desk.book.deciding(signer=AskingSigner(pen.public), required=True)
        with pytest.raises(SignatureWanted) as caught:
            asking.approve("spring", digest=draft.digest, by="-")
        return caught.value.statement

    def bring(statement: str) -> Book:
        given = GivenSignature(pen.public, statement, pen.sign(statement.encode()))
        return desk.book.deciding(signer=given, required=True)

    late = bring(ask())
    desk.clock.pass_(601)
    assert (
        "too long ago"
        in unsigned(lambda: late.approve("spring", digest=draft.digest, by="-")).problem
    )
    book = bring(ask())
    desk.clock.pass_(599)
    assert (
        "not what was signed" in unsigned(lambda: book.reject("spring", by="-", reason="x")).problem
    )
    assert book.approve("spring", digest=draft.digest, by="-").state is CampaignState.APPROVED
    assert findings(desk) == []
