"""Books in which people's decisions are carried out in one way, signed by an operator or not."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, TypeVar

from hongbao.ledger.model.signature import OperatorDecision
from hongbao.ledger.operations import asking_limits, signing
from hongbao.ledger.store.database import now
from hongbao.ledger.store.door import Door

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from sqlalchemy import Connection

    from hongbao.ledger.model.approval import ApprovalPolicy
    from hongbao.ledger.model.limits import LimitsRequest, PayerLimits
    from hongbao.ledger.model.signature import KnownOperator, Signer

T = TypeVar("T")


class Deciding(Door):
    """Books that know operators.

    Where ``deciding`` has given them a signer, the operator stands in the histories for each
    decision, whatever ``by`` says.
    """

    _signer: Signer | None = None
    _signed = False

    def deciding(self, *, signer: Signer | None, required: bool) -> Self:
        """The same books, in which decisions are signed. Closing either closes both.

        Args:
            signer: signs each decision, inside its transaction; None if nobody does.
            required: whether an unsigned decision is refused. About a campaign that was stored
                under settings that say so, it is refused anyway.
        """
        found = copy.copy(self)
        vars(found).update(_signer=signer, _signed=required)
        return found

    def operator(self) -> KnownOperator | None:
        """Who signs in these books; None if nobody does.

        Raises:
            LedgerError: if nobody has the signer's key, or it was revoked.
        """
        if self._signer is None:
            return None
        return self._read(signing.operator_of, self._signer.public)

    def operators(self) -> list[KnownOperator]:
        """Whoever may sign, or might once."""
        return self._read(signing.operators)

    def add_operator(self, name: str, public: bytes, *, by: str) -> KnownOperator:
        """Add an operator. Another one signs that, whatever the settings say, if there is one.

        Args:
            name: 1 to 40 letters, digits, hyphens, dots and underscores; never used before.
            public: the Ed25519 key, 32 bytes.
            by: who adds it.

        Raises:
            LedgerError: if the name or the key is not fit, or was ever used.
        """
        facts = {"name": name, "public": public.hex()}
        what = OperatorDecision(what="operator add", facts=facts, always_signed=True)
        if any(it.revoked_at is None for it in self.operators()):
            return self._decided(what, signing.add, name, public, by=by)
        return self._change(signing.add, name, public, by=by)

    def revoke_operator(self, name: str, *, by: str, reason: str) -> KnownOperator:
        """Let an operator sign nothing more. An operator signs that, whatever the settings say.

        Raises:
            LedgerError: if there is none of this name, or it was revoked before.
        """
        facts = {"name": name, "reason": reason}
        what = OperatorDecision(what="operator revoke", facts=facts, always_signed=True)
        return self._decided(what, signing.revoke, name, by=by, reason=reason)

    def set_limits(
        self, number: str, rail: str, limits: PayerLimits, *, by: str, policy: ApprovalPolicy
    ) -> int:
        """Set the limits of a merchant's channel, as one person's decision: see ``set_channel``.

        Args:
            number: the merchant's number at WeChat.
            rail: the name of the way in which the channel pays.
            limits: its limits from now on.
            by: who sets them.
            policy: of the settings.

        Raises:
            LedgerError: with the code ``same_person`` if the policy wants two people for money, or
                two have decided about these limits before: then see ``ask_limits``.
        """
        what = _about_limits("merchant set", number, rail, limits)
        return self._decided(
            what, asking_limits.set_alone, number, rail, limits, by=by, apart=policy.of_two
        )

    def ask_limits(
        self, number: str, rail: str, limits: PayerLimits, *, by: str, reason: str
    ) -> LimitsRequest:
        """Ask that a merchant's channel has other limits, which another person then accepts.

        Raises:
            LedgerError: if the books do not have the channel, it has these limits, or no reason is
                given.
        """
        what = _about_limits("merchant ask", number, rail, limits)
        return self._decided(
            what, asking_limits.ask, number, rail, limits, by=by, reason=reason
        )  # fmt: skip

    def accept_limits(self, number: str, rail: str, *, request: int, by: str) -> int:
        """Accept limits that another person asks for: they hold at once, whatever settings say.

        Args:
            number: the merchant's number at WeChat.
            rail: the name of the way in which the channel pays.
            request: the number of the request that the person has seen.
            by: who accepts.

        Raises:
            LedgerError: if something else is asked for by now, or nothing; with the code
                ``same_person`` if this person has asked.
        """
        facts: dict[str, int | str] = {"merchant": number, "rail": rail, "request": request}
        what = OperatorDecision(what="merchant accept", facts=facts)
        return self._decided(what, asking_limits.accept, number, rail, request=request, by=by)

    def decline_limits(
        self, number: str, rail: str, *, request: int, by: str, reason: str
    ) -> int:  # fmt: skip
        """Decline limits that are asked for, or take one's own request back.

        Raises:
            LedgerError: see ``accept_limits``; also if no reason is given.
        """
        facts: dict[str, int | str] = {
            "merchant": number, "rail": rail, "request": request, "reason": reason,
        }  # fmt: skip
        what = OperatorDecision(what="merchant decline", facts=facts)
        return self._decided(
            what, asking_limits.decline, number, rail, request=request, by=by, reason=reason
        )

    def _decided(
        self,
        what: OperatorDecision,
        verb: Callable[..., T],
        /,
        *args: object,
        by: str,
        **kwargs: object,
    ) -> T:
        """Carry out what a person decides, signed if it has to be."""
        return self._decided_by(what, verb, *args, by=by, **kwargs)[1]

    def _decided_by(
        self,
        what: OperatorDecision,
        verb: Callable[..., T],
        /,
        *args: object,
        by: str,
        **kwargs: object,
    ) -> tuple[str, T]:
        """The same, with who stands in the histories for it."""

        def act(connection: Connection) -> tuple[str, T]:
            at = now(connection)
            actor = signing.actor_of(
                connection, what, by=by, signer=self._signer, required=self._signed, now=at
            )
            return actor, verb(connection, *args, now=at, by=actor, **kwargs)

        return self._database.run(act)


def _about_limits(what: str, number: str, rail: str, limits: PayerLimits) -> OperatorDecision:
    columns = {it: value for it, value in limits.columns().items() if value is not None}
    return OperatorDecision(what=what, facts={"merchant": number, "rail": rail, **columns})
