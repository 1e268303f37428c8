"""How a fund-flow bill is asked for, and what a document in its place says.

Source: https://pay.weixin.qq.com/doc/v2/merchant/4011939779.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from hongbao.errors import InvalidRequest, OutcomeUnknown, UntrustedReply
from hongbao.sentences import say
from hongbao.wire import codes, document, signature
from hongbao.wire import fields as f
from hongbao.wire.endpoints import Endpoint, Need

if TYPE_CHECKING:
    from hongbao.wire.codec import PayingMerchant

ADVICE = say("No money hangs on this call: ask again later, or fix what the code names.")

_CODE_CHARS_MAX, _TEXT_CHARS_MAX = 64, 512


class BillAccount(StrEnum):
    """An account of a merchant; each has a bill of its own."""

    BASIC = "Basic"
    """基本账户: pays red packets, unless there is an operating account."""
    OPERATION = "Operation"
    """运营账户: pays them if it is opened."""
    FEES = "Fees"
    """手续费账户."""


_BILL_DATE = f.Field("bill_date", "[0-9]{8}", "a day as yyyyMMdd", 8)
_ACCOUNT_TYPE = f.Field(
    "account_type", "|".join(BillAccount), f"one of {', '.join(BillAccount)}", 9
)
_SIGN_TYPE = f.Field("sign_type", "HMAC-SHA256", "HMAC-SHA256", 11)
_TAR_TYPE = f.Field("tar_type", "GZIP", "GZIP", 4)
_SIGN = f.Field("sign", "[0-9A-Fa-f]{64}", "64 hexadecimal digits", 64)

DOWNLOADFUNDFLOW = Endpoint(
    name="downloadfundflow",
    letter="B",
    folder="/pay",
    moves_money=False,
    known={
        **dict.fromkeys((f.APPID, f.MCH_ID, f.NONCE_STR, _SIGN), Need.REQUIRED),
        **dict.fromkeys((_SIGN_TYPE, _BILL_DATE, _ACCOUNT_TYPE), Need.REQUIRED),
        _TAR_TYPE: Need.OPTIONAL,
    },
    # Listed as optional; every SDK sends and signs it.
    constants={"sign_type": "HMAC-SHA256"},
    appid_field="appid",
    echoed=(),
)


class NoBillReason(StrEnum):
    """Why there is no bill, where that is no fault."""

    NO_BILL_EXIST = "NO_BILL_EXIST"
    """Nothing moved on that account on that day."""
    BILL_CREATING = "BILL_CREATING"
    """It is not made yet: bills are made from 9:00 the next day, to be had from 10:00."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FundFlow:
    """The bill of one account and one day.

    Args:
        bill_date: a day in Beijing.
        account: which account; its text will do.
        compressed: whether to ask for gzip. It is read either way.

    Raises:
        InvalidRequest: if ``bill_date`` is no date, or there is no such account.
    """

    ENDPOINT: ClassVar[Endpoint] = DOWNLOADFUNDFLOW

    bill_date: date
    account: BillAccount | str
    compressed: bool = False

    def __post_init__(self) -> None:
        day: object = self.bill_date
        if not isinstance(day, date) or isinstance(day, datetime):
            found = type(day).__name__
            raise InvalidRequest(field="bill_date", rule="a datetime.date", found=found)
        try:
            object.__setattr__(self, "account", BillAccount(self.account))
        except ValueError:
            found = repr(self.account)[:32]
            raise InvalidRequest(field="account", rule=_ACCOUNT_TYPE.rule, found=found) from None

    @property
    def mch_billno(self) -> str:
        """What stands for an order number in errors and logs: ``20261129/Basic``."""
        return f"{self.bill_date:%Y%m%d}/{self.account}"

    @property
    def of_account(self) -> BillAccount:
        """Whose bill."""
        return BillAccount(self.account)


def encode(asked: FundFlow, payer: PayingMerchant, *, nonce: str) -> bytes:
    """The signed document."""
    fields = {
        "appid": payer.app_id,
        "mch_id": payer.mch_id,
        "nonce_str": nonce,
        "bill_date": f"{asked.bill_date:%Y%m%d}",
        "account_type": asked.of_account.value,
        **DOWNLOADFUNDFLOW.constants,
        **({"tar_type": "GZIP"} if asked.compressed else {}),
    }
    sign = signature.sign_hmac_sha256(fields, payer.key)
    return document.encode([*sorted(fields.items()), ("sign", sign)])


def unavailable(body: bytes, asked: FundFlow, payer: PayingMerchant) -> NoBillReason:
    """Why there is no bill.

    Raises:
        OutcomeUnknown: it was refused for another reason, which ``err_code`` names.
        UntrustedReply: these bytes are no such document, or wrongly signed.
    """
    try:
        said = document.decode(body).fields
    except document.MalformedDocument as error:
        raise untrusted(asked, say("the reply is unreadable: {error}", error=error)) from error
    if "FAIL" not in (said.get("return_code"), said.get("result_code")):
        raise untrusted(asked, say("the reply is no bill and says no failure"))
    if said.get("sign") and not _is_signed(said, payer.key):
        raise untrusted(asked, say("the reply's sign is wrong"))
    err_code = codes.normalize(said.get("err_code", ""))[:_CODE_CHARS_MAX]
    if err_code in set(NoBillReason):
        return NoBillReason(err_code)
    text = (said.get("err_code_des") or said.get("return_msg") or "")[:_TEXT_CHARS_MAX]
    raise unknown(asked, f"{err_code or 'no err_code'}: {text}", err_code, text)


def unknown(asked: FundFlow, why: str, err_code: str = "", text: str = "") -> OutcomeUnknown:
    """The error of a call that brought nothing."""
    return OutcomeUnknown(
        mch_billno=asked.mch_billno,
        endpoint=DOWNLOADFUNDFLOW.name,
        why=why,
        err_code=err_code or None,
        err_code_des=text,
        advice=ADVICE,
    )


def untrusted(asked: FundFlow, why: str) -> UntrustedReply:
    """The error of a reply that is not to be believed."""
    return UntrustedReply(
        mch_billno=asked.mch_billno, endpoint=DOWNLOADFUNDFLOW.name, why=why, advice=ADVICE
    )


def _is_signed(said: dict[str, str], key: str) -> bool:
    # How a refusal of this call is signed is documented nowhere; none was seen with a sign.
    claimed = said["sign"].upper().encode()
    hashed = signature.sign_hmac_sha256(said, key).encode()
    return hmac.compare_digest(claimed, hashed) or signature.verify_md5(said, key)
