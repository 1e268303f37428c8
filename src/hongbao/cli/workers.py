"""``hongbao workers``: who pays at this moment, and who has fallen silent."""

from hongbao.cli import books
from hongbao.cli.answer import CommandResult
from hongbao.cli.options import AsJson, ConfigPath
from hongbao.cli.program import typed
from hongbao.views import workers as views


def workers(*, config: ConfigPath = None, as_json: AsJson = False) -> CommandResult:
    """Show which workers are alive, and which are silent.

    A worker says every ten seconds that it is alive. One that was silent for two minutes is dead,
    hangs, or cannot reach the books. What it was sending is taken over when its leases end.
    """
    with books.opened(config) as book:
        found = book.workers()
    text = views.text(found, program=typed())
    document = {"workers": [views.document(it) for it in found]}
    return CommandResult(document, text, as_json=as_json)
