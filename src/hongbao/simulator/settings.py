"""What no source settles about WeChat, or what differs between accounts, as settings of a world."""

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

    No source names the code. FATAL_ERROR is taken: of all codes of a repeat it alone is documented
    to say that an order exists, may have paid, and is to be queried, which is what the finding
    advises. SEND_FAILED and PARAM_ERROR would tell a caller that nothing was paid.
    """


class AmountMismatch(StrEnum):
    """The err_code of the same number with another amount."""

    PHRASE = "金额和原始单参数不一致"
    """The code itself is this phrase, as in the pages of 2017.

    It is documented for normal and group packets; the other calls answer FATAL_ERROR.
    """
    PARAM_ERROR = "PARAM_ERROR"
    """As the advice of newer pages suggests."""


class BadWorkSign(StrEnum):
    """The err_code of a wrong ``workwx_sign``."""

    WORKWX_SIGN_ERROR = "WORKWX_SIGN_ERROR"
    """As one user's report has it."""
    SIGN_ERROR = "SIGN_ERROR"
    """As the official table has it."""
    SYSTEMERROR = "SYSTEMERROR"
    """As other users' reports have it: a permanent fault dressed as a passing one."""


class RefusalShape(StrEnum):
    """What stands around the ``err_code`` of a refusal."""

    SUCCESS = "success"
    """``return_code`` SUCCESS, ``result_code`` FAIL, and what the request said is echoed."""
    FAIL = "fail"
    """Both FAIL, and what the request said is echoed."""
    BARE = "bare"
    """Both FAIL, and nothing is echoed."""
    ZEROS = "zeros"
    """Both FAIL, with 0 for ``mch_id`` and ``total_amount``: nothing could be read."""


class ContentType(StrEnum):
    """The ``Content-Type`` of replies in XML. Some SDKs read the body by it."""

    TEXT_PLAIN = "text/plain"
    TEXT_XML = "text/xml"
    NONE = ""
    """The header is left out."""


class NotFoundAs(StrEnum):
    """How a query is answered whose number does not exist."""

    NOT_FOUND = "NOT_FOUND"
    """As the table of codes has it, and as a merchant logged it."""
    SYSTEMERROR = "SYSTEMERROR"
    """As the official sample has it: both FAIL, with the text of NOT_FOUND.

    It differs from a busy system in the text alone.
    """


class ExpiredCertificate(StrEnum):
    """How a merchant's certificate is refused that has run out."""

    CA_ERROR = "CA_ERROR"
    """In XML, as a service provider logged it in 2019."""
    PAGE = "page"
    """By nginx's page of HTTP 400, as a certificate that is not trusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a world behaves. Times are seconds, amounts fen.

    Attributes:
        strict_openids: whether an openid must be registered; else only one that is registered under
            other appids alone, or that starts with ``FOREIGN_PREFIX``, is refused.
        repeat_of_paid: see ``RepeatOfPaid``.
        amount_mismatch: see ``AmountMismatch``.
        bad_work_sign: see ``BadWorkSign``.
        refusal_shapes: by ``err_code``, where it is to differ from ``REFUSAL_SHAPES``.
        content_type: see ``ContentType``.
        not_found_as: see ``NotFoundAs``.
        expired_certificate: see ``ExpiredCertificate``.
        mini_program_client_ip: whether sendminiprogramhb knows a ``client_ip``; else one that was
            signed gives SIGN_ERROR.
        client_ip_required: whether sendredpack wants a ``client_ip``.
        text_limits: see ``TextLimits``.
        same_number_seconds: the least time between two sends of one number; an earlier one is
            refused with FREQ_LIMIT and changes nothing. 0 for none. The official page wants 1
            second; no source says what is answered before.
        refusals_held: by ``err_code``, whether a new number that is refused with it is held as an
            order that may be paid by a repeat, where that is to differ from ``rules``.
        order_lifetime_seconds: after that an order that was refused and never paid is FAILED. 24
            hours and 3 days are both reported.
        claim_seconds: after that, counted from sending, unclaimed money goes back.
        ticket_seconds: the same for a preorder.
        refund_seconds: how long it is on its way back: RFUND_ING, then REFUND.
        query_seconds: after that, counted from the first call, a query answers NOT_FOUND.
        group_people_max: the most people of a group packet.
        group_amount_max: the greatest total of a group packet.
        packets_max: of all merchants; further orders are answered SYSTEMERROR. A limit so that a
            forgotten loop ends: each packet takes about 1 KB of memory.
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

    def shape_of(self, err_code: str) -> RefusalShape:
        """What stands around an ``err_code``."""
        default = REFUSAL_SHAPES.get(err_code, RefusalShape.SUCCESS)
        return self.refusal_shapes.get(err_code, default)


REFUSAL_SHAPES = {
    "XML_ERROR": RefusalShape.ZEROS,
    # The official sample of a failure is a busy system, with return_code FAIL and echoes.
    "SYSTEMERROR": RefusalShape.FAIL,
}
"""The codes that differ from ``RefusalShape.SUCCESS``, as far as real replies are known."""


FOREIGN_PREFIX = "oFOREIGN"
"""An openid that starts so belongs to another appid, always: for examples without any set-up."""
