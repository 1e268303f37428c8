"""Runs one target under Atheris, in a process of its own: ``engine.py NAME [libFuzzer's options]``.

Atheris finds its way by the branches of our code that the bytes reach, and holds the law of memory
by itself (``-rss_limit_mb``). Its ``-timeout`` goes by the clock, which a busy machine makes tell
lies: so it is for what hangs, and the law of time is held here. It needs CPython up to 3.13 on
Linux.
"""

from __future__ import annotations

import sys
import time

import atheris

# From here on whatever is imported of these tells which branches it takes.
with atheris.instrument_imports(include=["hongbao"]):
    from target import insist
    from targets import TARGETS

CPU_SECONDS_MAX = 20.0  # for one input; a key with as many rounds as are allowed takes half of it


def main() -> None:
    """Fuzz until the time is up or a law breaks."""
    target = TARGETS[sys.argv.pop(1)]

    def run(data: bytes) -> None:
        started = time.process_time()
        target.run(data)
        insist(time.process_time() - started < CPU_SECONDS_MAX, "time is bounded")

    atheris.Setup(sys.argv, run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
