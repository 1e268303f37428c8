"""``hongbao simulator``: a simulated WeChat that runs until Ctrl-C, and how to connect to it.

Keys are not printed: they stand in the merchant's files, and the lines say where.
"""

from __future__ import annotations

import json
import os
import time
from enum import StrEnum
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Annotated, NamedTuple, TypeAlias

import typer

from hongbao.cli.answer import print_json, print_text
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.interruption import setting_an_event
from hongbao.cli.options import AsJson, optional
from hongbao.cli.program import typed
from hongbao.errors import ConfigurationError, InvalidRequest
from hongbao.sentences import marked, said, say

if TYPE_CHECKING:
    from hongbao.simulator.app import App
    from hongbao.simulator.faults import FaultPlan
    from hongbao.simulator.simulator import Simulator


PORT_MAX = 65_535
_STDIN = 0
_FAULTS_BYTES_MAX = 1024 * 1024  # a thousand rules, which is the most, are a tenth of it


class ClockKind(StrEnum):
    """How the simulated time goes."""

    REAL = "real"
    MANUAL = "manual"


Folder: TypeAlias = Annotated[
    Path,
    optional(
        "--dir",
        "Folder for its certificates and the files of a demo merchant; made if missing.",
        "DIR",
    ),
]
Port: TypeAlias = Annotated[
    int, typer.Option(help="Port of the simulated WeChat; 0 picks a free one.", min=0, max=PORT_MAX)
]
ControlPort: TypeAlias = Annotated[
    int,
    typer.Option(
        help="Port that controls the simulator, on loopback; 0 picks a free one.",
        min=0,
        max=PORT_MAX,
    ),
]
ProxyPort: TypeAlias = Annotated[
    int | None,
    typer.Option(
        help="Port of a proxy by which WeChat's own host names lead here, on loopback; 0 picks a "
        "free one. Default: none.",
        min=0,
        max=PORT_MAX,
        show_default=False,
    ),
]
NotifyTo: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Server to post V3 notifications to, such as http://127.0.0.1:9000, by the path of "
        "each notify_url, whose own host gets nothing. Default: none are posted.",
        show_default=False,
    ),
]
Host: TypeAlias = Annotated[
    str,
    typer.Option(
        help="Address where the simulated WeChat listens; 0.0.0.0 lets other machines connect."
    ),
]
Names: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        help="Further host name for the server's certificate. Repeatable.",
        show_default=False,
    ),
]
Clock: TypeAlias = Annotated[
    ClockKind,
    typer.Option(
        help="Clock of the simulated world; manual stands still until the control port moves it."
    ),
]
Seed: TypeAlias = Annotated[
    int | None, typer.Option(help="Random seed. Default: a random one.", show_default=False)
]
FaultsPath: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="JSON file with a script of faults. Default: none.", show_default=False
    ),
]
Keep: TypeAlias = Annotated[
    bool,
    optional(
        "--keep",
        "Keep the world in DIR. The next start goes on with it: its clock, chance and faults.",
    ),
]
StopWithStdin: TypeAlias = Annotated[
    bool,
    optional(
        "--stop-with-stdin", "Stop when stdin closes, so as not to outlive the parent process."
    ),
]


def simulator(
    *,
    folder: Folder,
    port: Port = 8443,
    control_port: ControlPort = 8444,
    proxy_port: ProxyPort = None,
    notify_to: NotifyTo = None,
    host: Host = "localhost",
    name: Names = None,
    clock: Clock = ClockKind.REAL,
    seed: Seed = None,
    faults: FaultsPath = None,
    keep: Keep = False,
    stop_with_stdin: StopWithStdin = False,
    as_json: AsJson = False,
) -> ExitCode:
    """Run a simulated WeChat until Ctrl-C or SIGTERM."""
    # The server, its certificates and asyncio: this command alone needs them.
    from hongbao.simulator.clock import ManualClock, RealClock  # noqa: PLC0415  # see above
    from hongbao.simulator.simulator import Simulator  # noqa: PLC0415  # see above

    script = _read_faults(faults)
    time_of_day = ManualClock(time.time()) if clock is ClockKind.MANUAL else RealClock()
    with (
        setting_an_event() as stop,
        Simulator.start(
            folder,
            host=host,
            port=port,
            control_port_number=control_port,
            proxy_port_number=proxy_port,
            names=tuple(name or ()),
            clock=time_of_day,
            seed=seed,
            keep=keep,
        ) as running,
    ):
        if stop_with_stdin:
            Thread(target=_await_end_of_stdin, args=(stop,), daemon=True).start()
        if script is not None and not running.goes_on:
            _let_happen(running.simulation.app, script)
        if notify_to is not None:
            running.post_notifications(notify_to)
        if as_json:
            print_json(document(running))
        else:
            print_text(instructions(running))
        _wait(stop)
    return ExitCode.DONE


def _let_happen(app: App, script: FaultPlan) -> None:
    with app.lock:
        app.script(script)
        if app.keep is not None:
            app.keep(everything=True)


def _read_faults(path: Path | None) -> FaultPlan | None:
    """The script of a file, read before anything is started.

    Raises:
        ConfigurationError: if it cannot be read.
        InvalidRequest: naming what is wrong in it.
    """
    from hongbao.simulator.fault_script import parse_plan  # noqa: PLC0415  # as above

    if path is None:
        return None
    try:
        with path.open("rb") as stream:
            text = stream.read(_FAULTS_BYTES_MAX)
        return parse_plan(json.loads(text))
    except OSError as error:
        problem = say("cannot be read ({strerror})", strerror=error.strerror)
    except ValueError as error:
        if isinstance(error, InvalidRequest):
            raise
        problem = say("is no JSON")
    raise ConfigurationError(
        setting=str(path), problem=problem, remedy=say("See docs/simulator.md.")
    )


def _await_end_of_stdin(stop: Event) -> None:
    # Past Python's own buffer, which a thread must not hold while the process ends.
    while os.read(_STDIN, 1024):
        pass
    stop.set()


def _wait(stop: Event) -> None:
    # On Windows a wait without an end would not let Ctrl-C through.
    while not stop.wait(3600):
        pass


class _Files(NamedTuple):
    """A merchant's."""

    folder: Path
    settings: Path
    mini_program_settings: Path | None
    certificate: Path
    key: Path
    p12: Path


def document(running: Simulator) -> dict[str, object]:
    """The one line that says that it is ready."""
    return {
        "outcome": "ready",
        "base_url": running.base_url,
        "control_url": running.control_url,
        "phone_url": running.phone_url,
        "proxy_url": running.proxy_url,
        "dir": str(running.folder.path),
        "goes_on": running.goes_on,
        "ca_path": str(running.folder.ca_path),
        "merchants": {
            mch_id: {
                name: None if path is None else str(path)
                for name, path in _files(running, mch_id)._asdict().items()
            }
            for mch_id in running.folder.merchants
        },
    }


def instructions(running: Simulator) -> str:
    """What a person needs, for the first merchant."""
    mch_id, merchant = next(iter(running.folder.merchants.items()))
    files = _files(running, mch_id)
    return said(
        _TEXT,
        program=typed(),
        goes_on=said(_GOES_ON) if running.goes_on else "",
        base_url=running.base_url,
        control_url=running.control_url,
        phone_url=running.phone_url,
        ca=running.folder.ca_path,
        mch_id=mch_id,
        app_id=merchant.app_id,
        settings=files.settings,
        certificate=files.certificate,
        key=files.key,
    )


def _files(running: Simulator, mch_id: str) -> _Files:
    folder = running.folder.merchant_path(mch_id)
    mini_program = folder / "mini_program.toml"
    return _Files(
        folder=folder,
        settings=folder / "merchant.toml",
        mini_program_settings=mini_program if mini_program.exists() else None,
        certificate=folder / "apiclient_cert.pem",
        key=folder / "apiclient_key.pem",
        p12=folder / "apiclient_cert.p12",
    )


_GOES_ON = marked("""\
  world    goes on as it was kept; --clock, --seed and --faults are for a new one
""")
_TEXT = marked("""\
A simulated WeChat is ready; nothing here is real. Ctrl-C stops it.
  WeChat   {base_url}
  control  {control_url}
  phone    {phone_url}
  merchant {mch_id}, its key and all settings: {settings}
{goes_on}
hongbao
  {program} doctor --merchant {settings}
  {program} init --merchant {settings}
  RedPack(Merchant.from_toml("{settings}"))

wechatpy (api_key is `key` in merchant.toml)
  export REQUESTS_CA_BUNDLE={ca}
  WeChatPay.API_BASE_URL = "{base_url}/"
  WeChatPay("{app_id}", api_key, "{mch_id}",
            mch_cert="{certificate}",
            mch_key="{key}")

PowerWeChat (Key is `key` in merchant.toml)
  export SSL_CERT_FILE={ca}
  payment.NewPayment(&payment.UserConfig{{AppID: "{app_id}", MchID: "{mch_id}", Key: key,
    CertPath: "{certificate}",
    KeyPath:  "{key}",
    Http: payment.Http{{BaseURI: "{base_url}"}}}})

curl
  curl --cacert {ca} \\
       --cert {certificate} \\
       --key {key} \\
       --data-binary @request.xml {base_url}/mmpaymkttransfers/sendredpack
  curl {control_url}
""")
