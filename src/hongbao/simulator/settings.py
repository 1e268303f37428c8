"""Settings of a world, for what no source settles about WeChat or what differs between accounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from hongbao.wire.assumptions import TextLimits

if TYPE_CHECKING:
    from collections.abc import Mapping


class RepeatOfPaid(StrEnum):
    """How the same number with the same content is answered once it is paid.

    Either way nothing is paid twice.
    """

    SUCCESS = "success"
    """As the first time: what the official page says."""
    REFUSE = "refuse"
    """Refused, as WeChat's staff said in 2019.

    No source names the code. FATAL_ERROR is used because, of all codes for a repeat, only it is
    documented to mean that an order exists, may have been paid, and should be queried. SEND_FAILED
    and PARAM_ERROR would tell a caller that nothing was paid.
    """


class AmountMismatch(StrEnum):
    """The err_code of the same number with another amount."""

    PHRASE = "金额和原始单参数不一致"
    """This phrase is the code, as on the pages of 2017.

    It is documented for normal and group packets; the other calls answer FATAL_ERROR.
    """
    PARAM_ERROR = "PARAM_ERROR"
    """As the advice of newer pages suggests."""


class BadWorkSign(StrEnum):
    """The err_code of a wrong ``workwx_sign``."""

    WORKWX_SIGN_ERROR = "WORKWX_SIGN_ERROR"
    """As one user reported."""
    SIGN_ERROR = "SIGN_ERROR"
    """As in the official table."""
    SYSTEMERROR = "SYSTEMERROR"
    """As other users reported: a permanent fault that looks like a temporary one."""


class RefusalShape(StrEnum):
    """The other fields of a refusal, besides its ``err_code``."""

    SUCCESS = "success"
    """``return_code`` SUCCESS, ``result_code`` FAIL, and the request's fields are echoed."""
    FAIL = "fail"
    """Both FAIL, and the request's fields are echoed."""
    BARE = "bare"
    """Both FAIL, and nothing is echoed."""
    ZEROS = "zeros"
    """Both FAIL, with 0 for ``mch_id`` and ``total_amount``: the request could not be read."""


class ContentType(StrEnum):
    """The ``Content-Type`` of replies in XML. Some SDKs read the body by it."""

    TEXT_PLAIN = "text/plain"
    TEXT_XML = "text/xml"
    NONE = ""
    """The header is left out."""


class NotFoundAs(StrEnum):
    """The reply to a query for a number that does not exist."""

    NOT_FOUND = "NOT_FOUND"
    """As in the table of codes, and as a merchant logged it."""
    SYSTEMERROR = "SYSTEMERROR"
    """As in the official sample: both FAIL, with the text of NOT_FOUND.

    It differs from a busy system only in the text.
    """


class ExpiredCertificate(StrEnum):
    """How an expired merchant certificate is refused."""

    CA_ERROR = "CA_ERROR"
    """In XML, as a service provider logged it in 2019."""
    PAGE = "page"
    """By nginx's page of HTTP 400, as for a certificate that is not trusted."""


class BillNumber(StrEnum):
    """The 微信支付业务单号 of a red packet's row in a bill; no public bill has such a row."""

    OWN = "own"
    """A number that no reply names, so that nobody comes to rely on another."""
    SEND_LISTID = "send_listid"
    """WeChat's order number, as replies name it."""


class BillDigest(StrEnum):
    """Of which bytes the header ``Digest`` of a bill has the SHA-1; no page says."""

    PLAIN = "plain"
    COMPRESSED = "compressed"
    """As they are sent: the same without gzip."""
    NONE = "none"
    """There is no such header."""


class CancelRace(StrEnum):
    """Who wins if a user confirms a transfer while it is being taken back; no source says."""

    CANCEL = "cancel"
    """The page is closed at once."""
    USER = "user"
    """The user gets the money."""


class LowBalance(StrEnum):
    """How a transfer is answered that the balance is too low for."""

    PROCESSING = "processing"
    """Taken: it stays PROCESSING, and goes on when the balance is there."""
    NOT_ENOUGH = "not_enough"
    """Refused with NOT_ENOUGH, and nothing is left of it."""
    HELD = "held"
    """Refused with NOT_ENOUGH, but WeChat goes on with it when the balance is there."""


class NameCompared(StrEnum):
    """What of ``user_name`` a repeat must have unchanged; no source says."""

    SEALED = "sealed"
    """The bytes: a name that is sealed anew is other content."""
    PLAIN = "plain"
    """The name."""


class NoCertificates(StrEnum):
    """How a merchant with the public key alone is answered who asks for certificates."""

    NOT_FOUND = "not_found"
    """404, RESOURCE_NOT_EXISTS."""
    EMPTY = "empty"
    """200, with an empty list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a world behaves. Times are seconds, amounts fen.

    Attributes:
        strict_openids: whether an openid must be registered. Otherwise it is refused only if it is
            registered under other appids alone, or starts with ``FOREIGN_PREFIX``.
        repeat_of_paid: see ``RepeatOfPaid``.
        amount_mismatch: see ``AmountMismatch``.
        bad_work_sign: see ``BadWorkSign``.
        refusal_shapes: by ``err_code``, where they shall differ from ``REFUSAL_SHAPES``.
        content_type: see ``ContentType``.
        not_found_as: see ``NotFoundAs``.
        expired_certificate: see ``ExpiredCertificate``.
        mini_program_client_ip: whether sendminiprogramhb knows ``client_ip``. If not, signing one
            gives SIGN_ERROR.
        client_ip_required: whether sendredpack requires a ``client_ip``.
        text_limits: see ``TextLimits``.
        same_number_seconds: the least time between two sends of one number; 0 for none. A send
            that comes sooner is refused with FREQ_LIMIT and changes nothing. The official page
            asks for 1 second; no source says how an earlier send is answered.
        refusals_held: by ``err_code``, whether a refused new number is held as an order that a
            repeat may pay, where that shall differ from ``rules``.
        order_lifetime_seconds: how long a refused order can still be paid; then it is FAILED.
            Both 24 hours and 3 days have been reported.
        claim_seconds: how long a packet can be claimed after sending; then the rest goes back.
        ticket_seconds: the same for a preorder.
        refund_seconds: how long a refund takes: RFUND_ING, then REFUND.
        query_seconds: how long a query answers after the first call; then it says NOT_FOUND.
        group_people_max: the most people of a group packet.
        group_amount_max: the greatest total of a group packet.
        packets_max: how many packets all merchants may have; further orders are answered
            SYSTEMERROR. It stops a runaway loop: each packet takes about 1 KB of memory.
        bill_ready_seconds: when a day's bill can be had, from the next 0:00 on.
        bill_days: how many days back bills can be had. Three months by the official page.
        bill_sent_name: 业务名称 of a packet that was paid for. These four are guesses: no public
            bill has such a row.
        bill_sent_kind: its 业务类型.
        bill_returned_name: 业务名称 of money that came back.
        bill_returned_kind: its 业务类型.
        bill_business_number: see ``BillNumber``.
        bill_digest: see ``BillDigest``.
        bill_decimal_counts: whether the summary counts as ``3.0``, or as ``3``. Seen are both.
        bill_header_ticks: whether the headers have backticks too. Seen are both.
        bill_wide_brackets: whether the header has brackets of full width. Seen are both.
        transfer_locking_seconds: how long a transfer is ACCEPTED before its money is locked.
        transfer_confirm_seconds: how long its user has to confirm; as long a low balance is waited
            for.
        transfer_close_lag_seconds: how much later an unconfirmed one is closed. Seen were 47 and
            more than 51 minutes.
        transfer_paying_seconds: how long it is TRANSFERING.
        transfer_cancel_seconds: how long it is CANCELING.
        transfer_cancel_race: see ``CancelRace``.
        transfer_low_balance: see ``LowBalance``.
        transfer_repeat_seconds: how long its number may be sent again. 24 hours, or 3 days.
        transfer_name_compared: see ``NameCompared``.
        transfer_hidden_seconds: how long a query does not know a transfer that was just taken.
        transfer_not_found_status: of HTTP, for NOT_FOUND. Seen are 404 and 400.
        transfer_no_certificates: see ``NoCertificates``.
        transfer_401_signed: whether WeChat signs its SIGN_ERROR. It usually does not.
        transfer_null_body: whether ``null`` is taken for no body, as one SDK sends it.
        transfer_both_spellings: whether notifications name the merchant as ``mchid``, too.
        transfer_bill_name: 业务名称 of a transfer. No public bill has such a row.
        transfer_bill_returned_name: 业务名称 of a transfer's money that came back.
        transfer_unpaid_in_bill: whether bills have transfers from the lock on, and the return of
            what was not paid; else they have what is paid, dated by the payment.
    """

    strict_openids: bool = False
    repeat_of_paid: RepeatOfPaid = RepeatOfPaid.SUCCESS
    amount_mismatch: AmountMismatch = AmountMismatch.PHRASE
    bad_work_sign: BadWorkSign = BadWorkSign.WORKWX_SIGN_ERROR
    refusal_shapes: Mapping[str, RefusalShape] = field(default_factory=dict)
    content_type: ContentType = ContentType.TEXT_PLAIN
    not_found_as: NotFoundAs = NotFoundAs.NOT_FOUND
    expired_certificate: ExpiredCertificate = ExpiredCertificate.CA_ERROR
    mini_program_client_ip: bool = True
    client_ip_required: bool = True
    text_limits: TextLimits = TextLimits.BYTES
    same_number_seconds: float = 1.0
    refusals_held: Mapping[str, bool] = field(default_factory=dict)
    order_lifetime_seconds: float = 24 * 3600.0
    claim_seconds: float = 24 * 3600.0
    ticket_seconds: float = 72 * 3600.0
    refund_seconds: float = 900.0
    query_seconds: float = 30 * 24 * 3600.0
    group_people_max: int = 20
    group_amount_max: int = 100_000
    packets_max: int = 2_000_000
    bill_ready_seconds: float = 10 * 3600.0
    bill_days: int = 90
    bill_sent_name: str = "现金红包"
    bill_sent_kind: str = "现金红包"
    bill_returned_name: str = "现金红包"
    bill_returned_kind: str = "现金红包退款"
    bill_business_number: BillNumber = BillNumber.OWN
    bill_digest: BillDigest = BillDigest.PLAIN
    bill_decimal_counts: bool = True
    bill_header_ticks: bool = False
    bill_wide_brackets: bool = False
    transfer_locking_seconds: float = 0.0
    transfer_confirm_seconds: float = 24 * 3600.0
    transfer_close_lag_seconds: float = 47 * 60.0
    transfer_paying_seconds: float = 0.0
    transfer_cancel_seconds: float = 2.0
    transfer_cancel_race: CancelRace = CancelRace.CANCEL
    transfer_low_balance: LowBalance = LowBalance.PROCESSING
    transfer_repeat_seconds: float = 24 * 3600.0
    transfer_name_compared: NameCompared = NameCompared.SEALED
    transfer_hidden_seconds: float = 0.0
    transfer_not_found_status: int = 404
    transfer_no_certificates: NoCertificates = NoCertificates.NOT_FOUND
    transfer_401_signed: bool = False
    transfer_null_body: bool = False
    transfer_both_spellings: bool = False
    transfer_bill_name: str = "商家转账"
    transfer_bill_returned_name: str = "商家转账回退"
    transfer_unpaid_in_bill: bool = True

    def shape_of(self, err_code: str) -> RefusalShape:
        """The shape of a refusal with this ``err_code``."""
        default = REFUSAL_SHAPES.get(err_code, RefusalShape.SUCCESS)
        return self.refusal_shapes.get(err_code, default)


REFUSAL_SHAPES = {
    "XML_ERROR": RefusalShape.ZEROS,
    # The official sample of a failure is a busy system, with return_code FAIL and echoes.
    "SYSTEMERROR": RefusalShape.FAIL,
}
"""The codes whose shape is not ``RefusalShape.SUCCESS``, as far as real replies are known."""


FOREIGN_PREFIX = "oFOREIGN"
"""An openid with this prefix always belongs to another appid: for examples without any set-up."""
