"""What WeChat says of transfers, receipts and authorisations: one frozen value a call.

Openids, packages, names and links are left out of every repr. Times are Beijing time. Members that
are not known here are kept in ``document``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hongbao.sentences import say
from hongbao.wire.transfer.json_body import (
    IncompleteObject,
    number,
    optional_text,
    text,
    time,
)
from hongbao.wire.transfer.state import MoneyStatus, TransferState, money_of, parse_state

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from hongbao.money import Fen

CONFIRM_WITHIN = timedelta(hours=24)
"""No reply says when it ends: the user's page stops working then, and WeChat closes it later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferTaken:
    """WeChat took a transfer. It is not paid before a query or a notification says SUCCESS.

    Attributes:
        out_bill_no: echoed.
        transfer_bill_no: WeChat's own number.
        state: a ``TransferState``, or WeChat's text where it is not one that is known here. Never
            FAIL or CANCELLED: those are ``Refused``.
        create_time: when it was made, also if it was sent again.
        package_info: what the user's page is opened with, while the user has to confirm; else
            empty. A secret of the receiver's.
        document: the reply as it came.
    """

    out_bill_no: str
    transfer_bill_no: str
    state: TransferState | str
    create_time: datetime | None
    package_info: str = field(default="", repr=False)
    document: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def money(self) -> MoneyStatus:
        """YES or OPEN."""
        return money_of(self.state)

    @property
    def confirm_until(self) -> datetime | None:
        """When the user's page stops working, 24 hours after ``create_time``."""
        return self.create_time + CONFIRM_WITHIN if self.create_time else None

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Take the value out of a reply.

        Raises:
            IncompleteObject: if what a success must have is absent or unreadable.
        """
        state = parse_state(text(document, "state"))
        waits = state == TransferState.WAIT_USER_CONFIRM
        package = (text if waits else optional_text)(document, "package_info")
        return cls(
            out_bill_no=text(document, "out_bill_no"),
            transfer_bill_no=text(document, "transfer_bill_no"),
            state=state,
            create_time=time(document, "create_time"),
            package_info=package,
            document=document,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferUnderAuthorizationTaken(TransferTaken):
    """WeChat took a transfer that needs no confirmation. Its state is normally SUCCESS."""

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """As ``TransferTaken.read``; there is no package, and nothing waits for the user."""
        return cls(
            out_bill_no=text(document, "out_bill_no"),
            transfer_bill_no=text(document, "transfer_bill_no"),
            state=parse_state(text(document, "state")),
            create_time=time(document, "create_time"),
            document=document,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferInfo:
    """What became of a transfer.

    Attributes:
        out_bill_no: our number.
        transfer_bill_no: WeChat's.
        state: a ``TransferState``, or WeChat's text where it is not one that is known here.
        transfer_amount: fen.
        appid: under which it was made.
        openid: who receives; absent in some replies.
        transfer_remark: as sent.
        fail_reason: why it failed; see ``fail_reason``.
        user_name: base64, sealed for the merchant: see ``V3Credentials.open_name``.
        create_time: when it was made.
        update_time: when its state changed.
        document: the reply as it came.
    """

    out_bill_no: str
    transfer_bill_no: str
    state: TransferState | str
    transfer_amount: Fen
    appid: str
    openid: str = field(repr=False)
    transfer_remark: str = field(repr=False)
    fail_reason: str
    user_name: str = field(repr=False)
    create_time: datetime | None
    update_time: datetime | None
    document: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def money(self) -> MoneyStatus:
        """What the state says of the money."""
        return money_of(self.state)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """As ``TransferTaken.read``."""
        return cls(
            out_bill_no=text(document, "out_bill_no"),
            transfer_bill_no=text(document, "transfer_bill_no"),
            state=parse_state(text(document, "state")),
            transfer_amount=number(document, "transfer_amount"),
            appid=optional_text(document, "appid"),
            openid=optional_text(document, "openid"),
            transfer_remark=optional_text(document, "transfer_remark"),
            fail_reason=optional_text(document, "fail_reason"),
            user_name=optional_text(document, "user_name"),
            create_time=time(document, "create_time"),
            update_time=time(document, "update_time"),
            document=document,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferCanceling:
    """WeChat has begun to take a transfer back. The user may have been faster: query it.

    Attributes:
        out_bill_no: our number.
        transfer_bill_no: WeChat's.
        state: CANCELING or CANCELLED, or WeChat's text.
        update_time: when.
        document: the reply as it came.
    """

    out_bill_no: str
    transfer_bill_no: str
    state: TransferState | str
    update_time: datetime | None
    document: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def money(self) -> MoneyStatus:
        """What the state says of the money: NO only if it is CANCELLED."""
        return money_of(self.state)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """As ``TransferTaken.read``."""
        return cls(
            out_bill_no=text(document, "out_bill_no"),
            transfer_bill_no=optional_text(document, "transfer_bill_no"),
            state=parse_state(text(document, "state")),
            update_time=time(document, "update_time"),
            document=document,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectronicReceipt:
    """Where an electronic receipt (电子回单) stands.

    Attributes:
        state: GENERATING, FINISHED or FAILED, or WeChat's text.
        fail_reason: why there is none.
        hash_type: of ``hash_value``: SHA256, perhaps SM3.
        hash_value: of the file, in hex.
        download_url: good for 10 minutes; used as it stands.
        create_time: when it was applied for.
        update_time: when it changed.
        document: the reply as it came.
    """

    state: str
    fail_reason: str
    hash_type: str
    hash_value: str
    download_url: str = field(repr=False)
    create_time: datetime | None
    update_time: datetime | None
    document: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_finished(self) -> bool:
        """Whether it can be fetched."""
        return self.state == "FINISHED"

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """As ``TransferTaken.read``. A finished one has a link and a hash."""
        state = text(document, "state")
        must = text if state == "FINISHED" else optional_text
        return cls(
            state=state,
            fail_reason=optional_text(document, "fail_reason"),
            hash_type=must(document, "hash_type"),
            hash_value=must(document, "hash_value"),
            download_url=must(document, "download_url"),
            create_time=time(document, "create_time"),
            update_time=time(document, "update_time"),
            document=document,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationInfo:
    """Where an authorisation to be paid without confirming stands (免确认收款授权).

    Attributes:
        out_authorization_no: our number.
        state: WAIT_USER_CONFIRM, TAKING_EFFECT or CLOSED, or WeChat's text.
        appid: under which it was asked for.
        openid: who was asked.
        authorization_id: WeChat's number, once it is in effect.
        user_display_name: as sent.
        transfer_scene_id: for which scene.
        close_reason: why it is closed.
        package_info: what the user's page is opened with. A secret of the receiver's.
        create_time: when it was asked for.
        authorize_time: when the user agreed.
        document: the reply as it came.
    """

    out_authorization_no: str
    state: str
    appid: str
    openid: str = field(repr=False)
    authorization_id: str
    user_display_name: str = field(repr=False)
    transfer_scene_id: str
    close_reason: str
    package_info: str = field(repr=False)
    create_time: datetime | None
    authorize_time: datetime | None
    document: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_in_effect(self) -> bool:
        """Whether the receiver can be paid without confirming."""
        return self.state == "TAKING_EFFECT"

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """As ``TransferTaken.read``."""
        closed = document.get("close_info") or {}
        if not isinstance(closed, dict):
            raise IncompleteObject(say("close_info is not an object"))
        return cls(
            out_authorization_no=text(document, "out_authorization_no"),
            state=text(document, "state"),
            appid=optional_text(document, "appid"),
            openid=optional_text(document, "openid"),
            authorization_id=optional_text(document, "authorization_id"),
            user_display_name=optional_text(document, "user_display_name"),
            transfer_scene_id=optional_text(document, "transfer_scene_id"),
            close_reason=optional_text(closed, "close_reason"),
            package_info=optional_text(document, "package_info"),
            create_time=time(document, "create_time"),
            authorize_time=time(document, "authorize_time"),
            document=document,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLink:
    """Where the fund-flow bill of a day and account can be fetched, for five minutes.

    Attributes:
        download_url: used as it stands.
        hash_type: SHA1.
        hash_value: of the file, in hex.
    """

    download_url: str = field(repr=False)
    hash_type: str
    hash_value: str

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """As ``TransferTaken.read``."""
        return cls(
            download_url=text(document, "download_url"),
            hash_type=text(document, "hash_type"),
            hash_value=text(document, "hash_value"),
        )
