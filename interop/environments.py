"""How each kind of SDK is installed, and how its driver is started. Registries' own clients do it.

Everything goes to one folder, and is kept for the next run as long as nothing of it changes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from interop.sdks import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from interop.sdks import Sdk

DRIVERS = Path(__file__).parent / "drivers"
INSTALL_SECONDS_MAX = 900.0
_STDERR_SHOWN = 2000
_TRUST_STORE_PASSWORD = "hongbao"  # it holds a certificate and no secret


class Skipped(Exception):
    """An SDK cannot be tried on this machine: its tools are missing or its registry says no."""


class Installed(NamedTuple):
    """An SDK that is ready.

    Attributes:
        command: starts its driver.
        folder: where it is to be started.
        kind: of the SDK.
    """

    command: tuple[str, ...]
    folder: Path
    kind: Kind


class Started(NamedTuple):
    """What a driver is started with."""

    command: tuple[str, ...]
    environment: dict[str, str]


def install(sdk: Sdk, cache: Path) -> Installed:
    """Have an SDK ready under ``cache``.

    Raises:
        Skipped: if that cannot be done here.
    """
    folder = cache / sdk.name
    stamp, wanted = folder / "installed", _fingerprint(sdk)
    prepare = {
        Kind.PYTHON: _python,
        Kind.NODE: _node,
        Kind.GO: _go,
        Kind.JAVA: _java,
    }[sdk.kind]
    ready = stamp.exists() and stamp.read_text(encoding="utf-8") == wanted
    if not ready:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    command = prepare(sdk, folder, ready=ready)
    stamp.write_text(wanted, encoding="utf-8")
    return Installed(command, folder, sdk.kind)


def started(installed: Installed, ca_path: Path | None) -> Started:
    """The command and the environment of a driver; without ``ca_path`` it does not know the CA.

    The environment holds nothing else, so that no proxy and no setting of this machine takes part.
    """
    kept = ("PATH", "HOME", "SYSTEMROOT")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {"LANG": "C.UTF-8", "NO_PROXY": "*"}
    command = installed.command
    if ca_path is not None:
        trusted = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
        environment |= dict.fromkeys(trusted, str(ca_path))
        if installed.kind is Kind.JAVA:
            store = _trust_store(installed.folder, ca_path)
            command = (command[0], *store, *command[1:])
    return Started(command, environment)


def _python(sdk: Sdk, folder: Path, *, ready: bool) -> tuple[str, ...]:
    python = str(folder / "bin" / "python")
    if not ready:
        _run([sys.executable, "-m", "venv", str(folder)])
        quiet = ["--disable-pip-version-check", "--no-input", "--quiet"]
        _run([python, "-m", "pip", *quiet, "install", sdk.package, *sdk.also])
    return (python, str(DRIVERS / sdk.driver))


def _node(sdk: Sdk, folder: Path, *, ready: bool) -> tuple[str, ...]:
    node, npm = _tool("node"), _tool("npm")
    if not ready:
        (folder / "package.json").write_text('{"private": true}\n', encoding="utf-8")
        _run([npm, "install", "--no-audit", "--no-fund", sdk.package, *sdk.also], folder)
    return (node, str(DRIVERS / sdk.driver))


def _go(sdk: Sdk, folder: Path, *, ready: bool) -> tuple[str, ...]:
    go, program = _tool("go", "/usr/local/go/bin"), folder / "driver"
    if not ready:
        _run([go, "build", "-o", str(program), "."], DRIVERS / sdk.driver)
    return (str(program),)


def _java(sdk: Sdk, folder: Path, *, ready: bool) -> tuple[str, ...]:
    java, javac, maven = _tool("java"), _tool("javac"), _tool("mvn")
    found = folder / "classpath"
    if not ready:
        fetch = [maven, "--quiet", "--batch-mode", "--file", str(DRIVERS / sdk.driver / "pom.xml")]
        _run([*fetch, "dependency:build-classpath", f"-Dmdep.outputFile={found}"])
        source = str(DRIVERS / sdk.driver / "Driver.java")
        _run([javac, "-cp", found.read_text(encoding="utf-8"), "-d", str(folder), source])
    classes = os.pathsep.join([found.read_text(encoding="utf-8"), str(folder)])
    return (java, "-cp", classes, "Driver")


def _trust_store(folder: Path, ca_path: Path) -> list[str]:
    """The options that let Java trust a certificate: it reads no PEM."""
    store = folder / "trust.p12"
    store.unlink(missing_ok=True)
    stored = ["-keystore", str(store), "-storetype", "PKCS12", "-storepass", _TRUST_STORE_PASSWORD]
    _run([_tool("keytool"), "-importcert", "-noprompt", "-file", str(ca_path), *stored])
    said = {"": store, "Type": "PKCS12", "Password": _TRUST_STORE_PASSWORD}
    return [f"-Djavax.net.ssl.trustStore{name}={value}" for name, value in said.items()]


def _tool(name: str, *folders: str) -> str:
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *folders]))
    if found is None:
        raise Skipped(f"{name} is not installed")
    return found


def _run(command: Sequence[str], folder: Path | None = None) -> None:
    try:
        done = subprocess.run(
            command,
            check=False,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS_MAX,
        )
    except subprocess.TimeoutExpired as error:
        raise Skipped(f"`{command[0]}` did not end in {INSTALL_SECONDS_MAX:.0f} s") from error
    if done.returncode:
        said = (done.stderr or done.stdout)[-_STDERR_SHOWN:].strip()
        raise Skipped(f"`{Path(command[0]).name}` failed: {said}")


def _fingerprint(sdk: Sdk) -> str:
    """Of all that decides what is installed."""
    parts = [sdk.package, *sdk.also, sys.version]
    if sdk.kind in (Kind.GO, Kind.JAVA):
        files = sorted(path for path in (DRIVERS / sdk.driver).iterdir() if path.is_file())
        parts += [path.read_text(encoding="utf-8") for path in files]
    return sha256("\n".join(parts).encode()).hexdigest()
