"""For your own server: the page on which a user confirms a transfer, and what WeChat posts then.

The books keep no ``package_info``. It is worth the receiver's money, and the same number with the
same bytes brings it again, as often as a page is opened, and makes no second transfer.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self

from hongbao.client.transfer.credentials import V3Credentials
from hongbao.client.transfer.sync import MerchantTransfer
from hongbao.configuration.payers import open_merchants
from hongbao.configuration.settings import TRANSFERS
from hongbao.engine.rehearsal import rehearsal_clock
from hongbao.errors import ConfigurationError, LedgerCode, LedgerError
from hongbao.ledger.model.campaign import CampaignState
from hongbao.ledger.model.payout import SECOND, TAKING_BACK, State, Task
from hongbao.rails.transfer.kinds import USER_NAME
from hongbao.rails.transfer.reactions import RETRY
from hongbao.rails.transfer.translate import message_of
from hongbao.sentences import say
from hongbao.wire.transfer.notification import NotificationRefused, TransferFinished

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from hongbao.client.transfer.notifications import Headers
    from hongbao.client.transport import Transport
    from hongbao.configuration.file import Configuration
    from hongbao.ledger.book import Book
    from hongbao.ledger.model.payout import Payout
    from hongbao.wire.transfer.front_end import FrontEndParams
    from hongbao.wire.transfer.preparing import Prepared
    from hongbao.wire.transfer.replies import TransferInfo, TransferTaken

_BY = "WeChat's notification"
_TAKEN, _AGAIN, _UNKNOWN = 204, 503, 404
_AWAITED = frozenset({State.WAITING, State.IN_DOUBT, State.AWAITING_USER})


class Confirmations:
    """What your server needs of transfers that wait for their users. Any thread may use it.

    Args:
        ledger: the books, open.
        configuration: the settings, with the merchants' secrets.
        transport: what carries the calls, for tests; a client's own if left out.
        clock: seconds since the epoch, for tests; if left out, the books' in a rehearsal, or real.

    Raises:
        ConfigurationError: if no merchant pays by transfers, or one is not fit to pay.
    """

    def __init__(
        self,
        ledger: Book,
        configuration: Configuration,
        *,
        transport: Transport | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._ledger = ledger
        names = [it.name for it in configuration.profiles.values() if it.rail == TRANSFERS]
        if not names:
            raise ConfigurationError(
                setting=f"{configuration.path}: merchants",
                problem=say("has no merchant that pays by transfers"),
                remedy=say('Add one with rail = "{rail}".', rail=TRANSFERS),
            )
        merchants, problems = open_merchants(configuration, names)
        problems.raise_if_any()
        clock = clock or rehearsal_clock(configuration) or time.time
        self._clients = {
            name: MerchantTransfer(it, transport=transport, clock=clock)
            for name, it in merchants.items()
            if isinstance(it, V3Credentials)
        }

    def page(self, payout: Payout) -> FrontEndParams:
        """What opens the page on which a payout's receiver confirms it.

        Make sure first that whoever asks is the receiver. It is one call of WeChat, with the number
        and the bytes of the payout's own.

        Args:
            payout: of ``Ledger.find`` or ``enqueue``, as the books have it now.

        Raises:
            LedgerError: it does not wait for its receiver, or not any more, or is taken back.
            NotSent: no byte left; try again.
            OutcomeUnknown: WeChat's answer cannot be believed, or did not come; try again.
            Refused: WeChat has ended it; a worker will find out.
        """
        self._check_waits(payout)
        terms = self._ledger.terms_body(payout.terms_id)
        client = self._client(str(terms.get("profile", "")))
        taken = client.send(self._request(client, payout, terms))
        if not taken.package_info:
            raise _not_waiting(payout, say("WeChat says {state}", state=taken.state))
        return client.front_end_params(taken.package_info, app_id=terms.get("app_id"))

    def notified(self, merchant: str, headers: Headers, body: bytes) -> int:
        """What to answer a notification: HTTP's status, without a body.

        It is a hint. Only what WeChat has signed in the last five minutes counts, and even then a
        worker asks WeChat before anything is believed. A payout that has come to its end is left as
        it is, so that a notification which comes again changes nothing.

        Args:
            merchant: its name in the settings, of which each has a ``notify_url`` of its own.
            headers: of the request.
            body: the bytes as they came.

        Returns:
            204: taken. 401 or 400: nobody vouches for it, or it cannot be read. 404: there is no
            such merchant. 503: it should come again, since a worker has the payout in its hands.
        """
        client = self._clients.get(merchant)
        if client is None:
            return _UNKNOWN
        event = client.notifications.read(headers, body)
        if isinstance(event, NotificationRefused):
            return event.http_status
        if isinstance(event, TransferFinished):
            return self._have_it_asked(client.credentials.mch_id, event.transfer)
        return _TAKEN

    def _have_it_asked(self, mch_id: str, transfer: TransferInfo) -> int:
        numbers = {it.merchant_id: it.number for it in self._ledger.channels()}
        for payout in self._ledger.find(transfer.out_bill_no):
            ours = numbers.get(payout.merchant_id) == mch_id and payout.state in _AWAITED
            same = (payout.billno, payout.amount) == (
                transfer.out_bill_no,
                transfer.transfer_amount,
            )
            if not ours or not same or transfer.openid not in {"", payout.payee}:
                continue
            try:
                self._ledger.query_now(payout.id, by=_BY)
            except LedgerError as error:
                return _AGAIN if error.code == LedgerCode.LEASED else _TAKEN
        return _TAKEN

    def _check_waits(self, payout: Payout) -> None:
        if payout.state is not State.AWAITING_USER or payout.first_call_at is None:
            raise _not_waiting(payout, say("it is {state}", state=payout.state.in_words))
        if payout.task is Task.CANCEL or payout.code == TAKING_BACK or self._is_cancelled(payout):
            raise _not_waiting(payout, say("it is being taken back"))
        over = payout.first_call_at + RETRY.resend_seconds * SECOND
        if self._ledger.now() >= over:
            raise _not_waiting(payout, say("its 24 hours are over"))

    def _request(
        self, client: MerchantTransfer, payout: Payout, terms: Mapping[str, Any]
    ) -> Prepared[TransferTaken]:
        """The request of its send: with a name it is the very one that is stored."""
        if USER_NAME not in terms:
            return client.prepare(message_of(payout, terms))
        kept = self._ledger.kept_request(payout.id, payout.attempt)
        if kept is None:
            raise _not_waiting(payout, say("these books do not have the request that was sent"))
        return client.restore(kept.call, kept.body, kept.key_id)

    def _is_cancelled(self, payout: Payout) -> bool:
        """Whether its campaign is: then it is taken back, though no worker may have begun to."""
        name = self._ledger.campaign_names()[payout.campaign_id]
        campaigns = {it.id: it.state for it in self._ledger.standing(name).campaigns}
        return campaigns.get(payout.campaign_id) is CampaignState.CANCELLED

    def _client(self, profile: str) -> MerchantTransfer:
        if profile in self._clients:
            return self._clients[profile]
        raise ConfigurationError(
            setting=f"merchants.{profile}",
            problem=say("is not there, or does not pay by transfers"),
            remedy=say("Set it back as it was when the campaign was stored."),
        )

    def close(self) -> None:
        """Close the connections; the ledger stays open."""
        for client in self._clients.values():
            client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def merchants(self) -> Mapping[str, str]:
        """The numbers of the merchants that pay by transfers, by their names in the settings."""
        return {name: it.credentials.mch_id for name, it in self._clients.items()}


def _not_waiting(payout: Payout, why: str) -> LedgerError:
    return LedgerError(
        code=LedgerCode.WRONG_STATE,
        problem=say(
            "payout {billno} does not wait for its receiver: {why}", billno=payout.billno, why=why
        ),
        remedy=say("There is no page to open; look at where it stands."),
    )
