"""The kinds of packets that a list can ask for, and what is wrong with a request for one.

Nothing about a field is said here: which fields a kind takes is the business of ``rails``, and what
they may be is that of ``wire``: a row is right if the wire can make a message of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from hongbao.campaign.rows.columns import AMOUNT, PAYEE, PEOPLE
from hongbao.errors import ConfigurationError, InvalidRequest
from hongbao.rails.redpack.kinds import KINDS
from hongbao.wire.assumptions import TextLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from hongbao.campaign.payer import Payer
    from hongbao.money import Fen
    from hongbao.wire.assumptions import Assumptions
    from hongbao.wire.fields import Field

_KIND_OF = {spelling: kind.name for kind in KINDS.values() for spelling in kind.spellings}

_SPELT = {"re_openid": PAYEE, "total_amount": AMOUNT, "total_num": PEOPLE}
"""Our names of the wire's fields, where they differ."""
# Any that are right: the number is derived later, and the receiver is judged row by row.
_SOME_BILLNO = "0" * 28
_SOME_PAYEE = "o" * 28
_SOME_AMOUNT = 100
_INT_DIGITS_MAX = 18


class RowFault(NamedTuple):
    """Why no message can be made of a row.

    Attributes:
        field: which one, as columns are called; empty for the row as a whole.
        what: what is wrong.
    """

    field: str
    what: str


class Form:
    """What a packet of one kind is made of.

    Args:
        name: of the kind, as the books have it.

    Attributes:
        name: of the kind.
        shared: whether it is shared among several people.
        texts: the fields that say more than whom and how much.
        is_payee: whether a text can be a receiver, by the wire's own expression.
    """

    def __init__(self, name: str) -> None:
        kind = KINDS[name]
        self.name = name
        self.shared = kind.shared
        self.texts = frozenset(kind.texts)
        self._required = kind.required
        self._message: Callable[..., Any] = kind.message
        self._rules: dict[str, Field] = {rule.name: rule for rule in kind.message.ENDPOINT.known}
        self.is_payee = re.compile(self._rules["re_openid"].pattern).fullmatch
        self._declares_ip = "client_ip" in kind.from_settings

    def payee_fault(self, payee: str) -> str:
        """What is wrong with a receiver that ``is_payee`` refuses, without saying it."""
        faults = self._each({"re_openid": payee})
        return faults[0].what if faults else ""

    def payer_faults(self, payer: Payer) -> Iterator[str]:
        """What a payer's settings lack for this kind."""
        if self._declares_ip and payer.client_ip is None:
            yield f"{self.name} packets need client_ip in the settings of {payer.profile}"
        if payer.app_id_of(self.name) is None:
            yield f"{self.name} packets need a [work] table in the settings of {payer.profile}"

    def typed(self, texts: Mapping[str, str]) -> dict[str, str | int]:
        """The texts that a message of this kind takes, as it takes them: numbers as such."""
        return {name: self._typed(name, texts[name]) for name in texts if name in self.texts}

    def text_faults(
        self, people: int, texts: Mapping[str, str | int], limits: TextLimits
    ) -> list[RowFault]:
        """All that is wrong with a request, whomever it pays, and how much.

        Args:
            people: among how many it is shared.
            texts: what is said more, as ``typed`` gives it.
            limits: what lengths count.
        """
        missing = [name for name in self._required if name not in texts]
        if missing:
            told = "is missing, in the list and in the settings"
            values = self._values(_SOME_AMOUNT, people, texts)
            return [*(RowFault(name, told) for name in missing), *self._each(values)]
        faults = self._faults(_SOME_AMOUNT, people, texts, None)
        return faults or ([] if limits == TextLimits.CHARACTERS else self._long_in_bytes(texts))

    def check(
        self,
        payer: Payer,
        payee: str,
        amount: Fen,
        people: int,
        texts: Mapping[str, str | int],
    ) -> None:
        """See whether one request can be sent; what ``text_faults`` and the others say of a list.

        Raises:
            InvalidRequest: for the first field that is wrong, in the wire's spelling.
            ConfigurationError: if the payer's settings lack something.
        """
        for what in self.payer_faults(payer):
            raise ConfigurationError(
                setting=f"merchants.{payer.profile}", problem=what, remedy="Add it."
            )
        for name in texts.keys() - self.texts:
            told = f"left out: {self.name} packets have {', '.join(sorted(self.texts))}"
            raise InvalidRequest(field=name, rule=told, found="it given")
        for name in self._required:
            if name not in texts:
                told = "given, or in the merchant's settings"
                raise InvalidRequest(field=name, rule=told, found="neither")
        if people != 1 and not self.shared:
            raise InvalidRequest(field="total_num", rule=f"1 for {self.name}", found=str(people))
        values = {**self._values(amount, people, texts), "re_openid": payee}
        self._message(**values).check_amount(payer.assumptions)
        for limit in (payer.limits.user_day_amount_max, payer.limits.day_amount_max):
            if limit is not None and amount > limit:
                told = f"at most {limit} fen, by the merchant's limits of a day"
                raise InvalidRequest(field="total_amount", rule=told, found=str(amount))
        if payer.assumptions.text_limits != TextLimits.CHARACTERS:
            for name, what in self._long_in_bytes(texts):
                raise InvalidRequest(field=name, rule="short enough", found=f"it {what}")

    def amount_faults(
        self, amount: Fen, people: int, texts: Mapping[str, str | int], assumptions: Assumptions
    ) -> list[RowFault]:
        """What is wrong with the amount of a request of which the rest is right.

        It depends on the amount, the people and whether there is a ``scene_id``, and on nothing
        else.

        Args:
            amount: fen.
            people: among how many it is shared.
            texts: what is said more.
            assumptions: of the merchant.
        """
        return self._faults(amount, people, texts, assumptions)

    def _long_in_bytes(self, texts: Mapping[str, str | int]) -> list[RowFault]:
        faults = []
        for name, text in texts.items():
            most = self._rules[name].bytes_max
            if most and isinstance(text, str) and (size := self._rules[name].excess(text)):
                told = f"is {size} bytes of UTF-8, and WeChat may count bytes: keep it to {most}"
                faults.append(RowFault(name, f"{told}, or see text_limits in the settings"))
        return faults

    def _values(self, amount: Fen, people: int, texts: Mapping[str, str | int]) -> dict[str, Any]:
        values: dict[str, Any] = {
            "mch_billno": _SOME_BILLNO,
            "re_openid": _SOME_PAYEE,
            "total_amount": amount,
            **texts,
        }
        if self.shared:
            values["total_num"] = people
        return values

    def _faults(
        self,
        amount: Fen,
        people: int,
        texts: Mapping[str, str | int],
        assumptions: Assumptions | None,
    ) -> list[RowFault]:
        values = self._values(amount, people, texts)
        try:
            message = self._message(**values)
            if assumptions is not None:
                message.check_amount(assumptions)
        except InvalidRequest as error:
            # The message told the first that it found.
            return self._each(values) or [_fault(error)]
        return []

    def _each(self, values: Mapping[str, Any]) -> list[RowFault]:
        """What is wrong with each field by itself."""
        faults = []
        for name, value in values.items():
            try:
                self._rules[name].check(value, None)
            except InvalidRequest as error:
                faults.append(_fault(error))
        return faults

    def _typed(self, name: str, text: str) -> str | int:
        # What is no number stays a text, and the rule refuses it.
        number = self._rules[name].high is not None and text.isascii() and text.isdigit()
        return int(text) if number and len(text) <= _INT_DIGITS_MAX else text


FORMS = {name: Form(name) for name in KINDS}
"""Every kind that a list can ask for."""


def form_named(name: str) -> Form | None:
    """The form of the kind that people call so; None if there is none."""
    plain = name.casefold().replace("_", "").replace("-", "").replace(" ", "")
    return FORMS.get(_KIND_OF.get(plain, ""))


def _fault(error: InvalidRequest) -> RowFault:
    return RowFault(_SPELT.get(error.field, error.field), _words(error))


def _words(error: InvalidRequest) -> str:
    return f"must be {error.rule}; found {error.found}"
