"""The SDKs: which versions, what each of them can do, and what its driver needs to run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hongbao.simulator.settings import ContentType


class Kind(StrEnum):
    """What an SDK is written for."""

    PYTHON = "python"
    NODE = "node"
    GO = "go"
    JAVA = "java"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sdk:
    """One SDK.

    Attributes:
        name: as the page and ``--only`` call it; of its recording, too.
        kind: what it is written for.
        package: what is installed, with its version.
        also: what it stands on, where that decides what a caller sees, and what it needs and does
            not ask for. Go and Java have files of their own for that.
        driver: the folder or file under ``drivers/``.
        calls: what it has, by the names in ``cases``.
        options: what its driver can do besides, by the names in ``cases``.
        content_type: of the replies that it gets; it hands back nothing of others.
        plain_texts: whether it is given texts without markup, because it cannot send others.
    """

    name: str
    kind: Kind
    package: str
    also: tuple[str, ...] = ()
    driver: str
    calls: frozenset[str]
    options: frozenset[str] = frozenset()
    content_type: ContentType = ContentType.TEXT_PLAIN
    plain_texts: bool = False


_SENDS_AND_QUERY = frozenset({"normal", "group", "query"})
_PYTHON_OPTIONS = frozenset({"sub_merchant", "adds_sub_merchant", "own_number", "no_certificate"})
_PYTHON_HTTP_AND_XML = ("requests==2.34.2", "xmltodict==1.0.4")

SDKS = (
    Sdk(
        name="PowerWeChat",
        kind=Kind.GO,
        package="github.com/ArtisanCloud/PowerWeChat/v3@v3.4.38",
        driver="powerwechat",
        calls=_SENDS_AND_QUERY | {"mini", "work", "query_work"},
        options=frozenset(
            {
                "sub_merchant",
                "adds_sub_merchant",
                "no_certificate",
                "total_num",
                "content_type",
                "no_client_ip",
            }
        ),
        content_type=ContentType.TEXT_XML,
    ),
    Sdk(
        name="wechatpy-1.8",
        kind=Kind.PYTHON,
        package="wechatpy==1.8.18",
        # It cannot be imported without one of two cryptography packages, and asks for neither.
        also=(*_PYTHON_HTTP_AND_XML, "cryptography==50.0.2"),
        driver="wechatpy_driver.py",
        calls=_SENDS_AND_QUERY,
        options=_PYTHON_OPTIONS,
    ),
    Sdk(
        name="wechatpy-2.0",
        kind=Kind.PYTHON,
        package="wechatpy==2.0.0a26",
        also=_PYTHON_HTTP_AND_XML,
        driver="wechatpy_driver.py",
        calls=_SENDS_AND_QUERY,
        options=_PYTHON_OPTIONS,
    ),
    Sdk(
        name="pywe-pay",
        kind=Kind.PYTHON,
        package="pywe-pay==1.0.14",
        also=_PYTHON_HTTP_AND_XML,
        driver="pywe_driver.py",
        calls=_SENDS_AND_QUERY | {"mini"},
        options=_PYTHON_OPTIONS,
    ),
    Sdk(
        name="wechatpay-axios-plugin",
        kind=Kind.NODE,
        package="wechatpay-axios-plugin@0.9.6",
        also=("axios@1.21.1", "fast-xml-parser@5.12.1"),
        driver="axios_driver.mjs",
        # Whatever path one asks for is a call of it.
        calls=_SENDS_AND_QUERY | {"mini", "work", "query_work", "preorder"},
        options=frozenset({"sub_merchant", "msgappid", "no_certificate"}),
    ),
    Sdk(
        name="tenpay",
        kind=Kind.NODE,
        package="tenpay@2.1.18",
        also=("urllib@2.44.1", "xml2js@0.4.23"),
        driver="tenpay_driver.mjs",
        calls=_SENDS_AND_QUERY,
        options=frozenset({"sub_merchant", "msgappid", "no_certificate"}),
    ),
    Sdk(
        name="wechat-pay",
        kind=Kind.NODE,
        package="wechat-pay@0.3.2",
        also=("xml2js@0.4.23", "request@2.88.2", "underscore@1.13.8", "md5@2.3.0"),
        driver="wechat_pay_driver.mjs",
        calls=frozenset({"normal", "query"}),
        options=frozenset({"sub_merchant", "no_certificate"}),
    ),
    Sdk(
        name="tnwx",
        kind=Kind.NODE,
        package="@tnwx/wxpay@2.5.6",
        also=("@tnwx/kits@2.5.6", "axios@0.19.2", "xml2js@0.4.23"),
        driver="tnwx_driver.mjs",
        calls=_SENDS_AND_QUERY | {"mini", "work", "query_work"},
        options=frozenset({"sub_merchant", "msgappid", "no_certificate"}),
    ),
    Sdk(
        name="gopay",
        kind=Kind.GO,
        package="github.com/go-pay/gopay@v1.5.123",
        driver="gopay",
        calls=_SENDS_AND_QUERY | {"mini"},
        options=frozenset({"sub_merchant", "msgappid", "no_certificate"}),
    ),
    Sdk(
        name="silenceper-wechat",
        kind=Kind.GO,
        package="github.com/silenceper/wechat/v2@v2.1.10",
        driver="silenceper",
        calls=frozenset({"normal"}),
    ),
    Sdk(
        name="WxJava",
        kind=Kind.JAVA,
        package="com.github.binarywang:weixin-java-pay@4.6.0",
        driver="wxjava",
        calls=_SENDS_AND_QUERY | {"mini", "work", "query_work"},
        options=frozenset(
            {
                "sub_merchant",
                "adds_sub_merchant",
                "msgappid",
                "fast_mode",
                "sign_type",
                "no_mch_id",
            }
        ),
    ),
    Sdk(
        name="weixin-popular",
        kind=Kind.JAVA,
        package="com.github.liyiorg:weixin-popular@2.8.30",
        driver="weixin_popular",
        calls=_SENDS_AND_QUERY,
        options=frozenset({"sub_merchant", "msgappid", "own_protocols", "markup"}),
        plain_texts=True,
    ),
)
