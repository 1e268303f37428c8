"""A file behind a link that WeChat gave: its reply is not signed, so that its hash vouches for it.

The link is used as it stands: WeChat says that its host and path may change.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Protocol, TypeVar

from hongbao.client.bill_file import FileCall
from hongbao.client.payer_checks import split_link
from hongbao.errors import OutcomeUnknown, UntrustedReply
from hongbao.sentences import say
from hongbao.wire.bill.body import BillBody
from hongbao.wire.bill.reader import MalformedBill
from hongbao.wire.transfer.preparing import authorization_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from os import PathLike
    from pathlib import Path

    from hongbao.client.transport import HttpResponse, Method, Origin, SentHeaders
    from hongbao.errors import HongbaoError
    from hongbao.wire.bill.body import BodyFacts
    from hongbao.wire.transfer.preparing import TransferPayer
    from hongbao.wire.transfer.replies import BillLink, ElectronicReceipt

FactsT_co = TypeVar("FactsT_co", covariant=True)
FactsT = TypeVar("FactsT")

ADVICE = say("No money hangs on this call: ask for the link again, then fetch it.")
_OK = 200
_HASHES = {"SHA256": "sha256", "SM3": "sm3"}


class Link(NamedTuple):
    """Where a file is.

    Attributes:
        url: as WeChat gave it.
        number: of the order, or what stands for one.
        name: of the call.
    """

    url: str
    number: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFile:
    """An electronic receipt that is in a file, as WeChat sent it.

    Attributes:
        path: the file, a PDF.
        hash_type: which hash agreed.
        hash_value: in hex.
    """

    path: Path
    hash_type: str
    hash_value: str


class FileContent(Protocol[FactsT_co]):
    """What a file must be. Each of its methods may raise ``MalformedBill``."""

    def begin(self) -> None:
        """It comes, perhaps again."""
        ...

    def take(self, piece: bytes) -> Iterable[bytes]:
        """A piece as it came; what is written of it."""
        ...

    def end(self) -> Iterable[bytes]:
        """It is whole; what is still to be written."""
        ...

    def facts(self) -> FactsT_co:
        """What is known of it, if it is what WeChat said that it is."""
        ...


class ReceiptContent:
    """A ``FileContent`` whose bytes have the hash that the receipt says."""

    def __init__(self, receipt: ElectronicReceipt) -> None:
        self._receipt = receipt
        self._hash = hashlib.new(self._algorithm or "sha256")

    def begin(self) -> None:
        """As ``FileContent``."""
        self._hash = hashlib.new(self._algorithm or "sha256")

    def take(self, piece: bytes) -> Iterator[bytes]:
        """As ``FileContent``."""
        self._hash.update(piece)
        yield piece

    def end(self) -> Iterator[bytes]:
        """As ``FileContent``."""
        return iter(())

    def facts(self) -> str:
        """As ``FileContent``: its hash."""
        if self._algorithm is None:
            raise MalformedBill(
                say("its {value} cannot be made here", value=self._receipt.hash_type[:16])
            )
        found = self._hash.hexdigest()
        if not hmac.compare_digest(found.encode(), self._receipt.hash_value.lower().encode()):
            raise MalformedBill(
                say("its {hash_type} is another one", hash_type=self._receipt.hash_type)
            )
        return found

    @property
    def _algorithm(self) -> str | None:
        name = _HASHES.get(self._receipt.hash_type.upper().replace("-", ""))
        return name if name in hashlib.algorithms_available else None


class BillContent:
    """A ``FileContent`` that is a fund-flow bill, perhaps in gzip, with the SHA-1 of its link."""

    def __init__(self, link: BillLink) -> None:
        self._link = link
        self._body = BillBody()

    def begin(self) -> None:
        """As ``FileContent``."""
        self._body = BillBody()

    def take(self, piece: bytes) -> Iterable[bytes]:
        """As ``FileContent``."""
        return self._body.take(piece)

    def end(self) -> Iterable[bytes]:
        """As ``FileContent``."""
        yield from self._body.end()
        if self._body.document:
            raise MalformedBill(say("it is a document"))

    def facts(self) -> BodyFacts:
        """As ``FileContent``."""
        if self._link.hash_type.upper().replace("-", "") != "SHA1":
            raise MalformedBill(say("its hash_type is not SHA1"))
        return self._body.facts(f"SHA1={self._link.hash_value}")


class LinkedFileCall(FileCall[FactsT]):
    """A ``flows.Encoded`` of a file. Its body is taken as it comes, and may come again.

    Args:
        link: where it is.
        payer: who asks for it.
        nonce: of the request.
        timestamp: seconds since the epoch.
        to: where it goes.
        content: what it must be.

    Attributes:
        origin: where the link goes.

    Raises:
        UntrustedReply: the link is none.
    """

    method: ClassVar[Method] = "GET"
    moves_money: ClassVar[bool] = False
    body: ClassVar[bytes] = b""
    path: str = ""  # of each its own
    headers: SentHeaders = ()

    def __init__(
        self,
        link: Link,
        payer: TransferPayer,
        *,
        nonce: str,
        timestamp: int,
        to: str | PathLike[str],
        content: FileContent[FactsT],
    ) -> None:
        super().__init__(to)
        self._link = link
        self._content = content
        found = split_link(link.url)
        if found is None:
            raise self._untrusted(say("its download_url is no https link"))
        self.origin, self.path = found
        signed = authorization_of("GET", self.path, b"", payer, nonce=nonce, timestamp=timestamp)
        self.headers = (("Authorization", signed), ("Accept", "*/*"))

    @property
    def number(self) -> str:
        """As ``flows.Encoded``."""
        return self._link.number

    @property
    def name(self) -> str:
        """As ``flows.Encoded``."""
        return self._link.name

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Where it is asked for: of a link there is no second host."""
        return (self.origin,)

    def read(self, response: HttpResponse) -> FactsT:
        """As ``flows.Encoded``; the body was taken before. ``keep`` makes a file of it."""
        if response.status != _OK:
            raise self._unknown(say("HTTP {status}", status=response.status))
        try:
            self._write(self._content.end())
            return self._content.facts()
        except MalformedBill as error:
            raise self._untrusted(
                say("the file is not as it was sent: {error}", error=error)
            ) from error
        except OSError as error:
            raise self._unwritten(error) from error

    def certificate_refused(self, alert: str) -> HongbaoError:
        """As ``flows.Encoded``."""
        return self._unknown(f"TLS alert: {alert}")

    def _restart(self) -> None:
        self._content.begin()

    def _read(self, piece: bytes) -> Iterable[bytes]:
        return self._content.take(piece)

    def _malformed(self, error: MalformedBill) -> HongbaoError:
        return self._untrusted(say("what came is not the file: {error}", error=error))

    def _untrusted(self, why: str) -> UntrustedReply:
        return UntrustedReply(mch_billno=self.number, endpoint=self.name, why=why, advice=ADVICE)

    def _unknown(self, why: str) -> OutcomeUnknown:
        return OutcomeUnknown(mch_billno=self.number, endpoint=self.name, why=why, advice=ADVICE)
