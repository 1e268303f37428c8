"""What is sealed opens with its key, in its place, and shows nothing else."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode

import pytest

from hongbao.errors import ConfigurationError
from hongbao.sealing import Keyring, is_sealed, written

OLD, NEW = bytes(range(32)), bytes(range(1, 33))
ROW = {"姓名": "张三", "手机号": "13800138000"}
ABOUT = ("1900012345", "oUSER", "user_name")


def sealed(keyring: Keyring, place: str = "campaign 1", key: str = "A1") -> bytes:
    return keyring.sealer(place)(key, written(ROW))


def test_a_row_opens_in_its_place_alone_and_never_looks_the_same() -> None:
    keyring = Keyring([NEW])
    one, other = sealed(keyring), sealed(keyring)
    assert one != other
    assert "张三".encode() not in one
    assert keyring.open(one, place="campaign 1", key="A1") == ROW
    for place, key in (("campaign 2", "A1"), ("campaign 1", "A2")):
        with pytest.raises(ConfigurationError, match="does not open"):
            keyring.open(one, place=place, key=key)
    for damaged in (one[:-1], one[:10], b"", bytes([*one[:-1], one[-1] ^ 1])):
        with pytest.raises(ConfigurationError, match=r"books\.keep_key"):
            keyring.open(damaged, place="campaign 1", key="A1")


def test_a_text_always_looks_the_same_for_the_same_receiver_alone() -> None:
    keyring = Keyring([NEW])
    one = keyring.seal_text("张三", about=ABOUT)
    assert is_sealed(one)
    assert one == keyring.seal_text("张三", about=ABOUT)
    assert one != keyring.seal_text("张三", about=("1900012345", "oOTHER", "user_name"))
    assert keyring.open_text(one, about=ABOUT) == "张三"
    with pytest.raises(ConfigurationError, match="does not open"):
        keyring.open_text(one, about=("1900012345", "oOTHER", "user_name"))


def test_an_older_key_opens_what_it_has_sealed_and_seals_nothing_more() -> None:
    before = Keyring([OLD])
    lines = f"{b64encode(NEW).decode()}\n{urlsafe_b64encode(OLD).decode()}\n"
    both = Keyring.read(lines)
    assert both.open(sealed(before), place="campaign 1", key="A1") == ROW
    assert both.open_text(before.seal_text("李四", about=ABOUT), about=ABOUT) == "李四"
    with pytest.raises(ConfigurationError, match=f"lacks the key {both.key_id}"):
        before.open(sealed(both), place="campaign 1", key="A1")


def test_without_a_key_nothing_is_sealed_and_what_is_missing_is_named() -> None:
    there = Keyring([OLD])
    with pytest.raises(ConfigurationError, match="is missing"):
        sealed(Keyring())
    with pytest.raises(ConfigurationError, match=f"lacks the key {there.key_id}.* it has none"):
        Keyring().open(sealed(there), place="campaign 1", key="A1")


@pytest.mark.parametrize("text", ["secret-key", "x" * 44, b64encode(NEW[:31]).decode(), "é"])
def test_what_is_no_key_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Keyring.read(text)
    assert text not in str(caught.value)
    assert caught.value.__cause__ is None


def test_no_repr_shows_a_key() -> None:
    keyring = Keyring([NEW])
    assert repr(keyring) == f"Keyring({keyring.key_id})"
