"""The scenes of transfers: what must be reported in each, and what the user may see it called.

No official page lists the ids: the merchant platform shows a merchant its own. These are agreed on
by three public code bases. A scene that is not here is sent as it is given; see
``TransferAssumptions.scenes``.
"""

from __future__ import annotations

from typing import NamedTuple


class Scene(NamedTuple):
    """One scene.

    Attributes:
        scene_id: WeChat's id.
        name: WeChat's name for it.
        report_infos: the ``info_type`` of each thing that must be reported, each once.
        perceptions: what ``user_recv_perception`` may be. The first is shown if it is left out.
        red_packet: whether the page may look like a red packet; None where no source says.
    """

    scene_id: str
    name: str
    report_infos: tuple[str, ...]
    perceptions: tuple[str, ...]
    red_packet: bool | None


SCENES = {
    scene.scene_id: scene
    for scene in (
        Scene("1000", "现金营销", ("活动名称", "奖励说明"), ("活动奖励", "现金奖励"), True),
        Scene("1002", "行政补贴", ("补贴类型",), ("行政补贴", "行政奖励"), None),
        Scene(
            "1004",
            "保险理赔",
            ("保险产品备案编号", "保险名称", "保险操作单号"),
            ("保险理赔款",),
            False,
        ),
        Scene(
            "1005",
            "佣金报酬",
            ("岗位类型", "报酬说明"),
            ("劳务报酬", "报销款", "企业补贴", "开工利是"),
            None,
        ),
        Scene("1009", "采购货款", ("采购商品名称",), ("货款",), False),
        Scene("1010", "二手回收", ("回收商品名称",), ("二手回收货款",), False),
        Scene("1011", "企业赔付", ("赔付原因",), ("退款", "商家赔付"), None),
        Scene("1013", "公益补助", ("公益活动名称", "公益活动备案编号"), ("公益补助金",), False),
    )
}
"""By their ids."""
