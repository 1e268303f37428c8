"""An SDK that cannot be had is skipped with a reason, never passed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from interop.environments import Installed, Skipped, install, started
from interop.sdks import SDKS, Kind

if TYPE_CHECKING:
    from pathlib import Path

_BY_KIND = {sdk.kind: sdk for sdk in SDKS}


@pytest.mark.parametrize(("kind", "tool"), [(Kind.NODE, "node"), (Kind.JAVA, "java")])
def test_without_its_tools_an_sdk_is_skipped(
    kind: Kind, tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Skipped, match=f"^{tool} is not installed$"):
        install(_BY_KIND[kind], tmp_path / "cache")
    assert not list(tmp_path.rglob("installed"))


def test_what_its_package_manager_refuses_is_skipped_and_tried_again_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = tmp_path / "go"
    go.write_text("#!/bin/sh\necho 403 Forbidden >&2\nexit 1\n", encoding="utf-8")
    go.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    for _ in range(2):
        with pytest.raises(Skipped, match="`go` failed: 403 Forbidden"):
            install(_BY_KIND[Kind.GO], tmp_path / "cache")


def test_what_is_installed_is_kept_until_its_version_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = tmp_path / "runs"
    for name in ("node", "npm"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho run >> {runs}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    sdk = _BY_KIND[Kind.NODE]
    counts = []
    for wanted in (sdk, sdk, replace(sdk, package="tenpay@0")):
        install(wanted, tmp_path / "cache")
        counts.append(runs.read_text(encoding="utf-8").count("run"))
    assert counts == [1, 1, 2]


def test_a_driver_is_started_without_this_machines_proxies_and_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid")
    installed = Installed(("driver",), tmp_path, Kind.GO)
    knowing = started(installed, tmp_path / "ca.pem").environment
    ignorant = started(installed, None).environment
    assert knowing["SSL_CERT_FILE"] == str(tmp_path / "ca.pem")
    assert set(ignorant) <= {"PATH", "HOME", "SYSTEMROOT", "LANG", "NO_PROXY"}
