"""Which keys the books have already, and what is told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desk import accepted, postponed
from hongbao.errors import InvalidRequest, KeyReused, LedgerError
from hongbao.ledger.model.campaign import (
    Entry,
    Plan,
)
from hongbao.ledger.model.known import Known
from hongbao.ledger.model.payout import State

if TYPE_CHECKING:
    from desk import Desk
    from hongbao.ledger.model.known import Submitted

OTHER_CONTENT = {
    "kind": "group", "payee": "oOTHER0000009", "amount": 250, "people": 3,
    "wishing": "新年快乐", "remark": "hi",
}  # fmt: skip


def entry(desk: Desk, key: str, **changes: object) -> Entry:
    """What ``Desk.draft`` stores of its first row under this key, but for some changes."""
    facts: dict[str, object] = {
        "kind": "normal", "payee": "oUSER_spring_0", "amount": 100, "people": 1,
        "wishing": "恭喜发财",
    } | changes  # fmt: skip
    terms = {name: facts.pop(name) for name in ("wishing", "remark") if name in facts}
    [terms_id] = desk.book.terms([{name: str(text) for name, text in terms.items()}])
    return Entry(key=key, terms_id=terms_id, **facts)  # type: ignore[arg-type] # by name


def put(desk: Desk, *rows: Entry, name: str = "summer") -> Submitted:
    """Rows in another campaign."""
    plan = Plan(
        name=name, channel_id=desk.channel(), profile="demo", budget=None, source="other.csv",
        source_digest=bytes(32),
    )  # fmt: skip
    return desk.book.submit(desk.book.begin_import(plan, by="bert").id, [list(rows)], by="bert")


def test_a_known_key_says_which_payout_has_it(desk: Desk) -> None:
    campaign = desk.campaign(2)
    [job] = desk.jobs(1)
    desk.record((job, accepted(job)))
    one, two = desk.payouts()
    new, second, first = desk.known(
        campaign.merchant_id,
        [
            entry(desk, "new"),
            entry(desk, "spring/1", payee="oUSER_spring_1"),
            entry(desk, "spring/0"),
        ],
    )
    assert (new, second, first) == (
        None,
        *(
            Known(
                payout_id=payout.id, campaign_id=campaign.id, state=state, differences=(),
                free=False,
            )
            for payout, state in ((two, State.WAITING), (one, State.SENT))
        ),
    )  # fmt: skip


def test_all_that_differs_is_told_and_who_was_to_be_paid_is_masked(desk: Desk) -> None:
    campaign = desk.draft()
    [known] = desk.known(campaign.merchant_id, [entry(desk, "spring/0", **OTHER_CONTENT)])
    assert known is not None
    assert not known.free
    assert known.differences == (
        ("kind", "normal", "group"),
        ("payee", "oUSE…ng_0", "oOTH…0009"),
        ("amount", "100", "250"),
        ("people", "1", "3"),
        ("remark", "None", "hi"),
        ("wishing", "恭喜发财", "新年快乐"),
    )


def test_terms_that_are_the_same_are_no_difference(desk: Desk) -> None:
    campaign = desk.draft()
    with_more = entry(desk, "spring/0", remark="hi")
    [known] = desk.known(campaign.merchant_id, [with_more])
    assert known is not None
    assert known.differences == (("remark", "None", "hi"),)


def test_a_freed_key_is_reported_as_free_whatever_comes_under_it(desk: Desk) -> None:
    campaign = desk.draft(2)
    desk.book.cancel("spring", by="anna", reason="typo")
    [known] = desk.known(campaign.merchant_id, [entry(desk, "spring/0", **OTHER_CONTENT)])
    assert known is not None
    assert (known.free, known.state, known.differences) == (True, State.CANCELLED, ())


def test_a_key_that_a_call_was_made_with_is_not_free(desk: Desk) -> None:
    campaign = desk.campaign()
    [job] = desk.jobs()
    desk.record((job, postponed(job, after=60)))
    desk.book.cancel("spring", by="anna", reason="enough")
    [known] = desk.known(campaign.merchant_id, [entry(desk, "spring/0")])
    assert known is not None
    assert not known.free


def test_other_terms_under_a_stored_key_are_refused_field_by_field(desk: Desk) -> None:
    desk.draft()
    with pytest.raises(KeyReused) as refusal:
        put(desk, entry(desk, "spring/0", wishing="新年快乐"))
    assert refusal.value.differences == (("wishing", "恭喜发财", "新年快乐"),)


def test_other_terms_under_a_key_that_comes_twice_are_refused_field_by_field(desk: Desk) -> None:
    with pytest.raises(KeyReused) as refusal:
        put(desk, entry(desk, "twice"), entry(desk, "twice", remark="hi"))
    assert refusal.value.differences == (("remark", "None", "hi"),)


def test_a_key_out_of_its_normal_form_is_refused_with_the_rule_and_not_shown(desk: Desk) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        put(desk, entry(desk, " secret"))
    assert (refusal.value.field, refusal.value.rule, refusal.value.found) == (
        "key",
        "in its normal form: see hongbao.business_key",
        "one with blanks around it, or in other characters",
    )


def test_a_merchant_that_the_books_do_not_have_is_named(desk: Desk) -> None:
    with pytest.raises(LedgerError) as refusal:
        desk.known(77, [entry(desk, "a")])
    assert refusal.value.problem == "the books have no merchant with the id 77"
    assert refusal.value.remedy == "Set one of its channels first."
