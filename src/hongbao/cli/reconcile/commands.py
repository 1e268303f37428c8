"""``hongbao reconcile``: its commands, and where each stands."""

from hongbao.cli.group import command_group
from hongbao.cli.lazy_group import LazyGroup, Place

COMMANDS = {
    "fetch": Place("reconcile.taking", "fetch", "Fetch WeChat's bills that are missing."),
    "import": Place("reconcile.taking", "import_bill", "Store a bill that is in a file."),
    "run": Place("reconcile.running", "run", "Hold the stored bills against the books."),
    "status": Place("reconcile.running", "status", "Show which bills there are and what differs."),
    "breaks": Place("reconcile.breaks", "breaks", "List where bills and books differ."),
    "explain": Place("reconcile.breaks", "explain", "Say what a break means and what to do."),
    "close": Place("reconcile.breaks", "close", "Close a break, with a reason."),
    "report": Place("reconcile.report", "report", "Show the totals of each day."),
    "period": Place("reconcile.periods", "app", "Close days for finance, or open them again."),
}


class ReconcileCommands(LazyGroup):
    """The commands of ``hongbao reconcile``."""

    words = "reconcile "
    places = COMMANDS


app = command_group("Hold WeChat's own bills against the books.", ReconcileCommands)
