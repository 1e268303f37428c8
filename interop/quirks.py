"""How each SDK reports results to its caller, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How an SDK reports results.

    Attributes:
        refusal: a reply that says no, with a gap for its err_code.
        lost: no reply.
        garbled: a damaged reply.
        stranger: a server with a certificate that nobody vouches for.
        turned_away: a page in place of a reply, with another status than 200.
        one_claim: how a single claim stands in a query's result.
        words: for people: what that means for the caller.
    """

    refusal: str
    lost: str
    garbled: str
    stranger: str
    turned_away: str
    one_claim: str
    words: str


_PYTHON_QUIRKS = Quirks(
    refusal="error WeChatPayException {}",
    lost="error ConnectionError",
    garbled="the reply as bare text",
    stranger="error SSLError",
    turned_away="error WeChatPayException",
    one_claim="map",
    words=(
        "One exception for every answer that is no success: SYSTEMERROR and PROCESSING, after "
        "which the packet may be paid, look like NOTENOUGH to whoever does not compare codes. A "
        "damaged reply comes back as a text where a result is a mapping. The claims of a packet "
        "are a mapping if there is one and a list if there are more. No time-out unless one is set."
    ),
)
QUIRKS = {
    "PowerWeChat": Quirks(
        refusal="result {}",
        lost="error *errors.withStack",
        garbled="result out of a damaged reply",
        stranger="error *errors.withStack",
        turned_away="result out of a damaged reply",
        one_claim="",
        words=(
            "No error for an answer that is no success, for a damaged reply, nor for a page of "
            "HTTP 400: `err` is nil. The caller has to compare `ReturnCode` and `ResultCode`. "
            "Replies are read if their Content-Type says XML; of others the result is empty, and "
            "`err` is nil too. So it gets text/xml here but for the cases that say otherwise."
        ),
    ),
    "wechatpy-1.8": _PYTHON_QUIRKS,
    "wechatpy-2.0": _PYTHON_QUIRKS,
    "pywe-pay": _PYTHON_QUIRKS,
    "wechatpay-axios-plugin": Quirks(
        refusal="error EV2_RES_STATUS_CODE_NOT_SUCESS {}",
        lost="error ECONNRESET",
        garbled="result out of a damaged reply",
        stranger="error SELF_SIGNED_CERT_IN_CHAIN",
        turned_away="error ERR_BAD_REQUEST",
        one_claim="map",
        words=(
            "A rejected promise for every answer that is no success, with WeChat's reply in it. "
            "The parser takes what is no XML: a damaged reply can come back as a result with wrong "
            "or missing fields. The claims of a packet are a mapping if there is one and a list "
            "if there are more."
        ),
    ),
    "tenpay": Quirks(
        refusal="error Error {}",
        lost="error ResponseError",
        garbled="error Error",
        stranger="error ResponseError",
        turned_away="error Error",
        one_claim="map",
        words=(
            "An error whose message is WeChat's err_code, and nothing else of the reply. The "
            "claims of a packet are a mapping if there is one and a list if there are more."
        ),
    ),
    "wechat-pay": Quirks(
        refusal="error BusinessError, and an unhandled rejection {}",
        lost="error Error",
        garbled="error XMLParseError, and an unhandled rejection",
        stranger="error Error",
        turned_away="error XMLParseError, and an unhandled rejection",
        one_claim="map",
        words=(
            "An error for every answer that is no success, with WeChat's reply in it, and beside "
            "it a rejected promise that no caller can get at: since version 15, Node ends a "
            "program for that. The driver says otherwise to Node. The claims of a packet are a "
            "mapping if there is one and a list if there are more. WeChat's address is a constant, "
            "so the driver's agent connects elsewhere."
        ),
    ),
    "tnwx": Quirks(
        refusal="result {}",
        lost="error ECONNRESET",
        garbled="error Error",
        stranger="error SELF_SIGNED_CERT_IN_CHAIN",
        turned_away="error Error",
        one_claim="list",
        words=(
            "It has no calls: addresses, a signer, a post with the certificate and a reader of "
            "XML, which the driver puts together as its examples do. Nothing looks at what a reply "
            "says; the caller has to compare `return_code` and `result_code`."
        ),
    ),
    "gopay": Quirks(
        refusal="result {}",
        lost="error *url.Error",
        garbled="error *fmt.wrapError",
        stranger="error *url.Error",
        turned_away="error *errors.errorString",
        one_claim="list",
        words=(
            "No error for an answer that is no success: whoever looks at `err` alone takes "
            "NOTENOUGH for a paid packet. The caller has to compare `ReturnCode` and `ResultCode`."
        ),
    ),
    "silenceper-wechat": Quirks(
        refusal="error *errors.errorString {}",
        lost="error *url.Error",
        garbled="error *xml.SyntaxError",
        stranger="error *url.Error",
        turned_away="error *errors.errorString",
        one_claim="list",
        words=(
            "A result and an error together for an answer that is no success. If `return_code` is "
            "FAIL, the error's text holds the whole reply and the request's signature."
        ),
    ),
    "WxJava": Quirks(
        refusal="error WxPayException {}",
        lost="error WxPayException",
        garbled="error ConversionException",
        stranger="error WxPayException",
        turned_away="error WxPayException",
        one_claim="list",
        words=(
            "One exception for every answer that is no success and for every failure of the line; "
            "only the former has an `errCode`. A damaged reply raises XStream's own exception."
        ),
    ),
    "weixin-popular": Quirks(
        refusal="result {}",
        lost="nothing at all",
        garbled="nothing at all",
        stranger="nothing at all",
        turned_away="nothing at all",
        one_claim="list",
        words=(
            "No exception, whatever happens: a reply that says no is a result, and of a lost or "
            "damaged reply the result is `null`; the exception goes to slf4j's log, if there is "
            "one. WeChat's address is a constant, and its client offers TLS 1.0 alone: the driver "
            "leads its requests elsewhere, and gives it TLS 1.2 but for the case that says "
            "otherwise. Java 11 and later need jaxb-api beside it and a switch of JAXB's."
        ),
    ),
}
