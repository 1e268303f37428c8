"""``hongbao metrics``: serves what the books say at this moment to Prometheus."""

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


def metrics(
    *,
    port: Annotated[
        int, typer.Option("--port", help="Port to listen on; 0 takes a free one.", min=0, max=65535)
    ] = 9464,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> ExitCode:
    """Serve what the books say now to Prometheus.

    It ends with Ctrl-C or SIGTERM. One process is enough for any number of workers: each scrape
    reads the books.
    """
    # SQLAlchemy and prometheus_client: only who serves needs them.
    from hongbao.telemetry.prometheus import serving  # noqa: PLC0415  # see above

    with (
        books.open_books(read_configuration(config)) as ledger,
        setting_an_event() as stop,
        serving(ledger, host=host, port=port) as url,
    ):
        if as_json:
            print_json({"url": url})
        else:
            print_text(said("{url} says what the books say. Ctrl-C ends it.", url=url), error=True)
        stop.wait()
    return ExitCode.DONE
