"""Whether the calls of an SDK's manual compile as it prints them.

A driver in Go may have a folder ``manual``, with a program for each, of our own making: the same
function, with arguments of the same types.
"""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from interop.environments import DRIVERS, GO_FOLDERS, tool

if TYPE_CHECKING:
    from interop.sdks import Sdk

COMPILES = ""
"""What the compiler says of a program that is right."""
EXPECTED = {
    "PowerWeChat": {
        "settings": "too many arguments in call to payment.NewPayment",
        "normal": COMPILES,
        "mini": "cannot use &power.HashMap{…}",
        "group": "cannot use &power.HashMap{…}",
        "query": "not enough arguments in call to paymentService.RedPack.Info",
    }
}
"""How the compiler's word must begin, by SDK and call."""
_SECONDS_MAX = 300.0
_FIRST_WORD = re.compile(r"main\.go:\d+:\d+: (.*)")


def compilers_word(sdk: Sdk) -> dict[str, str]:
    """The compiler's first word on each call of the manual; nothing if the SDK has no programs."""
    programs = DRIVERS / sdk.driver / "manual"
    if not programs.is_dir():
        return {}
    return {path.name: _word(sdk, path.name) for path in sorted(programs.iterdir())}


def _word(sdk: Sdk, name: str) -> str:
    command = [tool("go", *GO_FOLDERS), "build", "-o", "/dev/null", f"./manual/{name}"]
    done = subprocess.run(
        command,
        cwd=DRIVERS / sdk.driver,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS_MAX,
    )
    found = _FIRST_WORD.search(done.stderr)
    if (done.returncode == 0) is (found is not None):
        raise RuntimeError(f"go build ./manual/{name} said: {done.stderr[-2000:]}")
    return found[1] if found else COMPILES
