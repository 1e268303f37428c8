"""What all tests share: certificates, made once, and a merchant that has one."""

from __future__ import annotations

import gc
import os
import signal
from typing import TYPE_CHECKING

import pytest
import trustme
from hypothesis import settings

from hongbao import Merchant, WorkWx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest_plugins = ["books", "chromium", "kinds"]

# Shared machines pause at will; a property is about values, not about speed.
settings.register_profile("hongbao", deadline=None)
settings.load_profile("hongbao")

# A shell's job in the background ignores Ctrl-C, and so would every program that a test starts and
# interrupts: it would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# What programs print is compared with English, in whatever language the system speaks.
for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
    if os.environ.get(variable, "").startswith("zh"):
        os.environ[variable] = "C.UTF-8"

_WITH_SOCKETS = {"client", "hostile", "pair", "simulator", "testing"}

MCH_ID = "1900012345"
KEY = "Zk7Qm2Xr9Tb4Lw8Hs5Nd1Vc6Gf3Jp0Ya"
WORK_SECRET = "AppSecret_ForTest_0123456789abcdefghijklmno"


@pytest.fixture(scope="module", autouse=True)
def found_by_whom_it_was_left_open(request: pytest.FixtureRequest) -> Iterator[None]:
    """A socket that is never closed is an error when it is collected: in its own module.

    Otherwise some other test would fail over it, far away and now and then.
    """
    yield
    if request.path.parent.name in _WITH_SOCKETS:
        gc.collect()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse a test whose name is another in each process; look no more at what was collected.

    The first is an address in memory, by which three workers disagree now and then and none begins.
    The second is there until the end, and a million objects: each look for garbage took 0.1 s.
    """
    for item in session.items:
        if " at 0x" in item.name:
            raise pytest.UsageError(f"{item.nodeid}: give this parameter an id, it has an address")
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def test_ca() -> trustme.CA:
    """A certificate authority of the tests' own."""
    return trustme.CA()


@pytest.fixture(scope="session")
def merchant(test_ca: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Merchant:
    """An ordinary merchant with a valid certificate, for tests that bring their own transport."""
    folder: Path = tmp_path_factory.mktemp("merchant")
    issued = test_ca.issue_cert("merchant.invalid", common_name=MCH_ID)
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    test_ca.cert_pem.write_to_path(folder / "ca.pem")
    return Merchant(
        app_id="wx00aa11bb22cc33dd",
        mch_id=MCH_ID,
        key=KEY,
        cert_path=folder / "cert.pem",
        key_path=folder / "key.pem",
        ca_path=folder / "ca.pem",
        client_ip="203.0.113.7",
        work=WorkWx(corp_id="ww00aa11bb22cc33dd", secret=WORK_SECRET),
    )
