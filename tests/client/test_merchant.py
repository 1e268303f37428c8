"""Merchants: made from anything, checked at once, hiding what is secret."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from hongbao import ConfigurationError, Merchant, ServiceProvider, WorkWx
from hongbao.client.settings.table import RenamedSettingWarning
from hongbao.client.transport import Origin

if TYPE_CHECKING:
    from pathlib import Path


def _settings(merchant: Merchant, **changes: Any) -> dict[str, Any]:
    settings = {
        "app_id": merchant.app_id,
        "mch_id": merchant.mch_id,
        "key": merchant.key,
        "cert_path": merchant.cert_path,
        "key_path": merchant.key_path,
        "ca_path": merchant.ca_path,
    }
    return settings | changes


def test_wechats_hosts_are_the_default(merchant: Merchant) -> None:
    assert merchant.origins == (
        Origin("api.mch.weixin.qq.com", 443),
        Origin("api2.mch.weixin.qq.com", 443),
    )


def test_another_host_has_no_second_one_unless_given(merchant: Merchant) -> None:
    one = Merchant(**_settings(merchant, base_url="https://localhost:8443"))
    assert one.origins == (Origin("localhost", 8443),)
    two = Merchant(
        **_settings(merchant, base_url="https://localhost:1", backup_url="https://[::1]:2/")
    )
    assert two.origins == (Origin("localhost", 1), Origin("::1", 2))


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"key": "short"}, "key"),
        ({"key": "-" * 32}, "key"),
        ({"key": None}, "key"),
        ({"mch_id": ""}, "mch_id"),
        ({"mch_id": "19 00"}, "mch_id"),
        ({"app_id": "wx/1"}, "app_id"),
        ({"client_ip": "localhost"}, "client_ip"),
        ({"client_ip": "machine", "base_url": "https://[::1]:1"}, "client_ip"),
        ({"base_url": "http://localhost"}, "base_url"),
        ({"base_url": "https://localhost/path"}, "base_url"),
        ({"base_url": "https://user@localhost"}, "base_url"),
        ({"total_seconds": 0}, "total_seconds"),
        ({"connect_seconds": -1}, "connect_seconds"),
    ],
)
def test_a_wrong_setting_is_named(
    merchant: Merchant, changes: dict[str, Any], setting: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Merchant(**_settings(merchant, **changes))
    assert caught.value.setting == setting
    assert caught.value.remedy


def test_no_address_is_declared_unless_a_setting_says_so(merchant: Merchant) -> None:
    here = _settings(merchant, base_url="https://localhost:8443")
    assert Merchant(**here).client_ip is None
    assert Merchant(**here, client_ip="machine").client_ip == "127.0.0.1"


def test_the_machines_own_address_is_that_on_the_way_to_the_proxy(merchant: Merchant) -> None:
    """Which alone knows WeChat's name, perhaps."""
    settings = _settings(merchant, base_url="https://wechat.invalid", proxy="http://localhost:1")
    assert Merchant(**settings, client_ip="machine").client_ip == "127.0.0.1"


def test_a_wrong_key_is_not_shown(merchant: Merchant) -> None:
    wrong = "TheV3KeyOrSomeOtherSecretOfTheMerchant"
    with pytest.raises(ConfigurationError) as caught:
        Merchant(**_settings(merchant, key=wrong))
    assert wrong not in str(caught.value)


def test_secrets_are_in_no_repr_and_no_pickle(merchant: Merchant) -> None:
    assert merchant.key not in repr(merchant)
    assert merchant.work
    assert merchant.work.secret not in repr(merchant)
    for secretive in (merchant, merchant.work):
        for leave in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="secrets"):
                leave(secretive)


def test_a_sub_merchant_is_a_copy_that_shares_the_certificate(merchant: Merchant) -> None:
    provider = ServiceProvider(**_settings(merchant))
    shop = provider.sub_merchant("1900000999", msgappid="wxsub")
    assert (shop.sub_mch_id, shop.msgappid) == ("1900000999", "wxsub")
    assert (provider.sub_mch_id, provider.msgappid) == (None, None)
    assert shop.context is provider.context
    assert shop.origins == provider.origins
    for wrong in ({"sub_mch_id": "a b", "msgappid": "wx"}, {"sub_mch_id": "1", "msgappid": ""}):
        with pytest.raises(ConfigurationError):
            provider.sub_merchant(**wrong)


def test_another_wecom_application_is_a_copy(merchant: Merchant) -> None:
    other = merchant.with_work(WorkWx(corp_id="ww2", secret="s2"))
    assert (other.corp_id, other.work_secret) == ("ww2", "s2")
    assert merchant.corp_id == "ww00aa11bb22cc33dd"


def test_a_merchant_is_read_from_a_toml_file_with_paths_beside_it(
    merchant: Merchant, tmp_path: Path
) -> None:
    for name in ("cert_path", "key_path", "ca_path"):
        source: Any = getattr(merchant, name)
        (tmp_path / f"{name}.pem").write_bytes(source.read_bytes())
    file = tmp_path / "merchant.toml"
    file.write_text(
        f'app_id = "{merchant.app_id}"\nmch_id = "{merchant.mch_id}"\nkey = "{merchant.key}"\n'
        'cert_path = "cert_path.pem"\nkey_path = "key_path.pem"\nca_path = "ca_path.pem"\n'
        'base_url = "https://localhost:8443"\ntotal_seconds = 10\n'
        '[work]\ncorp_id = "ww1"\nsecret = "s1"\n[assumptions]\namount_max = 499900\n',
        encoding="utf-8",
    )
    read = Merchant.from_toml(file)
    assert (read.corp_id, read.assumptions.amount_max) == ("ww1", 499_900)
    assert read.total_seconds == 10


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("key = ", "TOML"),
        ("nonsense = 1", "nonsense"),
        ('app_id = "wx"', "mch_id"),
        ('app_id="wx"\nmch_id="1"\nkey="x"\nwork=1', "work"),
    ],
)
def test_a_wrong_toml_file_is_named_with_what_is_wrong(
    tmp_path: Path, text: str, says: str
) -> None:
    file = tmp_path / "merchant.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=says) as caught:
        Merchant.from_toml(file)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize("end", [b"= nonsense", b"# \xff"], ids=["syntax", "encoding"])
def test_a_toml_file_that_cannot_be_read_leaves_nothing_of_its_text_behind(
    tmp_path: Path, end: bytes
) -> None:
    file = tmp_path / "merchant.toml"
    file.write_bytes(b'key = "TheKeyOfTheMerchant"\n' + end)
    with pytest.raises(ConfigurationError) as caught:
        Merchant.from_toml(file)
    # Some of Python's own errors carry the whole document as an attribute.
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("name", ["connect", "total"])
def test_an_older_name_of_an_argument_is_taken_with_a_warning_that_points_at_the_caller(
    merchant: Merchant, name: str
) -> None:
    old, new = f"{name}_timeout", f"{name}_seconds"
    with pytest.warns(DeprecationWarning, match=f"{old} is called {new} now") as caught:
        made = Merchant(**_settings(merchant, **{old: 7.0}))
    assert getattr(made, new) == 7.0
    assert [warning.filename for warning in caught] == [__file__]
    with pytest.warns(DeprecationWarning, match=f"{old} is called {new} now"):
        assert getattr(made, old) == 7.0
    provider = ServiceProvider(**_settings(merchant, **{new: 8.0}))
    with pytest.warns(DeprecationWarning, match=new):
        assert getattr(provider.sub_merchant("1900000999", msgappid="wx1"), old) == 8.0


def test_a_copy_by_the_standard_library_keeps_the_times(merchant: Merchant) -> None:
    made = Merchant(**_settings(merchant, connect_seconds=7.0))
    copied = replace(made, app_id="wx1")
    assert (copied.app_id, copied.connect_seconds, copied.total_seconds) == ("wx1", 7.0, 30.0)


def test_an_older_name_is_judged_as_the_new_one_is(merchant: Merchant) -> None:
    with (
        pytest.warns(DeprecationWarning, match="total_timeout"),
        pytest.raises(ConfigurationError, match="total_seconds: is not positive"),
    ):
        Merchant(**_settings(merchant, total_timeout=0))


@pytest.mark.parametrize("seconds", [5.5, 30.0, 30, 7.0])
def test_both_names_of_an_argument_at_once_are_an_error(merchant: Merchant, seconds: float) -> None:
    both = _settings(merchant, total_timeout=7.0, total_seconds=seconds)
    with pytest.raises(ConfigurationError, match="given beside total_seconds") as caught:
        Merchant(**both)
    assert caught.value.setting == "total_timeout"


def test_an_older_name_in_a_file_is_taken_with_a_warning(
    merchant: Merchant, tmp_path: Path
) -> None:
    file = tmp_path / "merchant.toml"
    told = {name: str(value) for name, value in _settings(merchant).items()}
    lines = [f"{name} = '{value}'" for name, value in told.items()]
    file.write_text("\n".join([*lines, "connect_timeout = 3"]), encoding="utf-8")
    with pytest.warns(
        RenamedSettingWarning, match=r"merchant\.toml: connect_timeout is called connect_seconds"
    ):
        read = Merchant.from_toml(file)
    assert read.connect_seconds == 3
    lines += ["connect_timeout = 3", "connect_seconds = 5.0"]
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="given beside connect_seconds"):
        Merchant.from_toml(file)


def test_an_older_name_of_a_variable_is_taken_with_a_warning(merchant: Merchant) -> None:
    environ = {f"HONGBAO_{name.upper()}": str(value) for name, value in _settings(merchant).items()}
    environ["HONGBAO_TOTAL_TIMEOUT"] = "12.5"
    with pytest.warns(
        RenamedSettingWarning, match="HONGBAO_TOTAL_TIMEOUT is called HONGBAO_TOTAL_SECONDS now"
    ):
        assert Merchant.from_env(environ).total_seconds == 12.5
    with pytest.raises(ConfigurationError, match="given beside HONGBAO_TOTAL_SECONDS"):
        Merchant.from_env(environ | {"HONGBAO_TOTAL_SECONDS": "30"})


def test_all_that_is_wrong_with_a_file_is_said_at_once_and_no_secret_is_shown(
    tmp_path: Path,
) -> None:
    file = tmp_path / "merchant.toml"
    lines = ['app_id = "wx1"', 'key = "TheKeyOfTheMerchant"', "total_seconds = 0", "rate = 30"]
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        Merchant.from_toml(file)
    told = str(caught.value)
    for name in ("mch_id: is missing", "total_seconds: is not a number", "rate: is not a setting"):
        assert name in told
    assert "TheKeyOf" not in told


def test_a_secret_may_stand_in_a_file_or_a_variable_of_its_own(
    merchant: Merchant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "the.key").write_text(f"{merchant.key}\n", encoding="utf-8")
    monkeypatch.setenv("THE_KEY", merchant.key)
    values = {name: str(value) for name, value in _settings(merchant).items() if name != "key"}
    for line in ('key_file = "the.key"', 'key_env = "THE_KEY"'):
        file = tmp_path / "merchant.toml"
        lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
        file.write_text("\n".join([*lines, line]), encoding="utf-8")
        assert Merchant.from_toml(file).key == merchant.key
    environ = {f"HONGBAO_{name.upper()}": value for name, value in values.items()}
    environ["HONGBAO_KEY_FILE"] = str(tmp_path / "the.key")
    assert Merchant.from_env(environ).key == merchant.key
    with pytest.raises(ConfigurationError, match="HONGBAO_KEY_FILE: names a file that cannot"):
        Merchant.from_env(environ | {"HONGBAO_KEY_FILE": "no.key"})


def test_a_missing_toml_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent\.toml"):
        Merchant.from_toml(tmp_path / "absent.toml")


def test_a_merchant_is_read_from_environment_variables(merchant: Merchant) -> None:
    environ = {f"HONGBAO_{name.upper()}": str(value) for name, value in _settings(merchant).items()}
    environ |= {
        "HONGBAO_TOTAL_SECONDS": "12.5",
        "HONGBAO_WORK_CORP_ID": "ww1",
        "HONGBAO_WORK_SECRET": "s1",
        "HONGBAO_CLIENT_IP": "",
        "PATH": "/bin",
    }
    read = Merchant.from_env(environ)
    assert (read.total_seconds, read.corp_id, read.client_ip) == (12.5, "ww1", None)
    with pytest.raises(ConfigurationError, match="HONGBAO_TOTAL_SECONDS"):
        Merchant.from_env(environ | {"HONGBAO_TOTAL_SECONDS": "soon"})
    with pytest.raises(ConfigurationError, match="HONGBAO_"):
        Merchant.from_env({})


def test_nothing_about_a_merchant_can_be_changed(merchant: Merchant) -> None:
    with pytest.raises(AttributeError):
        merchant.key = "x" * 32  # type: ignore[misc]  # that is the test


def test_sub_merchants_can_be_told_apart_and_counted(merchant: Merchant) -> None:
    provider = ServiceProvider(**_settings(merchant))
    shops = {provider.sub_merchant(str(number), msgappid="wx") for number in range(5)}
    assert len(shops) == 5
