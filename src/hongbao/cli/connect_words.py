"""How to connect to a simulator that runs: for people in several languages, and for programs.

Keys are not printed: they stand in the merchant's files, and the lines say where.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao.cli.program import typed

if TYPE_CHECKING:
    from pathlib import Path

    from hongbao.simulator.simulator import Simulator


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
    return _TEXT.format(
        program=typed(),
        goes_on=_GOES_ON if running.goes_on else "",
        base_url=running.base_url,
        control_url=running.control_url,
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


_GOES_ON = """\
  world    goes on as it was kept; --clock, --seed and --faults are for a new one
"""
_TEXT = """\
A simulated WeChat is ready; nothing here is real. Ctrl-C stops it.
  WeChat   {base_url}
  control  {control_url}
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
"""
