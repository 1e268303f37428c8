"""The call that brings a fund-flow bill, for ``flows``, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from hongbao.client.bill_file import FileCall
from hongbao.client.redpack import CERTIFICATE_PAGES
from hongbao.sentences import say
from hongbao.wire.bill.body import BillBody
from hongbao.wire.bill.reader import MalformedBill
from hongbao.wire.bill.request import NoBillReason, encode, unavailable, unknown, untrusted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from os import PathLike
    from pathlib import Path

    from hongbao.client.transport import HttpResponse, Method, SentHeaders
    from hongbao.errors import HongbaoError
    from hongbao.wire.bill.body import DigestOf
    from hongbao.wire.bill.request import BillAccount, FundFlow
    from hongbao.wire.codec import PayingMerchant

_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A bill that is in a file, as WeChat sent it, but unpacked.

    Attributes:
        bill_date: the day in Beijing.
        account: whose movements.
        path: the file.
        plain_bytes: its size.
        sha256: of it, in hex. Equal bytes are the same bill: it never changes once it is made.
        compressed: whether it came as gzip.
        digest_of: which bytes WeChat's own SHA-1 agreed with; None if WeChat gave none.
    """

    bill_date: date
    account: BillAccount
    path: Path
    plain_bytes: int
    sha256: str
    compressed: bool
    digest_of: DigestOf | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoBill:
    """There is none, and that is no fault. Nothing was written.

    Attributes:
        bill_date: the day in Beijing.
        account: whose movements.
        why: nothing moved, or it is not made yet: ask again from 10:00 on, every half hour.
    """

    bill_date: date
    account: BillAccount
    why: NoBillReason


FundFlowAnswer: TypeAlias = Bill | NoBill


class FundFlowCall(FileCall["FundFlowAnswer"]):
    """A ``flows.Encoded`` of a bill. Its body is taken as it comes, and may come again.

    Args:
        asked: which bill.
        merchant: whose.
        nonce: of the request.
        path: where the bill goes.
    """

    method: ClassVar[Method] = "POST"
    headers: ClassVar[SentHeaders] = (
        ("Accept", "*/*"),
        ("Content-Type", "text/xml; charset=utf-8"),
    )
    moves_money: ClassVar[bool] = False
    body: bytes = b""  # of each its own

    def __init__(
        self, asked: FundFlow, merchant: PayingMerchant, *, nonce: str, path: str | PathLike[str]
    ) -> None:
        super().__init__(path)
        self._asked = asked
        self._merchant = merchant
        self._body = BillBody()
        self.body = encode(asked, merchant, nonce=nonce)

    @property
    def number(self) -> str:
        """As ``flows.Encoded``."""
        return self._asked.mch_billno

    @property
    def name(self) -> str:
        """As ``flows.Encoded``."""
        return self._asked.ENDPOINT.name

    @property
    def path(self) -> str:
        """As ``flows.Encoded``."""
        return self._asked.ENDPOINT.path

    def read(self, response: HttpResponse) -> FundFlowAnswer:
        """As ``flows.Encoded``; the body was taken before. ``keep`` makes a file of a ``Bill``."""
        asked = self._asked
        try:
            self._write(self._body.end())
        except MalformedBill as error:
            if response.status == _OK:
                raise self._malformed(error) from error
        except OSError as error:
            raise self._unwritten(error) from error
        document = self._body.document
        if response.status != _OK:
            for text, err_code in CERTIFICATE_PAGES:
                if text in document:
                    raise unknown(asked, err_code, err_code, text.decode())
            raise unknown(asked, say("HTTP {status}", status=response.status))
        if document:
            why = unavailable(document, asked, self._merchant)
            return NoBill(bill_date=asked.bill_date, account=asked.of_account, why=why)
        try:
            facts = self._body.facts(response.header("Digest"))
        except MalformedBill as error:
            raise untrusted(
                asked, say("the bill is not as it was sent: {error}", error=error)
            ) from error
        return Bill(
            bill_date=asked.bill_date, account=asked.of_account, path=self.file, **facts._asdict()
        )

    def certificate_refused(self, alert: str) -> HongbaoError:
        """As ``flows.Encoded``."""
        code = "TLS_CERTIFICATE_ALERT"
        return unknown(self._asked, f"{code}: {alert}", code, alert)

    def _restart(self) -> None:
        self._body = BillBody()

    def _read(self, piece: bytes) -> Iterable[bytes]:
        return self._body.take(piece)

    def _malformed(self, error: MalformedBill) -> HongbaoError:
        return untrusted(self._asked, say("what came is no bill: {error}", error=error))
