"""The ledger for programs: one payout at a time, each key once, whatever happens."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING

from hongbao.business_key import KEY_RULE, checked, key_fault
from hongbao.campaign.payer import Payer
from hongbao.engine.rehearsal import rehearsal_clock
from hongbao.english import joined
from hongbao.errors import (
    ConfigurationError,
    InvalidRequest,
    LedgerCode,
    LedgerError,
)
from hongbao.ledger.book import Book
from hongbao.ledger.intake.appending import Payment
from hongbao.ledger.model.campaign import Plan
from hongbao.ledger.model.mandate import Mandate
from hongbao.ledger.model.payout import SECOND
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Self

    from psycopg import Connection as PsycopgConnection

    from hongbao.configuration.file import Configuration
    from hongbao.ledger.model.campaign import Campaign
    from hongbao.ledger.model.payout import Payout
    from hongbao.ledger.store.database import Database
    from hongbao.money import Fen

_SPELT = {"re_openid": "openid", "total_amount": "amount_fen", "total_num": "people"}
"""Our arguments' names of the wire's fields, where they differ."""
_ARGUMENTS = ("key", "openid", "amount_fen", "kind", "people")
"""What ``enqueue`` takes for a payout beside its texts; the first three of each."""
SOURCE = "programs"
"""The ``source`` of every standing campaign."""


class Ledger(Book):
    """The books, open: see ``open`` and ``of``. A context manager.

    Any thread may use it; a process that is forked opens its own. ``Book`` has the verbs of people
    and workers; here are those of programs.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._old_keys: dict[str, dict[str, str]] = {}

    @classmethod
    def of(cls, configuration: Configuration) -> Self:
        """Open the books that the settings name, with the simulator's time in a rehearsal.

        Where they say that decisions are signed, give them an operator's key by ``deciding``.

        Raises:
            ConfigurationError: if they cannot be opened.
            BookUnavailable: if the database cannot be reached.
        """
        seconds = rehearsal_clock(configuration)
        clock = None if seconds is None else lambda: int(seconds() * SECOND)
        book = cls.open(configuration.database_url(), clock=clock)
        return book.deciding(signer=None, required=configuration.approval.signed)

    def within(self, connection: PsycopgConnection[Any]) -> Self:
        """These books inside a transaction of yours, on the same PostgreSQL database.

        What is done through it is committed with whatever else your transaction writes, or not at
        all: "order paid" and "red packet owed" become true together. If it raises, your transaction
        can go on as if it had not been called. It locks the campaign until you commit, so call it
        last, and commit at once.

        Args:
            connection: psycopg's, in the transaction; its isolation is READ COMMITTED. Django has
                it as ``connection.connection``, SQLAlchemy as
                ``session.connection().connection.driver_connection``.

        Raises:
            LedgerError: if it is in no transaction, or leads to other books.
        """
        # It knows psycopg, which is an extra.
        from hongbao.ledger.store.borrowed import BorrowedDatabase  # noqa: PLC0415  # see above

        book = type(self)(BorrowedDatabase(self._database, connection))
        return book.deciding(signer=self._signer, required=self._signed)

    def begin_standing(self, name: str, merchant: Payer, mandate: Mandate, *, by: str) -> Campaign:
        """Begin a standing campaign: a draft, to which programs add once a person has approved it.

        Called again before it is approved, this replaces its mandate.

        Args:
            name: unique in the books.
            merchant: who pays.
            mandate: how much programs may add.
            by: the person who begins it.

        Raises:
            LedgerError: if the mandate makes no sense, if there is another campaign of this name,
                or if this one is approved.
        """
        _check_payer(merchant)
        if not isinstance(mandate, Mandate):
            raise _mistyped("mandate", say("a Mandate"), mandate)
        # Who only enqueues reads no lists.
        from hongbao.campaign.check.meaning import check_name  # noqa: PLC0415  # see above

        check_name(_text("name", name))
        mandate.check()
        plan = Plan(
            name=name,
            channel_id=self.set_channel(
                merchant.number,
                merchant.rail,
                merchant.limits,
                by=by,
                keep=merchant.approval.strict,
            ),
            profile=merchant.profile,
            budget=mandate.total,
            source=SOURCE,
            source_digest=mandate.digest,
            mandate=mandate,
            policy=merchant.approval,
        )
        return self.stand(plan, by=by)

    def enqueue(
        self,
        *,
        campaign: str,
        merchant: Payer,
        key: str,
        openid: str,
        amount_fen: Fen,
        kind: str = "normal",
        people: int = 1,
        by: str | None = None,
        **texts: str | int,
    ) -> Payout:
        """Let one person be paid, by a standing campaign and within its mandate.

        The payout is stored when this returns, and a worker pays it. If you do not know whether a
        call has returned, call it again with the same key: nothing is stored twice.

        Args:
            campaign: the name of the standing campaign.
            merchant: who pays.
            key: identifies this payment, for ever unique with the merchant, such as the number of
                the order that is refunded.
            openid: the receiver.
            amount_fen: the amount.
            kind: "normal", "mini_program", "group" or "work".
            people: how many people share a group packet.
            by: the program's name, for the payout's history; its machine if left out.
            texts: ``send_name``, ``wishing``, ``act_name``, ``remark`` and the other fields of the
                kind; those that are left out come from the merchant's settings.

        Returns:
            The payout: a new one, or the one that the merchant already has under this key. Its
            state says what is done about it: "waiting" is paid by a worker; "in_doubt" may be paid
            already, and workers ask; "refused" is not paid unless a person reopens it
            (``hongbao payout reopen``); "cancelled" was taken out by a person; the others are paid.

        Raises:
            InvalidRequest: if its type is wrong, or WeChat or the merchant's own limits forbid it.
            ConfigurationError: if the merchant's settings lack what the kind needs.
            KeyReused: if the key is there with other content.
            BudgetExceeded: if it would exceed the mandate.
            LedgerError: if the campaign takes no payouts, or none of this merchant; if the key is
                in a campaign that nobody has approved, or in a cancelled one that pays it to
                nobody.
            BookUnavailable: if the database fails. The payout may be stored: call it again.
        """
        asked = self._asked(merchant, key, openid, amount_fen, kind, people=people, texts=texts)
        actor = _text("by", by or f"program on {socket.gethostname()[:64]}")
        return self._once(_text("campaign", campaign), merchant, asked, texts, by=actor)

    def enqueue_many(
        self,
        payouts: Iterable[Mapping[str, Any]],
        *,
        campaign: str,
        merchant: Payer,
        by: str | None = None,
    ) -> list[Payout]:
        """Let several people be paid: all of them, or none.

        Args:
            payouts: what ``enqueue`` takes for each, by the names of its arguments: ``key``,
                ``openid``, ``amount_fen``, and what else there is.
            campaign: see ``enqueue``.
            merchant: see ``enqueue``.
            by: see ``enqueue``.

        Returns:
            The payouts, in their order.

        Raises:
            InvalidRequest: see ``enqueue``; its field says of which payout, counted from 0, such
                as ``payouts[2].openid``. Nothing is stored.
            HongbaoError: see ``enqueue``. Nothing is stored.
        """
        actor = _text("by", by or f"program on {socket.gethostname()[:64]}")
        name = _text("campaign", campaign)
        asked = []
        for place, given in enumerate(payouts):
            try:
                asked.append(self._asked_of_many(name, merchant, given))
            except InvalidRequest as error:
                raise InvalidRequest(
                    field=f"payouts[{place}].{error.field}", rule=error.rule, found=error.found
                ) from None
        return self.append_all(name, asked, by=actor)

    def _asked_of_many(self, campaign: str, merchant: Payer, given: Mapping[str, Any]) -> Payment:
        texts = dict(given)
        said = {it: texts.pop(it) for it in _ARGUMENTS if it in texts}
        missing = [it for it in _ARGUMENTS[:3] if it not in said]
        if missing:
            raise InvalidRequest(
                field=missing[0], rule=say("given for each payout"), found=say("none")
            )
        payment = self._asked(
            merchant, said["key"], said["openid"], said["amount_fen"],
            said.get("kind", "normal"), people=said.get("people", 1), texts=texts,
        )  # fmt: skip
        known = self.appended(campaign, payment)
        terms = payment.terms if known is not None else _terms(merchant, payment, texts)
        return replace(payment, terms=terms)

    def _once(
        self,
        campaign: str,
        merchant: Payer,
        asked: Payment,
        texts: Mapping[str, str | int],
        *,
        by: str,
    ) -> Payout:
        try:
            terms = _terms(merchant, asked, texts)
        except (InvalidRequest, ConfigurationError):
            # Of a payout that is there already no new request is made.
            if known := self.appended(campaign, asked):
                return known
            raise
        return self.append(campaign, replace(asked, terms=terms), by=by)

    def _asked(
        self,
        merchant: Payer,
        key: str,
        openid: str,
        amount: Fen,
        kind: str,
        *,
        people: int,
        texts: Mapping[str, str | int],
    ) -> Payment:
        """What a program says itself, each argument of its right type."""
        _check_payer(merchant)
        for field, number in (("amount_fen", amount), ("people", people)):
            if type(number) is not int:
                raise _mistyped(field, say("a whole number"), number)
        kind, openid = _text("kind", kind), _text("openid", openid)
        rules = merchant.rules.get(kind)
        if rules is not None:
            texts = merchant.sealed(rules.kind, texts, openid)
        return Payment(
            key=self._key(merchant, _text("key", key)),
            kind=kind,
            payee=openid,
            amount=amount,
            people=people,
            terms=texts,
            said=texts.keys(),
            number=merchant.number,
            rail=merchant.rail,
            profile=merchant.profile,
        )

    def payout(self, key: str, *, merchant: Payer | None = None) -> Payout:
        """The payout that has this business key now.

        Args:
            key: its key.
            merchant: its merchant; it may be left out if only one merchant has the key.

        Raises:
            LedgerError: if there is none, or if several merchants have one.
        """
        wanted = checked(key)
        if merchant is not None:
            _check_payer(merchant)
        ids = {it.number: it.merchant_id for it in self.channels()}
        own = None if merchant is None else ids.get(merchant.number, 0)
        # Of several with one key all but the last were cancelled unsent and gave their number away.
        found = {
            it.merchant_id: it
            for it in sorted(self.find(wanted), key=lambda it: it.id)
            if it.key == wanted and own in {None, it.merchant_id}
        }
        if len(found) != 1:
            raise LedgerError(
                code=LedgerCode.NOT_FOUND if not found else LedgerCode.AMBIGUOUS,
                problem=say("the books have no payout of this key")
                if not found
                else say("{count} merchants have a payout of this key", count=len(found)),
                remedy=say("Enqueue it first.") if not found else say("Name the merchant."),
            )
        return found.popitem()[1]

    def _key(self, merchant: Payer, key: str) -> str:
        """A key in its normal form, or as books of an earlier version have it."""
        key = checked(key)
        if key_fault(key):
            raise InvalidRequest(field="key", rule=KEY_RULE, found=say("another text"))
        if merchant.number not in self._old_keys:
            ids = {it.merchant_id for it in self.channels() if it.number == merchant.number}
            # None comes to these: new keys are all in their normal form.
            self._old_keys[merchant.number] = {
                normal: old for it in ids for normal, old in self.spellings.outdated(it).items()
            }
        return self._old_keys[merchant.number].get(key, key)


def _terms(merchant: Payer, asked: Payment, texts: Mapping[str, str | int]) -> dict[str, str | int]:
    """The content of a request beside its amount and its receiver, checked with both."""
    rules = merchant.rules.get(asked.kind)
    if rules is None:
        rule = say("one of {values}", values=joined(merchant.rules))
        raise InvalidRequest(field="kind", rule=rule, found=repr(asked.kind))
    for what in merchant.faults(rules.kind):
        raise ConfigurationError(
            setting=f"merchants.{merchant.profile}", problem=what, remedy=say("Add it.")
        )
    said = {**rules.typed(merchant.texts), **texts}
    try:
        rules.check(asked.payee, asked.amount, asked.people, said)
    except InvalidRequest as error:
        field = _SPELT.get(error.field, error.field)
        raise InvalidRequest(field=field, rule=error.rule, found=error.found) from None
    limits = merchant.limits
    for limit in (limits.user_day_amount_max, limits.day_amount_max):
        if limit is not None and asked.amount > limit:
            rule = say("at most {limit} fen, by the merchant's limits of a day", limit=limit)
            raise InvalidRequest(field="amount_fen", rule=rule, found=str(asked.amount))
    return {**merchant.sealed(rules.kind, said, asked.payee), **merchant.terms(rules.kind)}


def _text(field: str, value: object) -> str:
    """An argument that must be a text, as a plain one."""
    if not isinstance(value, str):
        raise _mistyped(field, say("a text"), value)
    return str.__str__(value)  # of an enumeration's member its value, whatever it prints as


def _check_payer(merchant: Payer) -> None:
    if not isinstance(merchant, Payer):
        raise _mistyped("merchant", say("a Payer, as Configuration.payer gives it"), merchant)


def _mistyped(field: str, rule: str, value: object) -> InvalidRequest:
    return InvalidRequest(field=field, rule=rule, found=say("a {type}", type=type(value).__name__))
