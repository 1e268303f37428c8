"""A list is judged by the rules of the payer's rail, whichever that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.errors import InvalidRequest
from hongbao.ledger.store.terms import content
from hongbao.rails.port import Issuer, Kind, RowFault
from hongbao.sentences import say
from list_maker import a_payer, check, csv_file, listed, problems_in, store, warned

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hongbao.campaign.payer import Payer
    from hongbao.ledger.book import Book
    from hongbao.money import Fen

COUPON = Kind(
    name="coupon", about="A coupon", spellings=("coupon", "优惠券"),
    issuer=Issuer.OFFICIAL_ACCOUNT, required=("remark",), optional=(),
)  # fmt: skip


class CouponRules:
    """Members have numbers, and a coupon is worth whole tens of yuan."""

    kind = COUPON
    is_payee = staticmethod(str.isdigit)

    def payee_fault(self, payee: str) -> str:
        """As the port says."""
        return f"is no member; found {len(payee)} characters"

    def typed(self, texts: Mapping[str, str]) -> dict[str, str | int]:
        """As the port says."""
        return {name: texts[name] for name in texts if name in self.kind.texts}

    def text_faults(
        self, people: int, texts: Mapping[str, str | int]
    ) -> tuple[list[RowFault], list[str]]:
        """As the port says."""
        if "remark" not in texts:
            return [RowFault("remark", "is missing")], []
        return [], ["a coupon cannot be taken back"]

    def amount_faults(
        self, amount: Fen, people: int, texts: Mapping[str, str | int]
    ) -> list[RowFault]:
        """As the port says."""
        what = say(
            "must be {rule}; found {found}", rule=say("{amount} fen", amount=1000), found=amount
        )
        return [RowFault("amount", what)] if amount % 1000 else []

    def check(self, payee: str, amount: Fen, people: int, texts: Mapping[str, str | int]) -> None:
        """Of no list."""
        raise InvalidRequest(field="key", rule="of a list", found="one payout")


def payer() -> Payer:
    return a_payer(rules={"coupon": CouponRules()}, texts={})


def test_what_a_row_must_be_is_said_by_the_rail(tmp_path: Path) -> None:
    lines = [
        "12,10.00,gift,",
        "ab,10.00,gift,",
        "13,9.99,gift,",
        "14,10.00,,",
        "15,10.00,gift,work",
    ]
    path = csv_file(tmp_path, listed(*lines, header="openid,amount,remark,kind"))
    found = check(path, payer=payer())
    assert problems_in(found) == [
        "row 3, openid: is no member; found 2 characters",
        "row 4, amount: must be 10.00 yuan; found 9.99 yuan",
        "row 5, remark: is missing",
        "row 6, kind: must be one of coupon; found 'work'",
    ]
    assert warned(found) == ["a coupon cannot be taken back (row 2)"]
    assert {kind: it.rows for kind, it in found.kinds.items()} == {"coupon": 1}


def test_what_a_rail_can_pay_is_stored_with_what_its_requests_say(
    tmp_path: Path, books: Book
) -> None:
    path = csv_file(tmp_path, listed("12,10.00,gift,优惠券", header="openid,amount,remark,kind"))
    store(path, books, payer=payer())
    [payout] = books.payouts_of("spring")
    assert (payout.kind, payout.payee, payout.amount) == ("coupon", "12", 1000)
    with books._database.reading() as connection:
        bodies = [body for (body,) in connection.exec_driver_sql("SELECT body FROM terms")]
    said = {"remark": "gift", "profile": "demo", "app_id": "wx00aa11bb22cc33dd"}
    assert bodies == [content(said)[0]]
