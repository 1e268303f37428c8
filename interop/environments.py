"""How what others wrote is installed, and how a driver of an SDK is started.

Registries' own clients do it. Everything goes to one folder, and is kept for the next run as long
as nothing of it changes. The benchmarks install their peers with it, too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from interop.sdks import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from interop.sdks import Sdk

CACHE = Path(__file__).parent.parent / ".interop"
DRIVERS = Path(__file__).parent / "drivers"
GO_FOLDERS = ("/usr/local/go/bin",)
INSTALL_SECONDS_MAX = 900.0
_SOURCES = frozenset({".go", ".java"})
_PINS = ("go.mod", "go.sum", "pom.xml")
_STDERR_SHOWN = 2000
_TRUST_STORE_PASSWORD = "hongbao"  # it holds a certificate and no secret


class Skipped(Exception):
    """Something cannot be tried on this machine: a tool is missing or a registry says no."""


class Interpreter(NamedTuple):
    """An interpreter that finds the packages it was wanted for.

    Attributes:
        program: the interpreter.
        folder: where it is to be started.
    """

    program: str
    folder: Path


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


def interpreter(kind: Kind, name: str, packages: Sequence[str], cache: Path) -> Interpreter:
    """Have packages ready in an environment of their own under ``cache``: Python's or Node's.

    Raises:
        Skipped: if that cannot be done here.
    """
    prepare = {Kind.PYTHON: _python, Kind.NODE: _node}[kind]
    folder = cache / name
    with _made_once(folder, [*packages, sys.version]) as ready:
        return Interpreter(prepare(packages, folder, ready=ready), folder)


def install(sdk: Sdk, cache: Path) -> Installed:
    """Have an SDK ready under ``cache``.

    Raises:
        Skipped: if that cannot be done here.
    """
    if sdk.kind in (Kind.PYTHON, Kind.NODE):
        found = interpreter(sdk.kind, sdk.name, (sdk.package, *sdk.also), cache)
        return Installed((found.program, str(DRIVERS / sdk.driver)), found.folder, sdk.kind)
    sources = [path for path in (DRIVERS / sdk.driver).iterdir() if path.suffix in _SOURCES]
    return compiled(sdk, sdk.name, sources, cache)


def compiled(sdk: Sdk, name: str, sources: Sequence[Path], cache: Path) -> Installed:
    """Have a program of ours that uses an SDK in Go or Java ready, under ``cache``.

    Its packages are those of the SDK's driver.

    Raises:
        Skipped: if that cannot be done here.
    """
    build = {Kind.GO: _go, Kind.JAVA: _java}[sdk.kind]
    folder, driver = cache / name, DRIVERS / sdk.driver
    pins = [driver / name for name in _PINS if (driver / name).exists()]
    files = sorted([*pins, *sources])
    texts = [path.read_text(encoding="utf-8") for path in files]
    with _made_once(folder, [sdk.package, *sdk.also, sys.version, *texts]) as ready:
        if not ready:
            for path in files:
                shutil.copy(path, folder)
        return Installed(build(folder, sources, ready=ready), folder, sdk.kind)


def environment(ca_path: Path | None) -> dict[str, str]:
    """The variables of a program; without ``ca_path`` it does not know the CA.

    They hold nothing else, so that no proxy and no setting of this machine takes part.
    """
    kept = ("PATH", "HOME", "SYSTEMROOT")
    variables = {name: os.environ[name] for name in kept if name in os.environ}
    variables |= {"LANG": "C.UTF-8", "NO_PROXY": "*"}
    if ca_path is not None:
        trusted = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
        variables |= dict.fromkeys(trusted, str(ca_path))
    return variables


def started(installed: Installed, ca_path: Path | None) -> Started:
    """The command and the environment of a driver; without ``ca_path`` it does not know the CA."""
    command = installed.command
    if ca_path is not None and installed.kind is Kind.JAVA:
        store = _trust_store(installed.folder, ca_path)
        command = (command[0], *store, *command[1:])
    return Started(command, environment(ca_path))


@contextmanager
def _made_once(folder: Path, wanted: Sequence[str]) -> Iterator[bool]:
    """Whether a folder was made of just that before; if not, an empty one, to be filled."""
    stamp, fingerprint = folder / "installed", sha256("\n".join(wanted).encode()).hexdigest()
    ready = stamp.exists() and stamp.read_text(encoding="utf-8") == fingerprint
    if not ready:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    yield ready
    stamp.write_text(fingerprint, encoding="utf-8")


def _python(packages: Sequence[str], folder: Path, *, ready: bool) -> str:
    python = str(folder / "bin" / "python")
    if not ready:
        # Some systems ship Python without the pip of new environments: this one's serves it.
        venv.create(folder, symlinks=True, with_pip=False)
        pip = [sys.executable, "-m", "pip", "--python", python]
        quiet = ["--disable-pip-version-check", "--no-input", "--quiet"]
        run([*pip, *quiet, "install", *packages])
    return python


def _node(packages: Sequence[str], folder: Path, *, ready: bool) -> str:
    node, npm = tool("node"), tool("npm")
    if not ready:
        (folder / "package.json").write_text('{"private": true}\n', encoding="utf-8")
        run([npm, "install", "--no-audit", "--no-fund", *packages], folder)
    return node


def _go(folder: Path, _: Sequence[Path], *, ready: bool) -> tuple[str, ...]:
    go, program = tool("go", *GO_FOLDERS), folder / "driver"
    if not ready:
        run([go, "build", "-o", str(program), "."], folder)
    return (str(program),)


def _java(folder: Path, sources: Sequence[Path], *, ready: bool) -> tuple[str, ...]:
    java, javac, maven = tool("java"), tool("javac"), tool("mvn")
    found = folder / "classpath"
    if not ready:
        fetch = [maven, "--quiet", "--batch-mode", "--file", str(folder / "pom.xml")]
        run([*fetch, "dependency:build-classpath", f"-Dmdep.outputFile={found}"])
        names = [str(folder / path.name) for path in sources]
        run([javac, "-cp", found.read_text(encoding="utf-8"), "-d", str(folder), *names])
    classes = os.pathsep.join([found.read_text(encoding="utf-8"), str(folder)])
    return (java, "-cp", classes, sources[0].stem)


def _trust_store(folder: Path, ca_path: Path) -> list[str]:
    """The options that let Java trust a certificate: it reads no PEM."""
    store = folder / "trust.p12"
    store.unlink(missing_ok=True)
    stored = ["-keystore", str(store), "-storetype", "PKCS12", "-storepass", _TRUST_STORE_PASSWORD]
    run([tool("keytool"), "-importcert", "-noprompt", "-file", str(ca_path), *stored])
    said = {"": store, "Type": "PKCS12", "Password": _TRUST_STORE_PASSWORD}
    return [f"-Djavax.net.ssl.trustStore{name}={value}" for name, value in said.items()]


def tool(name: str, *folders: str) -> str:
    """Where a program is.

    Raises:
        Skipped: if it is nowhere.
    """
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *folders]))
    if found is None:
        raise Skipped(f"{name} is not installed")
    return found


def run(command: Sequence[str], folder: Path | None = None) -> None:
    """Have a program do its work.

    Raises:
        Skipped: if it does not, with what it said.
    """
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
