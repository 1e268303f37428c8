"""For programs: open a ledger, enqueue payouts, run workers. ``__all__`` is what is public."""

from typing import TYPE_CHECKING

from hongbao.campaign.payer import Payer
from hongbao.configuration.file import Configuration, read_configuration
from hongbao.configuration.file import parse as parse_configuration
from hongbao.dispatch.progress import Progress
from hongbao.engine.ledger import Ledger
from hongbao.errors import BookUnavailable, BudgetExceeded, KeyReused, LedgerError
from hongbao.ledger.model.mandate import Mandate
from hongbao.ledger.model.payout import PAID, Payout, State
from hongbao.ledger.model.step import Stop

if TYPE_CHECKING:
    from hongbao.engine.confirmations import Confirmations
    from hongbao.engine.notify_app import asgi_app, wsgi_app
    from hongbao.engine.running import run_worker, run_worker_async

__all__ = [
    "PAID",
    "BookUnavailable",
    "BudgetExceeded",
    "Configuration",
    "Confirmations",
    "KeyReused",
    "Ledger",
    "LedgerError",
    "Mandate",
    "Payer",
    "Payout",
    "Progress",
    "State",
    "Stop",
    "asgi_app",
    "parse_configuration",
    "read_configuration",
    "run_worker",
    "run_worker_async",
    "wsgi_app",
]


_ELSEWHERE = {
    "run_worker": "running",
    "run_worker_async": "running",
    "Confirmations": "confirmations",
    "asgi_app": "notify_app",
    "wsgi_app": "notify_app",
}


def __getattr__(name: str) -> object:
    # Who only enqueues needs neither asyncio nor the client.
    if name in _ELSEWHERE:
        from importlib import import_module  # noqa: PLC0415  # see above

        return getattr(import_module(f"hongbao.engine.{_ELSEWHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
