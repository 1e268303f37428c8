"""Which column of a list holds what: its header, understood once, by names of both languages.

One table of names. A name is compared without case, blanks, hyphens and underscores, full-width
forms as their plain ones; an amount's name may say its unit at its end: ``amount_fen``,
``金额（元）``.
"""

from __future__ import annotations

import difflib
import re
import shlex
import unicodedata
from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from hongbao.campaign.report.columns import is_report
from hongbao.campaign.rows.amounts import Unit
from hongbao.campaign.table.encoding import twice_encoded
from hongbao.english import AND, SEMICOLON, joined
from hongbao.ledger.model.campaign import mask
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

PAYEE, AMOUNT, KEY, KIND, PEOPLE = "openid", "amount", "key", "kind", "people"
"""The columns that are not texts of a request."""

IGNORED = "-"
"""In a map: a column that is read by nobody."""
_OF_EACH = frozenset({PAYEE, AMOUNT, KEY, KIND, PEOPLE, IGNORED})
USER_NAME = "user_name"
"""The one field that is kept, too, if it is asked for: finance knows people by it."""
_KEPT_NAME_MAX = 64

_NAMES: dict[str, tuple[str, ...]] = {
    PAYEE: ("openid", "re_openid", "payee", "用户openid", "收款人openid", "收款人", "用户标识"),
    AMOUNT: ("amount", "total_amount", "金额", "红包金额", "总金额", "发放金额"),
    KEY: ("key", "业务单号", "订单号", "编号", "单号", "唯一编号"),
    KIND: ("kind", "type", "类型", "红包类型"),
    PEOPLE: ("people", "total_num", "人数", "红包人数", "发放人数"),
    "send_name": ("send_name", "商户名称", "发送方", "发送方名称"),
    "wishing": ("wishing", "祝福语", "红包祝福语"),
    "act_name": ("act_name", "活动名称", "活动名"),
    "remark": ("remark", "备注"),
    "scene_id": ("scene_id", "场景", "场景id"),
    "sender_name": ("sender_name", "发送人", "发送人姓名", "发送者姓名"),
    "agentid": ("agentid", "应用id", "企业应用id"),
    "sender_header_media_id": ("sender_header_media_id", "发送人头像", "发送者头像"),
    "risk_info": ("risk_info", "风控信息"),
    "transfer_scene_id": ("transfer_scene_id", "转账场景", "转账场景id"),
    "transfer_remark": ("transfer_remark", "转账备注"),
    "transfer_scene_report_infos": ("transfer_scene_report_infos", "转账场景报备信息", "报备信息"),
    "user_recv_perception": ("user_recv_perception", "收款感知", "用户收款感知"),
    "notify_url": ("notify_url", "通知地址"),
    "user_name": ("user_name", "姓名", "真实姓名", "收款人姓名", "收款用户姓名", "用户姓名"),
    "consume_mch_id": ("consume_mch_id", "扣费商户号", "扣钱方商户号"),
}

FIELDS = tuple(_NAMES)
"""Every field, as a map names it."""

_BLANKS = re.compile(r"[\s_-]+")
_UNIT = re.compile(r"(?P<name>.+?)[(\[]?(?P<unit>元|分|yuan|rmb|cny|fen)[)\]]?")
_UNITS = {"元": Unit.YUAN, "yuan": Unit.YUAN, "rmb": Unit.YUAN, "cny": Unit.YUAN}


def _plain(name: str) -> str:
    return _BLANKS.sub("", unicodedata.normalize("NFKC", name).casefold())


_FIELD_OF = {_plain(name): field for field, names in _NAMES.items() for name in names}


class Column(NamedTuple):
    """What a name at the top of a column means.

    Attributes:
        field: one of ``FIELDS``, or ``IGNORED``.
        unit: the unit that the name says.
    """

    field: str
    unit: Unit | None = None


def recognise(name: str) -> Column | None:
    """What a column of this name holds; None if that is not known."""
    plain = _plain(name)
    if plain in _FIELD_OF:
        return Column(_FIELD_OF[plain])
    match = _UNIT.fullmatch(plain)
    if match is not None and _FIELD_OF.get(match["name"]) == AMOUNT:
        return Column(AMOUNT, _UNITS.get(match["unit"], Unit.FEN))
    return None


def mapped(name: str, named: Mapping[str, str]) -> Column | None:
    """What a column of this name holds, a user's own map first; None if that is not known."""
    given = name if name in named else next((it for it in named if same_name(it, name)), None)
    said = recognise(name)
    if given is None:
        return said
    unit = said.unit if said is not None and said.field == named[given] == AMOUNT else None
    return Column(named[given], unit)


def same_name(one: str, other: str) -> bool:
    """Whether two names of columns are one, as names are compared."""
    return _plain(one) == _plain(other)


def suggest(name: str) -> str:
    """Which column may be meant by a name that is not known, as a question; empty if none is."""
    if _FIELD_OF.get(_plain(name)) == USER_NAME:
        return ""  # its payer takes none
    close = difflib.get_close_matches(_plain(name[:64]), _FIELD_OF, n=1)
    return say("is {field} meant?", field=_FIELD_OF[close[0]]) if close else ""


_WIDTH_MAX = 256
_SHOWN_MAX = 20
_NAME_MAX = 40
_LIKE_AN_OPENID = re.compile("[0-9A-Za-z_-]{24,}")
_REPORT = say(
    "this is a report that hongbao wrote, and no list: it says what became of "
    "payouts. What was refused is paid by `hongbao payout reopen KEY`. People "
    "that are not in it are added by `hongbao campaign extend CAMPAIGN FILE`, "
    "with a list that may hold the old rows, too. To pay the same people once "
    "more, give a list of their openids, amounts and new keys"
)


class Layout(NamedTuple):
    """Where the fields stand.

    Attributes:
        width: how many columns the header has.
        places: of each field that the list has.
        names: of each of those columns, as the list has it.
        kept: where the columns stand that are kept beside the payments, by their names.
        nameless: the columns without a name, which must be empty.
    """

    width: int
    places: dict[str, int]
    names: dict[str, str]
    nameless: tuple[int, ...]
    kept: Mapping[str, int] = MappingProxyType({})


class UnfitHeaderError(Exception):
    """The columns of a list cannot be understood. It never leaves this package.

    Attributes:
        problems: all that is wrong.
        blind: whether not a single column is known: it may be no header at all.
    """

    def __init__(self, *problems: str, blind: bool = False) -> None:
        super().__init__(joined(problems, SEMICOLON))
        self.problems = problems
        self.blind = blind


def understand(
    header: Sequence[str],
    named: Mapping[str, str],
    unit: Unit,
    *,
    keep: Sequence[str] = (),
    texts: Collection[str] = FIELDS,
) -> Layout:
    """Where the fields stand.

    Args:
        header: its cells.
        named: fields by the names that columns have in the list; others go by their known names.
        unit: of the amounts, as the user says it.
        keep: the names of columns that are kept beside the payments.
        texts: the texts that the payer's payments may have: a column of another one may be kept.

    Raises:
        UnfitHeaderError: with all that is wrong with the header.
    """
    _check_is_list(header)
    columns = [_of(name, named, texts) for name in header]
    kept = _kept(header, columns, keep, texts)
    _check_known(header, columns)
    problems = [
        *_unknown(header, columns),
        *_unit_problems(header, columns, unit),
        *_count_problems(header, columns),
        *(
            say("there is no column {name}", name=_shown(name))
            for name in [*named, *keep]
            if not _has(header, name)
        ),
        *_kept_problems(header, columns, kept),
    ]
    if problems:
        raise UnfitHeaderError(*problems)
    found = [(column.field, place) for place, column in enumerate(columns) if column is not None]
    places = {field: place for field, place in found if field != IGNORED}
    names = {field: header[place] for field, place in places.items()}
    nameless = tuple(place for place, column in enumerate(columns) if column is None)
    return Layout(len(header), places, names, nameless, kept)


def _of(name: str, named: Mapping[str, str], texts: Collection[str]) -> Column | None:
    """What a column holds; one of names is not known to who pays without them."""
    column = mapped(name, named)
    nameless = column == Column(USER_NAME) and USER_NAME not in texts
    return None if nameless and not any(same_name(it, name) for it in named) else column


def _check_known(header: Sequence[str], columns: Sequence[Column | None]) -> None:
    if not any(columns):
        shown = joined(_shown(name) for name in header[:_SHOWN_MAX])
        raise UnfitHeaderError(
            say(
                "is not a header: no column is known among {shown}. Name the columns in "
                "the first row: {fields}; openid and amount are needed",
                shown=shown,
                fields=joined(FIELDS),
            ),
            blind=True,
        )


def _check_is_list(header: Sequence[str]) -> None:
    if len(header) > _WIDTH_MAX:
        raise UnfitHeaderError(
            say(
                "has {count} columns, more than {most}: is there a stray cell far to the right?",
                count=len(header),
                most=_WIDTH_MAX,
            )
        )
    if is_report(header):
        raise UnfitHeaderError(_REPORT)


def _kept(
    header: Sequence[str],
    columns: list[Column | None],
    keep: Sequence[str],
    texts: Collection[str],
) -> dict[str, int]:
    """Where the columns stand that are kept; those that are nothing else are ignored otherwise."""
    found = {
        name: place
        for place, name in enumerate(header)
        if name and any(same_name(it, name) for it in keep)
    }
    for place in found.values():
        column = columns[place]
        if column is None or (column.field not in _OF_EACH and column.field not in texts):
            columns[place] = Column(IGNORED)
    return found


def _kept_problems(
    header: Sequence[str], columns: Sequence[Column | None], kept: Mapping[str, int]
) -> list[str]:
    """What cannot be kept: what is paid by; and two columns of one name."""
    problems: list[str] = []
    for name, place in kept.items():
        column = columns[place]
        if column is not None and column.field not in {IGNORED, USER_NAME}:
            problems.append(
                say(
                    "{name} is {field}, which is stored with the payment; to keep it instead, "
                    "add --map {ignored}",
                    name=_shown(name),
                    field=column.field,
                    ignored=_quoted(f"{name}={IGNORED}"),
                )
            )
        if sum(same_name(it, name) for it in header) > 1:
            problems.append(
                say("several columns are called {name}: which is to be kept?", name=_shown(name))
            )
        if len(name) > _KEPT_NAME_MAX:
            problems.append(say("{name} is kept, and its name is too long", name=_shown(name)))
    return problems


def _has(header: Sequence[str], name: str) -> bool:
    return name in header or any(same_name(it, name) for it in header)


def _unknown(header: Sequence[str], columns: Sequence[Column | None]) -> list[str]:
    wrong = [name for name, column in zip(header, columns, strict=True) if name and column is None]
    problems: list[str] = []
    for name in wrong:
        question = suggest(name)
        what = say("{name} is not known", name=_shown(name))
        if question:
            what = say("{name} is not known ({question})", name=_shown(name), question=question)
        if damage := twice_encoded(name):
            what = say("{name} is not known: it {damage}", name=_shown(name), damage=damage)
        problems.append(
            say(
                "{what}; say what it holds with --map {field}, keep it for reports with --keep "
                "{name}, or leave it out with --map {ignored}",
                what=what,
                field=_quoted(f"{name}=FIELD"),
                name=_quoted(name),
                ignored=_quoted(f"{name}={IGNORED}"),
            )
        )
    if wrong:
        problems.append(say("FIELD is one of {fields}", fields=joined(FIELDS)))
    return problems


def _quoted(argument: str) -> str:
    """An argument as a shell takes it, on one line."""
    plain = " ".join(argument.split())
    return f"'{plain}'" if "'" not in plain else shlex.quote(plain)


def _unit_problems(
    header: Sequence[str], columns: Sequence[Column | None], unit: Unit
) -> list[str]:
    return [
        say(
            "{name} says {found}, but the amounts are said to be {unit}",
            name=_shown(name),
            found=column.unit.words,
            unit=unit.words,
        )
        for name, column in zip(header, columns, strict=True)
        if column is not None and column.unit is not None and column.unit is not unit
    ]


def _count_problems(header: Sequence[str], columns: Sequence[Column | None]) -> list[str]:
    fields = [column.field for column in columns if column is not None and column.field != IGNORED]
    problems: list[str] = []
    for field, count in Counter(fields).items():
        if count > 1:
            names = [
                _shown(name)
                for name, column in zip(header, columns, strict=True)
                if column is not None and column.field == field
            ]
            problems.append(say("{names} are both {field}", names=joined(names, AND), field=field))
    problems += [
        say("no column is {field}", field=needed)
        for needed in (PAYEE, AMOUNT)
        if needed not in fields
    ]
    return problems


def _shown(name: str) -> str:
    if _LIKE_AN_OPENID.fullmatch(name):  # of a list without a header
        return repr(mask(name))
    return repr(name if len(name) <= _NAME_MAX else f"{name[:_NAME_MAX]}…")
