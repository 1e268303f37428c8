"""What the tests of the command line share: what a run came to, a merchant's files, a shop."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import trustme

    from hongbao.testing.wechat import SimulatedWeChat

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


def write_merchant(folder: Path, authority: trustme.CA, **changes: object) -> Path:
    """A merchant's files; None leaves a setting out."""
    issued = authority.issue_cert("merchant.invalid", common_name=MCH_ID)
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    settings = {
        "app_id": "wx00aa11bb22cc33dd",
        "mch_id": MCH_ID,
        "key": KEY,
        "cert_path": "cert.pem",
        "key_path": "key.pem",
        "ca_path": "ca.pem",
        "base_url": "https://127.0.0.1:1",
        "client_ip": "203.0.113.7",
        "work": {"corp_id": "ww00aa11bb22cc33dd", "secret": WORK_SECRET},
    }
    return write_toml(folder / "merchant.toml", {**settings, **changes})


def write_toml(path: Path, settings: Mapping[str, object]) -> Path:
    """Settings as a file; None leaves one out."""
    flat = {name: value for name, value in settings.items() if not isinstance(value, dict)}
    tables = {name: value for name, value in settings.items() if isinstance(value, dict)}
    lines = [f"{name} = {json.dumps(value)}" for name, value in flat.items() if value is not None]
    for table, values in tables.items():
        lines += [f"[{table}]", *(f"{name} = {json.dumps(it)}" for name, it in values.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


class Shop(NamedTuple):
    """A simulated WeChat over real TLS, and its merchant's files.

    Attributes:
        wechat: the simulator.
        toml: the merchant with the official account's appid.
        mini_toml: the same with the mini program's.
        settings: the arguments of the merchant, to write others like it.
    """

    wechat: SimulatedWeChat
    toml: str
    mini_toml: str
    settings: dict[str, Any]


NORMAL = (
    *("send", "normal", "--re-openid", OPENID, "--send-name", "Shop", "--wishing", "Hello"),
    *("--act-name", "Test", "--remark", "r", "--yuan", "1.00"),
)
"""The options of a normal packet, but for its number and merchant."""
