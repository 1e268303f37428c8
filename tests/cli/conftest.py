"""What the tests of the command line share: a runner, and a merchant's files."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import pytest
from typer.testing import CliRunner

from hongbao.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import trustme

MCH_ID = "1900012345"
KEY = "Zk7Qm2Xr9Tb4Lw8Hs5Nd1Vc6Gf3Jp0Ya"
WORK_SECRET = "AppSecret_ForTest_0123456789abcdefghijklmno"
OPENID = "oTEST_openid_0000000000000001"


class Ran(NamedTuple):
    """What a command came to."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.stdout)

    @property
    def everything(self) -> str:
        """All that was written."""
        return self.stdout + self.stderr


class Run(Protocol):
    """Runs the program."""

    def __call__(
        self,
        *args: str,
        stdin: str | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Ran:
        """Run it with arguments, in this process."""
        ...


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """The program in this process, with an environment that says nothing of a merchant."""

    def run_it(
        *args: str,
        stdin: str | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Ran:
        result = CliRunner().invoke(app, list(args), input=stdin, env=dict(env or {}))
        return Ran(result.exit_code, result.stdout, result.stderr)

    for name in [name for name in os.environ if name.startswith("HONGBAO_")]:
        monkeypatch.delenv(name)
    return run_it


@pytest.fixture
def merchant_toml(test_ca: trustme.CA, tmp_path: Path) -> Path:
    """A merchant's file with a good certificate, for a host where nobody listens."""
    return write_merchant(tmp_path, test_ca)


def write_merchant(folder: Path, authority: trustme.CA, **changes: object) -> Path:
    """A merchant's files; None leaves a setting out."""
    issued = authority.issue_cert("merchant.invalid", common_name=MCH_ID)
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    settings: dict[str, object] = {
        "app_id": "wx00aa11bb22cc33dd",
        "mch_id": MCH_ID,
        "key": KEY,
        "cert_path": "cert.pem",
        "key_path": "key.pem",
        "ca_path": "ca.pem",
        "base_url": "https://127.0.0.1:1",
        "client_ip": "203.0.113.7",
    }
    settings.update(changes)
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items() if value]
    lines += ["[work]", 'corp_id = "ww00aa11bb22cc33dd"', f'secret = "{WORK_SECRET}"']
    path = folder / "merchant.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
