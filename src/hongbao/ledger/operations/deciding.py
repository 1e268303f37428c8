"""Books in which people's decisions are carried out in one way, signed by an operator or not."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, TypeVar

from hongbao.ledger.model.signature import OperatorDecision
from hongbao.ledger.operations import channel_limits, signing
from hongbao.ledger.store.database import now
from hongbao.ledger.store.door import Door

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from sqlalchemy import Connection

    from hongbao.ledger.model.limits import PayerLimits
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

    def set_limits(self, number: str, rail: str, limits: PayerLimits, *, by: str) -> int:
        """Set the limits of a merchant's channel, as a person's decision: see ``set_channel``."""
        columns = {it: value for it, value in limits.columns().items() if value is not None}
        what = OperatorDecision(
            what="merchant set", facts={"merchant": number, "rail": rail, **columns}
        )
        return self._decided(what, channel_limits.set_channel, number, rail, limits, by=by)

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
