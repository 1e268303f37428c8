"""``hongbao notify``: takes what WeChat posts when transfers end."""

from __future__ import annotations

from typing import Annotated

import typer

from hongbao.cli import books
from hongbao.cli.answer import print_json, print_text
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.interruption import setting_an_event
from hongbao.cli.options import AsJson, ConfigPath
from hongbao.configuration.file import read_configuration
from hongbao.sentences import said


def notify(
    *,
    port: Annotated[
        int, typer.Option("--port", help="Port to listen on; 0 takes a free one.", min=0, max=65535)
    ] = 8446,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> ExitCode:
    """Take what WeChat posts when transfers end.

    Each merchant has a notify_url of its own, which ends with its name in the settings. WeChat
    posts to https alone: let a proxy end TLS and hand on the body as it came. It ends with Ctrl-C
    or SIGTERM.
    """
    # The clients: only who serves needs them.
    from hongbao.engine.confirmations import Confirmations  # noqa: PLC0415  # see above
    from hongbao.engine.notify_server import serving  # noqa: PLC0415  # see above

    configuration = read_configuration(config)
    with (
        books.open_books(configuration) as ledger,
        Confirmations(ledger, configuration) as confirmations,
        setting_an_event() as stop,
        serving(confirmations, host=host, port=port) as url,
    ):
        urls = {name: f"{url}{name}" for name in confirmations.merchants}
        if as_json:
            print_json({"urls": urls})
        else:
            shown = ", ".join(urls.values())
            print_text(
                said("{urls}: takes WeChat's notifications. Ctrl-C ends it.", urls=shown),
                error=True,
            )
        stop.wait()
    return ExitCode.DONE
