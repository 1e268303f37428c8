"""The READMEs' table of what PowerWeChat does and what hongbao does, made from the recording.

What it sends and what comes back is read off the recording; hongbao's side is said here, and held
by hongbao's own tests.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hongbao.wire.endpoints import ENDPOINTS, Need
from interop.cases import CALLS
from interop.judge import seen_in
from interop.manual import COMPILES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from interop.recording import Recording, Step

SDK = "PowerWeChat"
ROOT = Path(__file__).parent.parent
READMES = {"en": ROOT / "README.md", "zh": ROOT / "README.zh-CN.md"}
_BEGIN, _END = "<!-- PowerWeChat: written by make interop -->", "<!-- end of PowerWeChat -->"
_TABLE = re.compile(f"(?<={_BEGIN}\n).*?(?={_END})", re.DOTALL)
_ENDPOINTS = {endpoint.path: endpoint for endpoint in ENDPOINTS}
_NAMES_SHOWN = 3
_PROVIDER = Need.PROVIDER
_GOOD = frozenset({"", "SUCCESS"})
_EMPTY = "result with nothing in it"


class Row(NamedTuple):
    """A row of the table.

    Attributes:
        theirs: what one writes there; a gap for "has none".
        ours: what one writes here, by language.
        manual: which call of the manual, if it prints one.
        cases: what is shown of the recording; what is sent is of the first.
    """

    theirs: str
    ours: dict[str, str]
    manual: str = ""
    cases: tuple[str, ...] = ()


_WORDS = {
    "en": {
        "head": "what it sends → what comes back",
        "broken": "as its manual prints it, it does not compile",
        "complete": "every field that WeChat wants",
        "unknown": "names that WeChat does not know ({names}); {missing} of the {wanted} that it "
        "wants are missing",
        "missing": "all but {names}",
        "paid": "paid",
        "answered": "answered",
        "error": "an error",
        "empty": "`err` is nil, the result is empty",
        "nil": "`err` is nil",
        "lossy": "`err` is nil, without {names} and the claims",
        "no": "there is none: its manual says TODO",
        "refusals": "`err` of an answer that is no success",
        "counted": "nil in {nil} of {all} such answers",
        "end": "{answer}, {told}",
        "join": "; ",
        "colon": ": ",
    },
    "zh": {
        "head": "它发送什么 → 得到什么",
        "broken": "照手册原样写无法编译",
        "complete": "微信要求的全部字段",
        "unknown": "微信不认识的名字（{names}）；要求的 {wanted} 个字段缺 {missing} 个",
        "missing": "缺 {names}",
        "paid": "已付款",
        "answered": "有应答",
        "error": "返回 error",
        "empty": "`err` 为 nil，结果为空",
        "nil": "`err` 为 nil",
        "lossy": "`err` 为 nil，没有 {names} 和领取记录",
        "no": "没有：手册中为 TODO",
        "refusals": "应答不成功时的 `err`",
        "counted": "{all} 次这样的应答中 {nil} 次为 nil",
        "end": "{answer}，{told}",
        "join": "；",
        "colon": "：",
    },
}
_SITUATIONS = {
    "en": {
        "accepted": "nothing in the way",
        "refused": "no money",
        "refused, text/plain": "no money, reply as text/plain",
        "text/plain": "reply as text/plain",
        "lost": "reply lost",
        "provider": "`{call}` for a sub-merchant",
        "no total_num": "without total_num, as in its manual",
        "no client_ip": "without client_ip",
        "one claim": "one claim",
        "not found": "unknown number",
    },
    "zh": {
        "accepted": "没有阻碍",
        "refused": "余额不足",
        "refused, text/plain": "余额不足，应答为 text/plain",
        "text/plain": "应答为 text/plain",
        "lost": "应答丢失",
        "provider": "服务商代子商户 `{call}`",
        "no total_num": "照手册不填 total_num",
        "no client_ip": "不填 client_ip",
        "one claim": "已有一人领取",
        "not found": "查无此单",
    },
}

ROWS = (
    Row(
        "`payment.NewPayment(&payment.UserConfig{AppID, MchID, Key, CertPath, KeyPath, "
        "Http{Timeout, BaseURI}})`",
        {
            "en": "`Merchant(app_id=, mch_id=, key=, cert_path=, key_path=, total_seconds=, "
            "base_url=)`; also `p12_path=`, `p12=` or PEM as bytes, `Merchant.from_env()`, "
            "`Merchant.from_toml(path)`",
            "zh": "`Merchant(app_id=, mch_id=, key=, cert_path=, key_path=, total_seconds=, "
            "base_url=)`；也可用 `p12_path=`、`p12=`、PEM 字节、`Merchant.from_env()`、"
            "`Merchant.from_toml(path)`",
        },
        manual="settings",
    ),
    Row(
        '`paymentService.SetSubMerchant(sub_mch_id, "")`',
        {
            "en": "`ServiceProvider(...).sub_merchant(sub_mch_id, msgappid=...)`: a copy; nothing "
            "global changes, and queries are left as they are",
            "zh": "`ServiceProvider(...).sub_merchant(sub_mch_id, msgappid=...)`：返回副本，"
            "不改动任何全局状态，查询请求不变",
        },
        cases=("normal.provider", "mini.provider", "query.provider"),
    ),
    Row(
        "`RedPack.SendNormal`",
        {
            "en": "`red_pack.send_normal(...)`; `total_num` and `wxappid` are filled in, and "
            "whoever gives them gets an `InvalidRequest` that says so",
            "zh": "`red_pack.send_normal(...)`；`total_num` 和 `wxappid` 自动填写，"
            "传入则抛出说明原因的 `InvalidRequest`",
        },
        manual="normal",
        cases=(
            "normal.accepted",
            "normal.refused",
            "normal.refused, text/plain",
            "normal.lost",
            "normal.no client_ip",
        ),
    ),
    Row(
        "`RedPack.SendMiniProgramNormal`",
        {
            "en": "`red_pack.send_mini_program(...)`, then `red_pack.claim_params(package)` for "
            "the front end's `wx.sendBizRedPacket`; `client_ip` is an `InvalidRequest`",
            "zh": "`red_pack.send_mini_program(...)`，再用 `red_pack.claim_params(package)` "
            "生成前端 `wx.sendBizRedPacket` 的参数；传入 `client_ip` 则抛出 `InvalidRequest`",
        },
        manual="mini",
        cases=("mini.accepted", "mini.refused", "mini.no total_num"),
    ),
    Row(
        "`RedPack.SendGroup`",
        {
            "en": "`red_pack.send_group(...)`, with `amt_type` filled in; WeChat marks it as "
            "switched off since 2024-06-05, so it warns",
            "zh": "`red_pack.send_group(...)`，`amt_type` 自动填写；"
            "微信标注已于 2024-06-05 下线，因此会发出警告",
        },
        manual="group",
        cases=("group.accepted",),
    ),
    Row(
        "红包预下单",
        {
            "en": "`red_pack.preorder(...)` returns the ticket; `red_pack.jump_hongbao_params(...)`"
            " signs the draw",
            "zh": "`red_pack.preorder(...)` 返回 ticket；"
            "`red_pack.jump_hongbao_params(...)` 为抽奖签名",
        },
    ),
    Row(
        "`RedPack.Info(mch_billno)`",
        {
            "en": "`red_pack.query(mch_billno)`: status, reason, refund, and every claim",
            "zh": "`red_pack.query(mch_billno)`：状态、原因、退款和每一条领取记录",
        },
        manual="query",
        cases=("query.one claim", "query.not found", "query.lost"),
    ),
    Row(
        "`redpack/work`",
        {
            "en": "`red_pack.send_work(...)`, `red_pack.query_work(...)`, with both signatures",
            "zh": "`red_pack.send_work(...)`、`red_pack.query_work(...)`，带双重签名",
        },
        cases=("work.accepted",),
    ),
)
_LAST = {
    "en": "`Refused`, or `OutcomeUnknown` where the packet may be paid, with `.err_code` and "
    "`.advice`",
    "zh": "`Refused`，可能已付款时为 `OutcomeUnknown`，带 `.err_code` 和 `.advice`",
}


def write(recording: Recording) -> None:
    """Put the table into both READMEs."""
    for language, path in READMES.items():
        text = path.read_text(encoding="utf-8")
        before, _, after = text.partition(_BEGIN)
        after = after[after.index(_END) :]
        table = render(recording, language)
        path.write_text(f"{before}{_BEGIN}\n{table}{after}", encoding="utf-8")


def render(recording: Recording, language: str) -> str:
    """The table in a language: ``en`` or ``zh``."""
    words = _WORDS[language]
    rows = [[f"PowerWeChat {recording.package.partition('@')[2]}", words["head"], "hongbao"]]
    rows.append(["---"] * len(rows[0]))
    rows += [[row.theirs, _seen(recording, row, language), row.ours[language]] for row in ROWS]
    rows.append([words["refusals"], _counted(recording, words), _LAST[language]])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def shown(language: str) -> str:
    """The table as it stands in a README."""
    found = _TABLE.search(READMES[language].read_text(encoding="utf-8"))
    assert found, f"{_BEGIN} is gone"
    return found[0]


def _seen(recording: Recording, row: Row, language: str) -> str:
    words = _WORDS[language]
    parts = []
    if row.manual and recording.manual[row.manual] != COMPILES:
        parts.append(words["broken"])
    steps = {step.name: step for step in recording.steps}
    if row.cases:
        ends = words["join"].join(
            f"{_situation(name, language)}{words['colon']}{_end(steps[name], words)}"
            for name in row.cases
        )
        parts.append(f"{_sent(steps[row.cases[0]], words)} → {ends}")
    return words["join"].join(parts) or words["no" if not row.manual else "complete"]


def _situation(name: str, language: str) -> str:
    call, _, situation = name.partition(".")
    return _SITUATIONS[language][situation].format(call=CALLS[call])


def _end(step: Step, words: dict[str, str]) -> str:
    """What came back, as its caller sees it."""
    ending = seen_in(step)
    answer = words["answered"] if ending.answer == "SUCCESS" else ending.answer
    made, _, lost = ending.made.partition(" without ")
    if made.startswith("error"):
        told = words["error"]
    elif made == _EMPTY:
        told = words["empty"]
    else:
        told = words["lossy"].format(names=_names(lost.split(", "))) if lost else words["nil"]
    return words["end"].format(answer=words["paid"] if ending.paid else answer, told=told)


def _sent(step: Step, words: dict[str, str]) -> str:
    """How the names in a request stand to those that WeChat knows and wants."""
    (exchanged,) = step.exchanges
    *names, _ = re.findall(r"</(\w+)>", exchanged.body)
    endpoint = _ENDPOINTS[exchanged.path]
    unknown = sorted(name for name in names if endpoint.need(name) is None)
    provides = "sub_mch_id" in names
    wanted = [*endpoint.required, "sign"]
    wanted += [
        known.name for known, need in endpoint.known.items() if provides and need is _PROVIDER
    ]
    missing = [name for name in wanted if name not in names]
    if unknown:
        return words["unknown"].format(
            names=_names(unknown), missing=len(missing), wanted=len(wanted)
        )
    return words["missing"].format(names=_names(missing)) if missing else words["complete"]


def _names(names: Sequence[str]) -> str:
    """The first few, as code."""
    shown = ", ".join(f"`{name}`" for name in names[:_NAMES_SHOWN])
    return shown + (", …" if len(names) > _NAMES_SHOWN else "")


def _counted(recording: Recording, words: dict[str, str]) -> str:
    """Of the answers that came and were no success, how many were no error."""
    came = [step for step in recording.steps if not step.name.endswith((".lost", ".garbled"))]
    refused = [one for one in map(seen_in, came) if one.answer not in _GOOD]
    told = [one for one in refused if not one.made.startswith("error")]
    return words["counted"].format(nil=len(told), all=len(refused))
