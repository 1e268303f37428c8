"""What breaks a command off: signals, by what was on its way, and what fails with a worker."""

from __future__ import annotations


class Interrupted(Exception):
    """Ctrl-C or SIGTERM, in a command that sends nothing, or before it did."""


class SendInterrupted(Exception):
    """Ctrl-C or SIGTERM while a packet was on its way.

    Attributes:
        mch_billno: its number.
    """

    def __init__(self, mch_billno: str) -> None:
        super().__init__(mch_billno)
        self.mch_billno = mch_billno


class LeftAtOnce(Exception):
    """A second Ctrl-C: a worker left what was on its way behind, as a crash does.

    Attributes:
        lease_seconds: after so long another worker takes over.
    """

    def __init__(self, *, lease_seconds: float) -> None:
        super().__init__(lease_seconds)
        self.lease_seconds = lease_seconds


class WorkBroken(Exception):
    """A worker had begun when its command broke off; the cause is what broke it.

    Attributes:
        money: may money have moved? By what the worker did.
    """

    def __init__(self, *, money: str) -> None:
        super().__init__(money)
        self.money = money
