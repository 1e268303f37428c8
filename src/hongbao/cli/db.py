"""``hongbao db``: the schema of the books."""

from hongbao.cli.answer import CommandResult
from hongbao.cli.group import command_group
from hongbao.cli.options import AsJson, ConfigPath
from hongbao.cli.program import typed
from hongbao.configuration.database import shown
from hongbao.configuration.file import read_configuration

app = command_group("Look at the schema of the books, or upgrade it.")


@app.command("upgrade")
def upgrade(*, config: ConfigPath = None, as_json: AsJson = False) -> CommandResult:
    """Upgrade the schema to the newest version."""
    from hongbao.ledger.book import Book  # noqa: PLC0415  # SQLAlchemy takes 0.2 s

    url = read_configuration(config).database_url()
    Book.upgrade(url)
    return _result(url, "done", as_json=as_json)


@app.command("version")
def version(*, config: ConfigPath = None, as_json: AsJson = False) -> CommandResult:
    """Show which version the schema has."""
    return _result(read_configuration(config).database_url(), "answered", as_json=as_json)


def _result(url: str, outcome: str, *, as_json: bool) -> CommandResult:
    from hongbao.ledger.book import Book  # noqa: PLC0415  # as above

    version = Book.version(url)
    found = {"database": shown(url), "version": version.found, "newest": version.newest}
    text = f"{shown(url)}: version {version.found or 'none'}"
    if version.found != version.newest:
        text += f"; the newest is {version.newest}: {typed()} db upgrade"
    return CommandResult(found, text, outcome=outcome, as_json=as_json)
