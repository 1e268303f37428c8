"""WeChat's keys of V3 stay in the simulator's folder, which takes no others for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from hongbao import ConfigurationError, V3Credentials
from hongbao.simulator.folder import ownership
from hongbao.simulator.folder.folder import SimulatorFolder

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 23, tzinfo=UTC)
URL = "https://localhost:8443"


def test_the_keys_are_made_when_they_are_first_asked_for_and_stay(tmp_path: Path) -> None:
    with SimulatorFolder.open(tmp_path / "wechat", NOW) as folder:
        assert not (folder.path / ownership.PUBLIC_KEY).exists()
        first = folder.credentials(base_url=URL)
        side = folder.wechat_side()
        for name in (ownership.PLATFORM[1], ownership.WECHATPAY[1]):
            assert (folder.path / name).stat().st_mode & 0o077 == 0, "for its owner alone"
    with SimulatorFolder.open(tmp_path / "wechat", NOW) as folder:
        assert folder.credentials(base_url=URL) == first
        again = folder.wechat_side()
    assert again.public.serial == side.public.serial
    assert again.platform.certificate_pem == side.platform.certificate_pem
    serials = {key.serial for key in V3Credentials(**first).wechat_keys}
    assert serials == {side.public.serial, side.platform.serial}


def test_a_merchant_that_is_not_there_has_no_credentials(tmp_path: Path) -> None:
    with (
        SimulatorFolder.open(tmp_path / "wechat", NOW) as folder,
        pytest.raises(ConfigurationError, match="holds no merchant"),
    ):
        folder.credentials("1999000009", base_url=URL)


@pytest.mark.parametrize("name", [ownership.PUBLIC_KEY, ownership.PLATFORM[1]])
def test_a_key_of_somebody_elses_is_refused_and_left_untouched(tmp_path: Path, name: str) -> None:
    with SimulatorFolder.open(tmp_path / "wechat", NOW) as folder:
        folder.wechat_side()
        path = folder.path / name
    key = rsa.generate_private_key(65537, 2048)
    other = (
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        if name == ownership.PUBLIC_KEY
        else key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    path.write_bytes(other)
    with pytest.raises(ConfigurationError, match="new or empty folder"):
        SimulatorFolder.open(tmp_path / "wechat", NOW)
    assert path.read_bytes() == other
