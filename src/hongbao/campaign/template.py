"""An empty list to fill in: the columns, a choice of kinds, and one example row.

The example is refused if it stays: its openid is none. Keys and openids are kept as text, since a
spreadsheet takes digits off long numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.campaign.report.delimited import write_csv
from hongbao.campaign.report.files import is_workbook, whole
from hongbao.campaign.report.workbook import ROWS_MAX, ReportSheet, column_letters, write_xlsx
from hongbao.rails.known import RAILS
from hongbao.state_words import Words

if TYPE_CHECKING:
    from pathlib import Path

_AMOUNT, _KIND = "amount", "kind"
TEMPLATE: dict[str, tuple[Words, Words]] = {
    "key": (Words("key", "业务单号"), Words("example-1", "示例-1")),
    "openid": (
        Words("openid", "用户openid"),
        Words("(example: delete this row)", "（示例：请删除此行）"),
    ),
    _AMOUNT: (Words("amount (yuan)", "金额（元）"), Words("1.00", "1.00")),
    _KIND: (Words("kind", "红包类型"), Words("normal", "普通")),
    "people": (Words("people", "红包人数"), Words("", "")),
    "send_name": (Words("send_name", "商户名称"), Words("Shop", "示例商店")),
    "wishing": (Words("wishing", "祝福语"), Words("Happy new year", "新年快乐")),
    "act_name": (Words("act_name", "活动名称"), Words("Spring", "新春活动")),
    "remark": (Words("remark", "备注"), Words("first", "第一批")),
}
"""By the field of a list of red packets: what its column is called, and an example."""
TRANSFERS: dict[str, tuple[Words, Words]] = {
    **{field: TEMPLATE[field] for field in ("key", "openid", _AMOUNT)},
    _KIND: (Words("kind", "类型"), Words("transfer", "商家转账")),
    "transfer_scene_id": (Words("transfer_scene_id", "转账场景"), Words("1000", "1000")),
    "transfer_remark": (Words("transfer_remark", "转账备注"), Words("First prize", "一等奖")),
    "transfer_scene_report_infos": (
        Words("transfer_scene_report_infos", "转账场景报备信息"),
        Words("活动名称=Autumn draw；奖励说明=First prize", "活动名称=秋季抽奖；奖励说明=一等奖"),
    ),
}
"""The same of a list of transfers."""


def write_template(path: Path, *, chinese: bool = False, transfers: bool = False) -> None:
    """Write an empty list.

    Args:
        path: of a ``.csv`` or ``.xlsx`` file.
        chinese: whether its columns are named in Chinese; else in English.
        transfers: whether it is a list of transfers; else of red packets.

    Raises:
        ConfigurationError: if the file is of another kind or cannot be written.
    """
    columns = TRANSFERS if transfers else TEMPLATE
    said = [(name[chinese], text[chinese]) for name, text in columns.values()]
    header, example = ([*cells] for cells in zip(*said, strict=True))
    workbook = is_workbook(path)
    with whole(path) as part:
        if not workbook:
            write_csv(part, header, [example], ())
            return
        amount = header[[*columns].index(_AMOUNT)]
        texts = frozenset(header) - {amount}
        sheet = ReportSheet(
            "list", header, [example], frozenset({amount}), frozenset({amount}),
            texts=texts, behind=_choice("transfer" if transfers else "normal", chinese=chinese),
        )  # fmt: skip
        write_xlsx(part, [sheet])


def _choice(one: str, *, chinese: bool) -> str:
    """The rule that offers the kinds in their column: those of the rail that has one of them."""
    kinds = RAILS.of(one).kinds.values()
    names = ",".join(kind.chinese if chinese else kind.option for kind in kinds)
    column = column_letters([*TEMPLATE].index(_KIND) + 1)
    return (
        '<dataValidations count="1"><dataValidation type="list" allowBlank="1" '
        f'showErrorMessage="1" sqref="{column}2:{column}{ROWS_MAX}">'
        f'<formula1>"{names}"</formula1></dataValidation></dataValidations>'
    )
