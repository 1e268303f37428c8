"""The options that several commands have, written once, in the kebab case of WeChat's names."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

MerchantPath: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--merchant",
        metavar="PATH",
        help="The merchant's TOML file; without it, environment variables HONGBAO_*.",
        show_default=False,
    ),
]
AsJson: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print one JSON document.", show_default=False)
]
Yes: TypeAlias = Annotated[
    bool,
    typer.Option("--yes", "-y", help="Send real money without asking.", show_default=False),
]


def _text(option: str, help_text: str) -> object:
    return typer.Option(option, help=help_text, show_default=False)


# Which packet it is.
MchBillno: TypeAlias = Annotated[
    str | None, _text("--mch-billno", "The order number: 1 to 28 letters and digits.")
]
Key: TypeAlias = Annotated[
    str | None,
    _text("--key", "In place of --mch-billno: the payout's business key; it gives the number."),
]
Attempt: TypeAlias = Annotated[
    int,
    typer.Option(
        help="With --key: 1, and more only once the number before it is proven dead.", min=1
    ),
]
# How much. The unit is in the option's name, so that nobody sends a hundredfold.
Yuan: TypeAlias = Annotated[str | None, _text("--yuan", "The amount in yuan, such as 1.00.")]
InFen: TypeAlias = Annotated[
    int | None, typer.Option("--fen", help="The amount in fen, such as 100.", show_default=False)
]
# What WeChat's calls take.
ReOpenid: TypeAlias = Annotated[str, _text("--re-openid", "The receiver's openid.")]
SendName: TypeAlias = Annotated[str, _text("--send-name", "Who sends, as the user sees it.")]
Wishing: TypeAlias = Annotated[str, _text("--wishing", "The greeting.")]
ActName: TypeAlias = Annotated[str, _text("--act-name", "The activity.")]
Remark: TypeAlias = Annotated[str, _text("--remark", "A remark.")]
TotalNum: TypeAlias = Annotated[
    int, typer.Option("--total-num", help="Among how many it is shared.", show_default=False)
]
ClientIp: TypeAlias = Annotated[
    str | None, _text("--client-ip", "This machine's IPv4; else the merchant's setting.")
]
SceneId: TypeAlias = Annotated[
    str | None, _text("--scene-id", "PRODUCT_1 to PRODUCT_8, only if it is opened for you.")
]
RiskInfo: TypeAlias = Annotated[
    str | None,
    _text(
        "--risk-info",
        "Hints for risk control, such as 'posttime=1795392000&mobile=86-13800000000'; also "
        "deviceid, clientversion.",
    ),
]
HbType: TypeAlias = Annotated[str, typer.Option("--hb-type", help="NORMAL or GROUP.")]
PreorderTotalNum: TypeAlias = Annotated[
    int, typer.Option("--total-num", help="1 for NORMAL, more for GROUP.")
]
RiskCntl: TypeAlias = Annotated[
    str,
    typer.Option(
        "--risk-cntl",
        help="NORMAL, or what to ignore: IGN_FREQ_LMT, IGN_DAY_LMT, IGN_FREQ_DAY_LMT.",
    ),
]
ConsumeMchId: TypeAlias = Annotated[
    str | None, _text("--consume-mch-id", "Legacy, of service providers: whose money is used.")
]
SubMchId: TypeAlias = Annotated[
    str | None, _text("--sub-mch-id", "Of a service provider: the sub-merchant.")
]
Msgappid: TypeAlias = Annotated[
    str | None, _text("--msgappid", "Of a service provider: the appid that reaches the user.")
]
SenderName: TypeAlias = Annotated[
    str | None, _text("--sender-name", "Who sends: a person's name. Either this or --agentid.")
]
Agentid: TypeAlias = Annotated[
    int | None,
    typer.Option("--agentid", help="Who sends: a WeCom application.", show_default=False),
]
SenderHeaderMediaId: TypeAlias = Annotated[
    str | None, _text("--sender-header-media-id", "The avatar, as WeCom's material API names it.")
]
# The payout engine's.
ConfigPath: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="PATH",
        help="The engine's settings; without it HONGBAO_CONFIG, else ./hongbao.toml.",
        show_default=False,
    ),
]
CampaignName: TypeAlias = Annotated[
    str, typer.Argument(metavar="NAME", help="The campaign's name.", show_default=False)
]
By: TypeAlias = Annotated[
    str | None, _text("--by", "Who does it, for the history; else this user and machine.")
]
Reason: TypeAlias = Annotated[str, _text("--reason", "Why, for the history.")]
Wait: TypeAlias = Annotated[
    float,
    typer.Option(
        "--wait",
        metavar="SECONDS",
        help="If the books are locked, keep trying for so long; else give up after 7 seconds.",
        min=0.0,
        show_default=False,
    ),
]
OnlyMerchants: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--merchant",
        metavar="NAME",
        help="Work for this merchant of the settings alone; may be given several times.",
        show_default=False,
    ),
]
Lease: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--lease",
        metavar="SECONDS",
        help="After so long without a word, others take over what a worker had; 90.",
        min=1.0,
        show_default=False,
    ),
]
LeaveIdle: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--leave-idle",
        metavar="SECONDS",
        help="Leave when nothing is due for so long; without it, stay.",
        min=0.0,
        show_default=False,
    ),
]
RunLeaveIdle: TypeAlias = Annotated[
    float,
    typer.Option(
        "--leave-idle", metavar="SECONDS", help="Leave when nothing is due for so long.", min=0.0
    ),
]
