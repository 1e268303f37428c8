"""What a row of a list must be for a red packet to be made of it.

Nothing about a field is said here. Which fields a kind takes is said in ``kinds``, and what they
may be in ``wire``: a row is right if the wire can make a message of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hongbao.digits import whole_number
from hongbao.english import joined
from hongbao.errors import InvalidRequest
from hongbao.rails.port import RowFault
from hongbao.rails.redpack.kinds import KINDS
from hongbao.sentences import say
from hongbao.wire.assumptions import CAUTIOUS, Assumptions, TextLimits
from hongbao.wire.caution import noting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hongbao.money import Fen
    from hongbao.rails.redpack.kinds import PacketKind
    from hongbao.wire.fields import Field

_OURS = {"re_openid": "payee", "total_amount": "amount", "total_num": "people"}
"""What the ledger calls the wire's fields, where the names differ."""
# Any that are right: the number is derived later, and the receiver is judged row by row.
_SOME_BILLNO = "0" * 28
_SOME_PAYEE = "o" * 28
_SOME_AMOUNT = 100
_SOME_TEXT = "x"
_ONE_OF_TWO = frozenset({"sender_name"})
"""Not required by itself: another text will do."""
_INT_DIGITS_MAX = 18


def packet_rules(assumptions: Assumptions = CAUTIOUS) -> dict[str, PacketRules]:
    """The rules of each kind of red packet, as one merchant reads WeChat's uncertain sources."""
    return {name: PacketRules(kind, assumptions) for name, kind in KINDS.items()}


class PacketRules:
    """What a packet of one kind must be; see ``RowRules``.

    Args:
        kind: which.
        assumptions: what WeChat's sources leave uncertain.

    Attributes:
        kind: which.
        is_payee: whether a text can be a receiver, by the wire's own expression.
    """

    def __init__(self, kind: PacketKind, assumptions: Assumptions) -> None:
        self.kind = kind
        self._texts = frozenset(kind.texts)
        self._assumptions = assumptions
        self._message: Callable[..., Any] = kind.message
        self._rules: dict[str, Field] = {rule.name: rule for rule in kind.message.ENDPOINT.known}
        self.is_payee = re.compile(self._rules["re_openid"].pattern).fullmatch

    def payee_fault(self, payee: str) -> str:
        """As the port says."""
        faults = self._each({"re_openid": payee})
        return faults[0].what if faults else ""

    def typed(self, texts: Mapping[str, str]) -> dict[str, str | int]:
        """As the port says."""
        return {name: self._typed(name, texts[name]) for name in texts if name in self._texts}

    def text_faults(
        self, people: int, texts: Mapping[str, str | int]
    ) -> tuple[list[RowFault], list[str]]:
        """As the port says."""
        with noting() as notes:
            faults = self._text_faults(people, texts)
        return faults, list(dict.fromkeys(text for _, text in notes))

    def amount_faults(
        self, amount: Fen, people: int, texts: Mapping[str, str | int]
    ) -> list[RowFault]:
        """As the port says. Of the texts it depends on whether there is a ``scene_id`` alone."""
        needed = (*self.kind.required, *_ONE_OF_TWO.intersection(self.kind.optional))
        right: dict[str, str | int] = dict.fromkeys(needed, _SOME_TEXT)
        scene = texts.get("scene_id")
        if scene is not None and not self._each({"scene_id": scene}):
            right["scene_id"] = scene
        with noting():  # the warnings are those of the texts
            return self._faults(amount, people, right, self._assumptions)

    def check(self, payee: str, amount: Fen, people: int, texts: Mapping[str, str | int]) -> None:
        """As the port says."""
        kind = self.kind
        for name in texts.keys() - self._texts:
            rule = say(
                "left out: {name} packets have {fields}",
                name=kind.name,
                fields=joined(sorted(self._texts)),
            )
            raise InvalidRequest(field=name, rule=rule, found=say("it given"))
        for name in kind.required:
            if name not in texts:
                rule = say("given, or in the merchant's settings")
                raise InvalidRequest(field=name, rule=rule, found=say("neither"))
        # A True is no 1, nor is a 1.0: the books would keep it as it is.
        if not kind.shared and (type(people) is not int or people != 1):
            raise InvalidRequest(
                field="total_num", rule=say("1 for {name}", name=kind.name), found=repr(people)
            )
        values = {**self._values(amount, people, texts), "re_openid": payee}
        self._message(**values).check_amount(self._assumptions)
        if self._assumptions.text_limits != TextLimits.CHARACTERS:
            for name, what in self._long_in_bytes(texts):
                raise InvalidRequest(
                    field=name, rule=say("short enough"), found=say("it {what}", what=what)
                )

    def _text_faults(self, people: int, texts: Mapping[str, str | int]) -> list[RowFault]:
        missing = [name for name in self.kind.required if name not in texts]
        if missing:
            what = say("is missing, in the list and in the settings")
            values = self._values(_SOME_AMOUNT, people, texts)
            return [*(RowFault(name, what) for name in missing), *self._each(values)]
        faults = self._faults(_SOME_AMOUNT, people, texts, None)
        in_characters = self._assumptions.text_limits == TextLimits.CHARACTERS
        return faults or ([] if in_characters else self._long_in_bytes(texts))

    def _long_in_bytes(self, texts: Mapping[str, str | int]) -> list[RowFault]:
        faults = []
        for name, text in texts.items():
            most = self._rules[name].bytes_max
            if most and isinstance(text, str) and (size := self._rules[name].excess(text)):
                what = say(
                    "is {size} bytes of UTF-8, and WeChat may count bytes: keep it to {most}, or "
                    "see text_limits in the settings",
                    size=size,
                    most=most,
                )
                faults.append(RowFault(name, what))
        return faults

    def _values(self, amount: Fen, people: int, texts: Mapping[str, str | int]) -> dict[str, Any]:
        values: dict[str, Any] = {
            "mch_billno": _SOME_BILLNO,
            "re_openid": _SOME_PAYEE,
            "total_amount": amount,
            **texts,
        }
        if self.kind.shared:
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
            # The message says the first that it found.
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
        number = whole_number(text, digits=_INT_DIGITS_MAX)
        return text if number is None or self._rules[name].high is None else number


def _fault(error: InvalidRequest) -> RowFault:
    what = say("must be {rule}; found {found}", rule=error.rule, found=error.found)
    return RowFault(_OURS.get(error.field, error.field), what)
