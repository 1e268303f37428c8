"""What a row of a list must be for a transfer to be made of it.

What a field may be is said in ``wire.transfer``: a row is right if the wire can make a message of
it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hongbao.english import joined
from hongbao.errors import InvalidRequest
from hongbao.rails.port import RowFault
from hongbao.rails.transfer.kinds import KINDS, REPORT_INFOS, USER_NAME
from hongbao.rails.transfer.report_infos import parse_report_infos
from hongbao.sentences import marked, say
from hongbao.wire.transfer import fields as f
from hongbao.wire.transfer.assumptions import CAUTIOUS, TransferAssumptions
from hongbao.wire.transfer.messages import Transfer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.money import Fen
    from hongbao.rails.transfer.kinds import TransferKind

_OURS = {"openid": "payee", "transfer_amount": "amount"}
"""What the ledger calls the wire's fields."""
_FIELDS = {
    rule.name: rule
    for rule in (f.TRANSFER_SCENE_ID, f.TRANSFER_REMARK, f.USER_RECV_PERCEPTION, f.NOTIFY_URL)
}
# Any that are right: the number is derived later, and the receiver is judged row by row.
_SOME_NUMBER = "0" * 28
_SOME_PAYEE = "o" * 28
_SOME_AMOUNT = 100
_NAMELESS = marked(
    "below {most} fen without the receiver's real name in the column user_name (收款人姓名)"
)
_NAMED = marked("at least {low} fen with a name in the column user_name: below, WeChat takes none")
_SOME_TEXTS = {"transfer_scene_id": "1000", "transfer_remark": "x", REPORT_INFOS: "x=x"}
_SOME_NAME = "x"


def transfer_rules(assumptions: TransferAssumptions = CAUTIOUS) -> dict[str, TransferRules]:
    """The rules of each kind of transfer, as one merchant reads WeChat's uncertain sources."""
    return {name: TransferRules(kind, assumptions) for name, kind in KINDS.items()}


class TransferRules:
    """What a transfer of one kind must be; see ``RowRules``.

    Args:
        kind: which.
        assumptions: what WeChat's sources leave uncertain.

    Attributes:
        kind: which.
        is_payee: whether a text can be a receiver, by the wire's own expression.
    """

    def __init__(self, kind: TransferKind, assumptions: TransferAssumptions) -> None:
        self.kind = kind
        self.is_payee = re.compile(f.OPENID.pattern).fullmatch
        # Each is judged with what the other depends on left out.
        self._of_texts = replace(assumptions, amount_min=1, amount_max=None)
        self._of_amounts = replace(assumptions, scenes={}, red_packet_unsure_scenes=True)
        self._assumptions = assumptions

    def payee_fault(self, payee: str) -> str:
        """As the port says."""
        try:
            f.OPENID.check(payee, None)
        except InvalidRequest as error:
            return _fault(error).what
        return ""

    def typed(self, texts: Mapping[str, str]) -> dict[str, str | int]:
        """As the port says: all of them are texts."""
        return {name: texts[name] for name in texts if name in self.kind.texts}

    def text_faults(
        self, people: int, texts: Mapping[str, str | int]
    ) -> tuple[list[RowFault], list[str]]:
        """As the port says."""
        del people
        missing = [name for name in self.kind.required if name not in texts]
        if missing:
            what = say("is missing, in the list and in the settings")
            return [*(RowFault(name, what) for name in missing), *_each(texts)], []
        try:
            self._message(_SOME_PAYEE, _SOME_AMOUNT, texts).check_assumptions(self._of_texts)
        except InvalidRequest as error:
            return _each(texts) or [_fault(error)], []
        return [], []

    def amount_faults(
        self, amount: Fen, people: int, texts: Mapping[str, str | int]
    ) -> list[RowFault]:
        """As the port says. It depends on the kind, and on whether there is a name."""
        del people
        right = _SOME_TEXTS | ({USER_NAME: _SOME_NAME} if USER_NAME in texts else {})
        try:
            self._message(_SOME_PAYEE, amount, right).check_assumptions(self._of_amounts)
        except InvalidRequest as error:
            if error.field == USER_NAME:
                said = self._assumptions
                rule = say(_NAMELESS, most=said.name_required_from)
                if USER_NAME in texts:
                    rule = say(_NAMED, low=said.name_refused_below)
                what = say("must be {rule}; found {found}", rule=rule, found=amount)
                return [RowFault("amount", what)]
            return [_fault(error)]
        return []

    def check(self, payee: str, amount: Fen, people: int, texts: Mapping[str, str | int]) -> None:
        """As the port says."""
        kind = self.kind
        for name in texts.keys() - set(kind.texts):
            rule = say(
                "left out: {name} has {fields}", name=kind.name, fields=joined(sorted(kind.texts))
            )
            raise InvalidRequest(field=name, rule=rule, found=say("it given"))
        for name in kind.required:
            if name not in texts:
                rule = say("given, or in the merchant's settings")
                raise InvalidRequest(field=name, rule=rule, found=say("neither"))
        # A True is no 1, nor is a 1.0: the books would keep it as it is.
        if type(people) is not int or people != 1:
            raise InvalidRequest(
                field="people", rule=say("1 for {name}", name=kind.name), found=repr(people)
            )
        self._message(payee, amount, texts).check_assumptions(self._assumptions)

    def _message(self, payee: str, amount: Fen, texts: Mapping[str, str | int]) -> Transfer:
        return message(
            self.kind, number=_SOME_NUMBER, payee=payee, amount=amount, appid=None, texts=texts
        )


def message(
    kind: TransferKind,
    *,
    number: str,
    payee: str,
    amount: Fen,
    appid: str | None,
    texts: Mapping[str, Any],
) -> Transfer:
    """The request of a transfer.

    Raises:
        InvalidRequest: naming the field and the rule that it breaks.
    """
    said = {name: texts[name] for name in kind.texts if texts.get(name) is not None}
    infos = said.pop(REPORT_INFOS, "")
    try:
        said[REPORT_INFOS] = parse_report_infos(infos)
    except (TypeError, ValueError) as error:
        rule = error.args[0] if isinstance(error, ValueError) else say("a text")
        raise InvalidRequest(
            field=REPORT_INFOS, rule=rule, found=say("another text"), mch_billno=number
        ) from None
    return Transfer(
        out_bill_no=number,
        openid=payee,
        transfer_amount=amount,
        appid=appid,
        user_recv_style=kind.style,
        **said,
    )


def _each(texts: Mapping[str, str | int]) -> list[RowFault]:
    """What is wrong with each text by itself."""
    faults = []
    for name, text in texts.items():
        try:
            if name == USER_NAME:
                f.NAME.check(text, None)
            elif name in _FIELDS:
                _FIELDS[name].check(text, None)
            elif name == REPORT_INFOS:
                parse_report_infos(str(text))
        except InvalidRequest as error:
            faults.append(_fault(error))
        except ValueError as error:
            faults.append(RowFault(name, say("must be {rule}", rule=error.args[0])))
    return faults


def _fault(error: InvalidRequest) -> RowFault:
    name = error.field.partition("/")[0]
    what = say("must be {rule}; found {found}", rule=error.rule, found=error.found)
    return RowFault(_OURS.get(name, name), what)
