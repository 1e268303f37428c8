"""The clients that are set beside each other, and how each is had on this machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from interop.environments import CACHE, compiled, interpreter, run, tool
from interop.sdks import SDKS
from interop.transfers import TRANSFER_SDKS

if TYPE_CHECKING:
    from collections.abc import Callable

_PROGRAMS = Path(__file__).parent / "contenders"
_COMPILED = Path(__file__).parent.parent / ".make"


class Ready(NamedTuple):
    """A contender that can be started.

    Attributes:
        command: starts it.
        folder: where.
    """

    command: tuple[str, ...]
    folder: Path


class Contender(NamedTuple):
    """A client, and how it is used.

    Attributes:
        name: it, as the tables call it.
        prepare: has it ready, or raises ``Skipped``.
        own: what is said to it alone.
    """

    name: str
    prepare: Callable[[], Ready]
    own: tuple[str, ...] = ()


class Situation(NamedTuple):
    """How the calls are made.

    Attributes:
        name: as the page calls it.
        at_once: calls under way at any time.
        delay_seconds: how long the server waits before each reply.
        floor: the contender whose CPU is the measure of all.
        calls: of each contender in a round: enough for a figure, and no more.
    """

    name: str
    at_once: int
    delay_seconds: float
    floor: Contender
    calls: dict[Contender, int]


def _python(program: str) -> Callable[[], Ready]:
    """A program in the environment of this one."""
    return lambda: Ready((sys.executable, str(_PROGRAMS / program)), _PROGRAMS)


def _sdk(name: str, program: str) -> Callable[[], Ready]:
    """A program in the environment of an SDK: the one that ``make interop`` uses."""
    sdk = next(sdk for sdk in (*SDKS, *TRANSFER_SDKS) if sdk.name == name)

    def prepare() -> Ready:
        found = interpreter(sdk.kind, sdk.name, (sdk.package, *sdk.also), CACHE)
        return Ready((found.program, str(_PROGRAMS / program)), found.folder)

    return prepare


def _built(name: str, program: str) -> Callable[[], Ready]:
    """The same in a language that is compiled."""
    sdk = next(sdk for sdk in SDKS if sdk.name == name)

    def prepare() -> Ready:
        made = compiled(sdk, f"{sdk.name}-bench", [_PROGRAMS / program], CACHE)
        return Ready(made.command, made.folder)

    return prepare


def _compiled() -> Ready:
    program = _COMPILED / "openssl_loop"
    _COMPILED.mkdir(exist_ok=True)
    source = str(_PROGRAMS / "openssl_loop.c")
    run([tool("cc"), "-O2", "-o", str(program), source, "-lssl", "-lcrypto"])
    return Ready((str(program),), _COMPILED)


C = Contender("C and OpenSSL", _compiled)
RAW = Contender("raw ssl socket", _python("raw_ssl.py"))
STREAMS = Contender("asyncio streams by hand", _python("streams.py"))
SYNC = Contender("hongbao, sync", _python("ours.py"), ("sync", "own"))
ASYNC = Contender("hongbao, async", _python("ours.py"), ("async", "own"))
UVLOOP = Contender("hongbao, async on uvloop", _python("ours.py"), ("uvloop", "own"))
SYNC_HTTPX = Contender("hongbao over httpx, sync", _python("ours.py"), ("sync", "httpx"))
ASYNC_HTTPX = Contender("hongbao over httpx, async", _python("ours.py"), ("async", "httpx"))
WECHATPY = Contender("wechatpy", _sdk("wechatpy-1.8", "wechatpy_send.py"))
AXIOS = Contender("wechatpay-axios-plugin", _sdk("wechatpay-axios-plugin", "axios_send.mjs"))
GOPAY = Contender("gopay", _built("gopay", "gopay_send.go"))
WXJAVA = Contender("WxJava", _built("WxJava", "WxJavaSend.java"))

CONTENDERS = (
    C, RAW, STREAMS, SYNC, ASYNC, UVLOOP, SYNC_HTTPX, ASYNC_HTTPX, WECHATPY, AXIOS, GOPAY, WXJAVA,
)  # fmt: skip

TRANSFER_CONTENDERS = (
    Contender("hongbao, V3 transfers", _python("transfer_ours.py")),
    Contender("wechatpayv3", _sdk("wechatpayv3", "transfer_wechatpayv3.py")),
)
"""Ours and the one that is measured by it."""

ONE_BY_ONE = Situation(
    "one by one", 1, 0.0, RAW,
    {C: 2_000, RAW: 2_000, STREAMS: 1_000, SYNC: 2_000, ASYNC: 1_000, UVLOOP: 1_000,
     SYNC_HTTPX: 300, ASYNC_HTTPX: 300, WECHATPY: 250, AXIOS: 100, GOPAY: 1_000, WXJAVA: 100},
)  # fmt: skip
AT_ONCE = Situation(
    "64 at once", 64, 0.0, STREAMS,
    {C: 2_048, STREAMS: 2_048, SYNC: 1_024, ASYNC: 2_048, UVLOOP: 2_048,
     SYNC_HTTPX: 128, ASYNC_HTTPX: 64, WECHATPY: 128, AXIOS: 128, GOPAY: 1_024, WXJAVA: 128},
)  # fmt: skip
SLOW_SERVER = Situation(
    "64 at once, replies after 50 ms", 64, 0.05, STREAMS,
    {C: 1_024, STREAMS: 1_024, SYNC: 1_024, ASYNC: 1_024, UVLOOP: 1_024,
     SYNC_HTTPX: 128, ASYNC_HTTPX: 64, WECHATPY: 128, AXIOS: 128, GOPAY: 1_024, WXJAVA: 128},
)  # fmt: skip
SITUATIONS = (ONE_BY_ONE, AT_ONCE, SLOW_SERVER)
