"""What single SDKs do that their callers must know of: data, with where each is known from.

Where an observation is the only source (`seen here`), the SDK's own code was read to be sure whose
doing it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from interop.cases import Case
    from interop.sdks import Sdk

_SEEN = "seen here"
UNJUDGED = frozenset({"systemerror", "stranger", "no certificate"})
"""Situations in which WeChat's side never looks at what a request says."""

_NO_STATUS = (
    "result without detail_id, status, send_type, send_time, wishing, remark, act_name, hb_type, "
    "total_num, no claims"
)
_WECHATPY = ("wechatpy-1.8", "wechatpy-2.0")
_PYTHON = (*_WECHATPY, "pywe-pay")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that an SDK does and that a caller must know of.

    Attributes:
        sdks: which ones.
        cases: where it shows, by name; ``call.*`` is all of a call that WeChat's side judges.
        answer: of WeChat's side, if it changes that.
        made: what the SDK hands back, if it changes that; ``{}`` is what it would have been.
        what: it does.
        source: where that is known from.
    """

    sdks: tuple[str, ...]
    cases: tuple[str, ...]
    answer: str | None = None
    made: str | None = None
    what: str
    source: str = field(default=_SEEN)

    def shows_in(self, sdk: str, case: Case) -> bool:
        """Whether a case of an SDK is to show it."""
        if sdk not in self.sdks:
            return False
        judged = case.situation not in UNJUDGED and f"{case.call}.*" in self.cases
        return judged or case.name in self.cases


_STRUCTS = (
    "encodes its request by way of JSON, whose names its type does not give: WeChat gets MchBillNO "
    "for mch_billno and so on, and finds mch_id alone"
)

FAULTS = (
    Fault(
        sdks=("PowerWeChat",),
        cases=("group.*",),
        answer="PARAM_ERROR",
        what=_STRUCTS,
        source="its RequestSendGroupRedPack, which has names for XML alone",
    ),
    Fault(
        sdks=("PowerWeChat",),
        cases=("work.*", "query_work.*"),
        answer="PARAM_ERROR",
        what=(
            "the same with WeCom's calls, which the service has no way to: the driver makes their "
            "client itself; workwx_sign is never made"
        ),
        source="its redpack/work",
    ),
    Fault(
        sdks=("PowerWeChat",),
        cases=(
            "work.accepted",
            "work.refused",
            "work.systemerror",
            "work.processing",
            "query_work.one claim",
            "query_work.not found",
            "query_work.systemerror",
        ),
        made="result",
        what="has no err_code in its results of WeCom's calls: a refusal has no reason",
        source="its ResponseSendWorkWX and ResponseQueryWorkWX",
    ),
    Fault(
        sdks=("PowerWeChat",),
        cases=("query.one claim", "query.two claims"),
        made=_NO_STATUS,
        what=(
            "reads the reply of a query into the type of a send's: status, reason, refund and "
            "claims are lost, though it has a type with the status and one claim"
        ),
        source="its redpack.Client.Info",
    ),
    Fault(
        sdks=("PowerWeChat",),
        cases=("normal.text/plain", "normal.refused, text/plain"),
        made="result with nothing in it",
        what=(
            "takes a reply for JSON whose Content-Type is not XML's, and drops the error of that: "
            "paid and refused look the same, empty"
        ),
        source="PowerLibs' ParseResponseBodyContent, and its SafeRequest",
    ),
    Fault(
        sdks=("PowerWeChat",),
        cases=("normal.no total_num", "mini.no total_num"),
        answer="PARAM_ERROR",
        what=(
            "sends total_num 0 where it is left out, as its manual does with a mini program: the 1 "
            "that it would fill in, or there mch_id, takes the place of texts only"
        ),
        source="PowerLibs' MergeHashMap",
    ),
    Fault(
        sdks=("PowerWeChat",),
        cases=("normal.no client_ip",),
        answer="PARAM_ERROR",
        what=(
            "sends an empty client_ip where it is left out, which its manual says, of the other "
            "two kinds of packets, that it fills in"
        ),
        source="its manual's page of red packets",
    ),
    Fault(
        sdks=("wechat-pay",),
        cases=("normal.systemerror", "query.systemerror"),
        made="error ProtocolError, and an unhandled rejection SYSTEMERROR",
        what=(
            "names its error by return_code: SYSTEMERROR, after which the packet may be paid, is a "
            "ProtocolError and NOTENOUGH a BusinessError; either has the reply's fields"
        ),
        source="its Payment.validate",
    ),
    Fault(
        sdks=("wechat-pay",),
        cases=("normal.provider",),
        made="error InvalidSubMchId, and an unhandled rejection",
        what=(
            "wants in each reply the sub_mch_id that it was made with, which WeChat does not send "
            "with red packets: a packet that is paid ends in an error"
        ),
        source="its Payment.validate; WeChat's page of sendredpack",
    ),
    Fault(
        sdks=("wechat-pay", "tnwx"),
        cases=("normal.garbled",),
        made="result out of a damaged reply",
        what="its parser lets a NUL in the middle of the reply pass, depending on where it stands",
    ),
    Fault(
        sdks=("weixin-popular",),
        cases=("normal.markup",),
        answer="XML_ERROR",
        made="result XML_ERROR",
        what="writes texts as they are, so one with `&` or `<` in it makes a document of no kind",
        source="its XMLConverUtil, whose handler of escapes escapes nothing",
    ),
    Fault(
        sdks=("weixin-popular",),
        cases=("normal.its own TLS",),
        answer="",
        made="nothing at all",
        what=(
            "offers TLS 1.0 with the merchant's certificate, and no other: Java has it switched "
            "off, and the caller gets `null`"
        ),
        source="its HttpClientFactory.supportedProtocols",
    ),
    Fault(
        sdks=_PYTHON,
        cases=("group.*",),
        answer="SIGN_ERROR",
        what="sends and signs client_ip, which sendgroupredpack does not know",
        source="EasyWeChat pull request 306",
    ),
    Fault(
        sdks=("pywe-pay",),
        cases=("mini.*",),
        answer="PARAM_ERROR",
        what=(
            "says JSAPI for notify_way, where only MINI_PROGRAM_JSAPI is right; the client_ip that "
            "it signs, too, is tolerated here, as EasyWeChat's users suggest (a setting)"
        ),
        source="WeChat's page of sendminiprogramhb; EasyWeChat pull requests 2154 and 2270",
    ),
    Fault(
        sdks=(*_PYTHON, "PowerWeChat"),
        cases=("normal.provider",),
        answer="PARAM_ERROR",
        what="has no msgappid, so a provider cannot send",
        source="WxJava issue 804",
    ),
    Fault(
        sdks=("WxJava", "PowerWeChat"),
        cases=("mini.provider",),
        answer="PARAM_ERROR",
        what="has no msgappid in the mini program's packet, so a provider cannot send one",
        source="WxJava issue 804, of the ordinary packet",
    ),
    Fault(
        sdks=(*_PYTHON, "PowerWeChat"),
        cases=("query.provider",),
        answer="SIGN_ERROR",
        what="sends and signs sub_mch_id with gethbinfo, which does not know it",
        source="WxJava leaves it out of the signature, and is answered",
    ),
    Fault(
        sdks=_PYTHON,
        cases=("normal.longest own number",),
        answer="PARAM_ERROR",
        what="draws a number of 29 characters once in 9001 times; mch_billno has at most 28",
        source="WeChat's page of sendredpack",
    ),
    Fault(
        sdks=_PYTHON,
        cases=("normal.own number",),
        made="{}, without the number",
        what=(
            "does not say which number it drew when a call fails; it can only be dug out of the "
            "request's bytes, and without it the packet cannot be sent again safely"
        ),
    ),
    Fault(
        sdks=_WECHATPY,
        cases=("normal.longest own number",),
        made="{}, without the number",
        what="does not say which number a refusal is about, though WeChat repeats it",
    ),
    Fault(
        sdks=("pywe-pay",),
        cases=("normal.longest own number",),
        made="{}, with the number",
        what="its error holds the whole reply, and so the number that a refusal repeats",
    ),
    Fault(
        sdks=_WECHATPY,
        cases=("normal.nothing",),
        answer="PARAM_ERROR",
        what="leaves a 0 out of the signature and sends an empty element for it",
    ),
    Fault(
        sdks=("pywe-pay",),
        cases=("normal.nothing",),
        answer="PARAM_ERROR",
        what="signs a 0 and does not send it",
    ),
    Fault(
        sdks=("pywe-pay", "gopay"),
        cases=("normal.stranger",),
        answer="SUCCESS",
        made="result",
        what=(
            "pays by whatever server answers: it verifies no certificate; pywe-pay cannot be told "
            "to, and gopay must be told in code"
        ),
        source=(
            "verify=False in pywe-pay; InsecureSkipVerify in gopay's wechat/param.go, beside a "
            "note that it verifies since v1.5.119"
        ),
    ),
    Fault(
        sdks=("wechatpay-axios-plugin",),
        cases=("group.accepted", "group.garbled"),
        made="error EV2_RES_SIGNATURE_NOT_EQUAL",
        what=(
            "wants a signature on the reply to sendgroupredpack, which WeChat does not sign: a "
            "packet that is paid ends in an error"
        ),
        source="chanxuehong/wechat pull request 220 shows a real reply",
    ),
    Fault(
        sdks=("wechatpay-axios-plugin",),
        cases=("work.garbled", "preorder.garbled"),
        made="error EV2_RES_SIGNATURE_NOT_EQUAL",
        what="finds damage that its parser lets pass where WeChat signs the reply",
    ),
    Fault(
        sdks=("tenpay",),
        cases=("normal.systemerror", "group.systemerror", "query.systemerror"),
        made="error Error",
        what=(
            "has WeChat's text in place of the err_code if return_code is FAIL, as with "
            "SYSTEMERROR, so nobody can tell that the packet may be paid"
        ),
        source="its Payment._parse",
    ),
    Fault(
        sdks=("tenpay",),
        cases=("normal.garbled",),
        made="result out of a damaged reply",
        what="its parser lets a NUL in the middle of the reply pass, depending on where it stands",
    ),
    Fault(
        sdks=("WxJava",),
        cases=("normal.garbled",),
        made="error WxRuntimeException",
        what="raises one of two exceptions for a damaged reply, depending on where the damage is",
    ),
    Fault(
        sdks=("silenceper-wechat",),
        cases=("normal.*",),
        answer="PARAM_ERROR",
        what="names the root of its document `<request>`; WeChat finds fields under `<xml>` alone",
        source="silenceper/wechat pull request 277, which fixed that for unified orders",
    ),
    Fault(
        sdks=("gopay", "WxJava", "weixin-popular"),
        cases=("group.accepted",),
        made="{} without total_num",
        what="does not read total_num from the reply to a group packet; harmless",
    ),
    Fault(
        sdks=("WxJava",),
        cases=("normal.processing", "group.processing"),
        made="result PROCESSING",
        what="hands PROCESSING back as an ordinary result, though nothing is settled yet",
        source="its WxPaySendRedpackResult.checkResult",
    ),
    Fault(
        sdks=("WxJava",),
        cases=("query_work.one claim",),
        made="{} without detail_id",
        what="looks for detailId in the reply to queryworkwxredpack, where detail_id stands",
        source="its EntPayRedpackQueryResult",
    ),
    Fault(
        sdks=("WxJava",),
        cases=("normal.fast mode",),
        answer="PARAM_ERROR",
        what="leaves wxappid (and msgappid, scene_id, risk_info) out in XmlConfig.fastMode",
        source="its WxPaySendRedpackRequest.storeMap",
    ),
    Fault(
        sdks=("WxJava",),
        cases=("work.mch_id from settings",),
        answer="WORKWX_SIGN_ERROR",
        what=(
            "makes workwx_sign before it takes mch_id from its settings: set it on every request "
            "by hand"
        ),
        source="its EntPayServiceImpl.sendEnterpriseRedpack; the code itself is a setting here",
    ),
)
"""Later ones build on earlier ones."""


def faults_in(sdk: Sdk, case: Case) -> list[Fault]:
    """Those that a case is to show."""
    return [fault for fault in FAULTS if fault.shows_in(sdk.name, case)]
