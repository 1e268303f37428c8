"""The requests of the family by which a user once agrees to be paid without confirming.

WeChat opens it by a white list (免确认收款授权). Sources: the pages 4014399293, 4014399371,
4015901167, 4014399423 and 4015653811.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from hongbao.sentences import say
from hongbao.wire.transfer import endpoints, replies
from hongbao.wire.transfer.messages import AnyTransfer, TransferMessage

if TYPE_CHECKING:
    from hongbao.wire.transfer.endpoints import TransferEndpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferAskingAuthorization(AnyTransfer[replies.TransferTaken]):
    """Transfer to a user, and ask on the same page whether the next ones need no confirming.

    The user may take the money and decline; no notification tells that.

    Args:
        out_bill_no: as for ``Transfer``.
        transfer_scene_id: as for ``Transfer``.
        openid: as for ``Transfer``.
        transfer_amount: as for ``Transfer``.
        transfer_remark: as for ``Transfer``.
        transfer_scene_report_infos: as for ``Transfer``.
        user_display_name: how the page calls the user; 1 to 32 characters.
        out_authorization_no: 5 to 32 of 0-9, A-Z, a-z; one for one authorisation.
        authorization_notify_url: where WeChat tells that the user agreed.
        appid: as for ``Transfer``.
        user_name: as for ``Transfer``.
        notify_url: as for ``Transfer``.
        user_recv_perception: as for ``Transfer``.
        sponsor_mchid: the merchant that sponsors it.

    Raises:
        InvalidRequest: naming the field and the rule that it breaks.
    """

    ENDPOINT: ClassVar[TransferEndpoint] = endpoints.TRANSFER_ASKING_AUTHORIZATION

    openid: str = field(repr=False)
    user_display_name: str = field(repr=False)
    out_authorization_no: str
    authorization_notify_url: str
    sponsor_mchid: str | None = None

    def read(self, document: Mapping[str, Any]) -> replies.TransferTaken:
        """The value of a reply that takes it."""
        return replies.TransferTaken.read(document)

    def _receiver(self) -> dict[str, object]:
        return {"openid": self.openid}

    def _more(self) -> dict[str, object]:
        return {
            "authorization_info": {
                "user_display_name": self.user_display_name,
                "out_authorization_no": self.out_authorization_no,
                "authorization_notify_url": self.authorization_notify_url,
            },
            "sponsor_mchid": self.sponsor_mchid,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferUnderAuthorization(AnyTransfer[replies.TransferUnderAuthorizationTaken]):
    """Transfer to a user who has agreed to be paid without confirming.

    Args:
        out_bill_no: as for ``Transfer``.
        transfer_scene_id: as for ``Transfer``.
        transfer_amount: as for ``Transfer``.
        transfer_remark: as for ``Transfer``.
        transfer_scene_report_infos: as for ``Transfer``.
        authorization_id: WeChat's number of the authorisation. Either this or
            ``out_authorization_no``.
        out_authorization_no: ours. Either this or ``authorization_id``.
        appid: as for ``Transfer``.
        user_name: as for ``Transfer``.
        notify_url: as for ``Transfer``.
        user_recv_perception: as for ``Transfer``.
        sponsor_mchid: the merchant that sponsors it.

    Raises:
        InvalidRequest: naming the field and the rule that it breaks.
    """

    ENDPOINT: ClassVar[TransferEndpoint] = endpoints.TRANSFER_UNDER_AUTHORIZATION

    authorization_id: str | None = None
    out_authorization_no: str | None = None
    sponsor_mchid: str | None = None

    def read(self, document: Mapping[str, Any]) -> replies.TransferUnderAuthorizationTaken:
        """The value of a reply that takes it."""
        return replies.TransferUnderAuthorizationTaken.read(document)

    def _more(self) -> dict[str, object]:
        return {
            "authorization_id": self.authorization_id,
            "out_authorization_no": self.out_authorization_no,
            "sponsor_mchid": self.sponsor_mchid,
        }

    def _check_whole(self) -> None:
        super(TransferUnderAuthorization, self)._check_whole()
        if (self.authorization_id is None) is (self.out_authorization_no is None):
            both = "neither" if self.authorization_id is None else "both"
            rule = say("given, or else out_authorization_no; not both")
            raise self.invalid("authorization_id", rule, both)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAuthorization(TransferMessage[replies.AuthorizationInfo]):
    """Ask a user, who then has 24 hours, to be paid without confirming.

    Args:
        out_authorization_no: 5 to 32 of 0-9, A-Z, a-z; one for one authorisation.
        openid: whom to ask.
        transfer_scene_id: for which scene.
        user_display_name: how the page calls the user; 1 to 32 characters, no emoji.
        authorization_notify_url: where WeChat tells what came of it.
        appid: as for ``Transfer``.
        user_recv_perception: as for ``Transfer``.
        client_ip: of the user's device.
        device_id: of the user's device.
        device_type: ``IOS``, ``ANDROID``, ``HARMONY`` or ``OTHER``.

    Raises:
        InvalidRequest: naming the field and the rule that it breaks.
    """

    ENDPOINT: ClassVar[TransferEndpoint] = endpoints.ASK_AUTHORIZATION
    NUMBER: ClassVar[str] = "out_authorization_no"

    out_authorization_no: str
    openid: str = field(repr=False)
    transfer_scene_id: str
    user_display_name: str = field(repr=False)
    authorization_notify_url: str
    appid: str | None = None
    user_recv_perception: str | None = None
    client_ip: str | None = field(default=None, repr=False)
    device_id: str | None = field(default=None, repr=False)
    device_type: str | None = None

    def document(self, *, app_id: str, sealed_name: str) -> dict[str, object]:
        """The body, in the order of WeChat's page."""
        del sealed_name
        device = {name: getattr(self, name) for name in ("client_ip", "device_id", "device_type")}
        given = {name: value for name, value in device.items() if value is not None}
        said = {
            "out_authorization_no": self.out_authorization_no,
            "appid": app_id if self.appid is None else self.appid,
            "openid": self.openid,
            "transfer_scene_id": self.transfer_scene_id,
            "user_display_name": self.user_display_name,
            "user_recv_perception": self.user_recv_perception,
            "authorization_notify_url": self.authorization_notify_url,
            "scene_info": given or None,
        }
        return {key: value for key, value in said.items() if value is not None}

    def read(self, document: Mapping[str, Any]) -> replies.AuthorizationInfo:
        """Where it stands, with the package that opens the page."""
        return replies.AuthorizationInfo.read(document)


@dataclass(frozen=True, slots=True)
class QueryAuthorization(TransferMessage[replies.AuthorizationInfo]):
    """Ask where an authorisation stands.

    Args:
        out_authorization_no: the number under which it was asked for.
        with_package: whether to have a package too, for a page that shows the authorisation.

    Raises:
        InvalidRequest: if the number breaks its rule.
    """

    ENDPOINT: ClassVar[TransferEndpoint] = endpoints.QUERY_AUTHORIZATION
    NUMBER: ClassVar[str] = "out_authorization_no"

    out_authorization_no: str
    with_package: bool = False

    @property
    def query(self) -> str:
        """Whether a package is asked for."""
        return f"is_display_authorization={'true' if self.with_package else 'false'}"

    def read(self, document: Mapping[str, Any]) -> replies.AuthorizationInfo:
        """Where it stands."""
        return replies.AuthorizationInfo.read(document)


@dataclass(frozen=True, slots=True)
class CloseAuthorization(TransferMessage[replies.AuthorizationInfo]):
    """End an authorisation, or take back that it was asked for.

    Args:
        out_authorization_no: the number under which it was asked for.

    Raises:
        InvalidRequest: if the number breaks its rule.
    """

    ENDPOINT: ClassVar[TransferEndpoint] = endpoints.CLOSE_AUTHORIZATION
    NUMBER: ClassVar[str] = "out_authorization_no"

    out_authorization_no: str

    def read(self, document: Mapping[str, Any]) -> replies.AuthorizationInfo:
        """Where it stands."""
        return replies.AuthorizationInfo.read(document)
