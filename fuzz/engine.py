"""Runs one target under Atheris, in a process of its own: ``engine.py NAME [libFuzzer's options]``.

Atheris finds its way by the branches of our code that the bytes reach, and holds the laws of time
and memory by itself (``-timeout``, ``-rss_limit_mb``). It needs CPython up to 3.13 on Linux.
"""

from __future__ import annotations

import sys

import atheris

# From here on whatever is imported of these tells which branches it takes.
with atheris.instrument_imports(include=["hongbao"]):
    from targets import TARGETS


def main() -> None:
    """Fuzz until the time is up or a law breaks."""
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, TARGETS[name].run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
