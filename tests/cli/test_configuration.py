"""hongbao.toml says who pays from which books, and all that is wrong with it is told at once."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hongbao.client.settings.problems import WrongSettings
from hongbao.client.settings.readers import Wrong
from hongbao.client.settings.table import RenamedSettingWarning
from hongbao.configuration.database import shown
from hongbao.configuration.file import (
    VARIABLE,
    find_configuration,
    parse,
    read_configuration,
)
from hongbao.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.configuration.file import Configuration

SECRET = "SecretThatNobodyMaySee0123456789"
PASSWORD = "DatabasePasswordNobodyMaySee"
MERCHANT: dict[str, Any] = {
    "app_id": "wx00aa11bb22cc33dd",
    "mch_id": "1900012345",
    "key_env": "DEMO_KEY",
    "cert_path": "cert.pem",
    "key_path": "key.pem",
}
PATH = Path("/etc/hongbao/hongbao.toml")


def merchants(**of_name: Mapping[str, object]) -> Configuration:
    """A file with these merchants; None leaves a setting of ``MERCHANT`` out."""
    tables = {
        name: {key: value for key, value in {**MERCHANT, **changes}.items() if value is not None}
        for name, changes in of_name.items()
    }
    return parse({"database": "books.db", "merchants": tables}, PATH)


def problems(values: Mapping[str, object]) -> list[str]:
    """What is wrong with a file, a line each, without its name."""
    with pytest.raises(ConfigurationError) as caught:
        parse(values, PATH)
    found = caught.value
    each = found.problems if isinstance(found, WrongSettings) else (found,)
    return [f"{it.setting.removeprefix(f'{PATH}: ')}: {it.problem}" for it in each]


def problems_of(**changes: object) -> list[str]:
    """The same of one merchant."""
    table = {key: value for key, value in {**MERCHANT, **changes}.items() if value is not None}
    return problems({"database": "books.db", "merchants": {"demo": table}})


def test_a_short_file_has_wechats_own_limits() -> None:
    profile = merchants(demo={}).profile("demo")
    limits = profile.limits
    assert (limits.rate, limits.burst) == (25.0, 5)
    assert limits.day_amount_max == 100_000_000
    assert (limits.user_day_count_max, limits.user_day_amount_max) == (10, 100_000)
    assert (limits.opens, limits.closes) == (0, 1440)
    assert (profile.mch_id, profile.provides) == ("1900012345", False)


def test_no_second_has_more_calls_than_wechat_grants() -> None:
    """Rate and burst together: a full burst may come on top of a second's rate."""
    limits = merchants(demo={}).profile("demo").limits
    assert limits.rate is not None
    assert limits.rate + limits.burst <= 30


def test_limits_are_said_in_yuan_and_kept_in_fen() -> None:
    said = {"day_yuan_max": "2000.50", "user_day_yuan_max": "3"}
    limits = merchants(demo=said).profile("demo").limits
    assert (limits.day_amount_max, limits.user_day_amount_max) == (200_050, 300)


def test_a_limit_is_lifted_by_a_word_and_never_by_zero() -> None:
    names = ("rate", "day_yuan_max", "user_day_count_max", "user_day_yuan_max")
    lifted = merchants(demo=dict.fromkeys(names, "unlimited")).profile("demo").limits
    assert lifted.rate is lifted.day_amount_max is lifted.user_day_count_max is None
    for name in names:
        (found,) = problems_of(**{name: 0})
        assert found.startswith(f"merchants.demo.{name}: is no")


@pytest.mark.parametrize(
    ("said", "meant"),
    [("08:00-23:30", (480, 1410)), ("00:00-24:00", (0, 1440)), ("23:59-24:00", (1439, 1440))],
)
def test_hours_are_minutes_of_beijings_day(said: str, meant: tuple[int, int]) -> None:
    limits = merchants(demo={"hours": said}).profile("demo").limits
    assert (limits.opens, limits.closes) == meant


@pytest.mark.parametrize("said", ["8-23", "08:00-24:01", "22:00-06:00", "09:00-09:00", 9, "25:00"])
def test_hours_that_are_none_are_reported(said: object) -> None:
    (found,) = problems_of(hours=said)
    assert found.startswith("merchants.demo.hours: ")


def test_paths_are_relative_to_the_file() -> None:
    configuration = merchants(demo={"key_env": None, "key_file": "keys/demo"})
    profile = configuration.profile("demo")
    assert profile.values["cert_path"] == "/etc/hongbao/cert.pem"
    assert profile.secrets["key"].path == Path("/etc/hongbao/keys/demo")
    assert configuration.database_url() == "/etc/hongbao/books.db"


def test_a_relative_file_says_where_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    configuration = parse(
        {"database": "books.db", "merchants": {"demo": MERCHANT}}, Path("hongbao.toml")
    )
    assert configuration.database_url() == f"{tmp_path}/books.db"


@pytest.mark.parametrize("rate", [0, -1, 1e-300, 10_001, 10**400, True])
def test_a_rate_is_one_that_the_books_can_keep(rate: object) -> None:
    assert problems_of(rate=rate) == [
        "merchants.demo.rate: is not a number of calls a second (0.001 to 10000)"
    ]


def test_every_problem_is_reported_at_once_and_names_its_setting() -> None:
    wrong = {
        "databse": "books.db",
        "merchants": {
            "demo": {**MERCHANT, "mch_id": "19 000", "rate": "fast", "app_id": None, "hourz": "9"},
            "shop": {"mch_id": "1900012345", "key": SECRET, "texts": {"wishing": "", "size": 1}},
            "other shop": MERCHANT,
            "none": 3,
        },
    }
    assert problems(wrong) == [
        "databse: is not a setting",
        "database: is missing",
        "merchants.demo.app_id: is not 1 to 32 of 0-9, A-Z, a-z, '_', '-'",
        "merchants.demo.mch_id: is not 1 to 32 of 0-9, A-Z, a-z",
        "merchants.demo.rate: is not a number of calls a second (0.001 to 10000)",
        "merchants.demo.hourz: is not a setting",
        "merchants.shop.key: is a secret in the file itself",
        "merchants.shop.texts.wishing: is empty",
        "merchants.shop.texts.size: is not a setting",
        "merchants.shop.app_id: is missing",
        "merchants.shop: needs one certificate; found none",
        "merchants.other shop: is not a valid name",
        "merchants.none: is not a table",
    ]


def test_a_misspelt_setting_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(ConfigurationError) as caught:
        merchants(demo={"hourz": "08:00-09:00"})
    assert caught.value.remedy == "Is hours meant?"


def test_two_profiles_of_one_number_share_what_wechat_counts_by_it() -> None:
    assert merchants(demo={}, shop={"app_id": "wxother"}).profiles.keys() == {"demo", "shop"}
    with pytest.raises(ConfigurationError) as caught:
        merchants(
            demo={"rate": 30, "day_yuan_max": "5.00"}, shop={"rate": 20, "hours": "08:00-09:00"}
        )
    assert caught.value.setting == f"{PATH}: merchants.shop"
    assert caught.value.problem == (
        "has the mch_id of merchants.demo, but another rate, day_yuan_max, hours"
    )


def test_two_merchants_may_differ_in_everything() -> None:
    found = merchants(demo={"rate": 30}, shop={"mch_id": "1900054321", "rate": 20})
    assert [profile.limits.rate for profile in found.profiles.values()] == [30.0, 20.0]


@pytest.mark.parametrize("name", ["key", "key_password", "p12_password", "key_pem"])
def test_a_secret_stands_in_the_file_only_if_that_is_allowed(name: str) -> None:
    assert f"merchants.demo.{name}: is a secret in the file itself" in problems_of(**{name: SECRET})
    table = {**MERCHANT, "key": SECRET}
    del table["key_env"]
    allowed = parse(
        {"database": "b", "allow_inline_secrets": True, "merchants": {"demo": table}}, PATH
    )
    assert allowed.profile("demo").secrets["key"].read({}) == SECRET


def test_a_secret_is_said_in_one_way() -> None:
    (found,) = problems_of(key_file="key.txt")
    assert found == "merchants.demo.key_file: is given beside another key"


def test_wecom_needs_both_its_settings() -> None:
    assert problems_of(work={"corp_id": "ww1"}) == ["merchants.demo.work.secret: is missing"]
    profile = merchants(demo={"work": {"corp_id": "ww1", "secret_env": "WORK"}}).profile("demo")
    assert profile.work == {"corp_id": "ww1"}
    assert profile.work_secret is not None
    assert profile.work_secret.variable == "WORK"


def test_a_sub_merchant_belongs_to_a_service_provider() -> None:
    assert problems_of(sub_mch_id="19") == ["merchants.demo.sub_mch_id: is for service providers"]
    shop = merchants(shop={"kind": "service-provider", "sub_mch_id": "19", "msgappid": "wx1"})
    assert shop.profile("shop").provides
    assert shop.profile("shop").values["sub_mch_id"] == "19"


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"cert_path": None}, "key_path"),
        ({"p12_path": "a.p12"}, "cert_path and key_path and p12_path"),
        ({"cert_path": None, "key_path": None}, "none"),
    ],
)
def test_there_is_exactly_one_certificate(changes: dict[str, object], found: str) -> None:
    assert problems_of(**changes) == [f"merchants.demo: needs one certificate; found {found}"]


@pytest.mark.parametrize(
    ("said", "url"),
    [
        ("books.db", "/etc/hongbao/books.db"),
        ("sqlite:///books.db", "/etc/hongbao/books.db"),
        ("/var/books.db", "/var/books.db"),
        ("postgresql://u@db:5432/hongbao", "postgresql://u@db:5432/hongbao"),
        ("postgres://u@db/hongbao", "postgresql://u@db/hongbao"),
    ],
)
def test_the_books_are_a_file_or_a_postgresql(said: str, url: str) -> None:
    found = parse({"database": said, "merchants": {"demo": MERCHANT}}, PATH)
    assert found.database_url() == url


@pytest.mark.parametrize("said", ["mysql://u@db/hongbao", "postgresql://db", ""])
def test_another_database_is_refused(said: str) -> None:
    (found,) = problems({"database": said, "merchants": {"demo": MERCHANT}})
    assert found.startswith("database: ")


def test_a_databases_password_stands_elsewhere_and_is_never_shown() -> None:
    url = f"postgresql://u:{PASSWORD}@db/hongbao"
    for said in (url, f"postgresql://db/hongbao?password={PASSWORD}"):
        (found,) = problems({"database": said, "merchants": {"demo": MERCHANT}})
        assert found == "database: is a secret in the file itself"
    found_in = parse({"database_env": "URL", "merchants": {"demo": MERCHANT}}, PATH)
    assert found_in.database_url({"URL": url}) == url
    assert shown(f"{url}?password={PASSWORD}") == "postgresql://u@db/hongbao"


@pytest.mark.parametrize(
    ("bytes_", "problem"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"\xff" * 32, "is not text in UTF-8"),
        (b"k" * 70_000, "is too long for a secret"),
        (None, "cannot be read (No such file or directory)"),
    ],
)
def test_a_file_without_a_secret_is_reported(
    tmp_path: Path, bytes_: bytes | None, problem: str
) -> None:
    path = tmp_path / "key"
    if bytes_ is not None:
        path.write_bytes(bytes_)
    secret = merchants(demo={"key_env": None, "key_file": str(path)}).profile("demo").secrets["key"]
    with pytest.raises(Wrong) as caught:
        secret.read({})
    assert caught.value.problem == f"names a file that {problem}"


def test_what_editors_leave_around_a_secret_is_no_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"\xef\xbb\xbf" + SECRET.encode() + b"\r\n")
    secret = merchants(demo={"key_env": None, "key_file": str(path)}).profile("demo").secrets["key"]
    assert secret.read({}) == SECRET


def test_a_variable_that_is_not_set_is_reported() -> None:
    secret = merchants(demo={}).profile("demo").secrets["key"]
    assert secret.read({"DEMO_KEY": SECRET}) == SECRET
    with pytest.raises(Wrong, match="a variable that is not set"):
        secret.read({"DEMO_KEY": " "})


def test_no_repr_shows_a_secret_and_none_is_pickled() -> None:
    values = {
        "database": f"postgresql://u:{PASSWORD}@db/hongbao",
        "allow_inline_secrets": True,
        "merchants": {
            "demo": {
                **{name: value for name, value in MERCHANT.items() if name != "key_env"},
                "key": SECRET,
                "work": {"corp_id": "ww1", "secret": SECRET},
            }
        },
    }
    configuration = parse(values, PATH)
    secret = configuration.profile("demo").secrets["key"]
    for told in (configuration, configuration.profile("demo"), secret):
        assert SECRET not in repr(told)
        assert PASSWORD not in repr(told)
    with pytest.raises(TypeError):
        pickle.dumps(secret)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f'key = "{SECRET}\n', "is no TOML file in UTF-8 (at line 1, column 40)"),
        (f"database = 1\n{SECRET}\n", "is no TOML file in UTF-8 (at line 2, column 33)"),
        (
            f'key = "{SECRET}"\nkey = "{SECRET}"\n',
            "has a setting or a table twice (at line 2, column 41)",
        ),
        (f"rate = {'9' * 5_000}\n", "is no TOML file in UTF-8"),
        (f"rate = {'[' * 20_000}\n", "is no TOML file in UTF-8"),
        ("[merchants.a]\n[merchants.a]\n", "has a setting or a table twice (at line 2, column 13)"),
    ],
)
def test_a_broken_file_is_reported_by_its_place_and_not_by_its_text(
    tmp_path: Path, text: str, problem: str
) -> None:
    path = tmp_path / "hongbao.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(path)
    assert caught.value.problem == problem
    told = caught.value
    assert SECRET not in f"{told} {told.__cause__} {told.__context__}"


def test_the_file_is_found_by_option_then_variable_then_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    environ = {VARIABLE: "/elsewhere/hongbao.toml"}
    assert find_configuration(Path("given.toml"), environ) == Path("given.toml")
    assert find_configuration(None, environ) == Path("/elsewhere/hongbao.toml")
    assert find_configuration(None, {}) is None
    (tmp_path / "hongbao.toml").touch()
    assert find_configuration(None, {}) == Path("hongbao.toml")


def test_a_profile_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(ConfigurationError) as caught:
        merchants(demo={}, shop={}).profile("dmeo")
    assert caught.value.remedy == "Known merchants: demo, shop."


LOCAL = "https://localhost:8443"
CONTROL = "http://127.0.0.1:8444/_sim/"


@pytest.mark.parametrize(
    ("base_url", "control", "problem"),
    [
        (LOCAL, CONTROL, None),
        (f"{LOCAL}/", "http://localhost:8444/_sim", None),
        (None, CONTROL, "is for the simulator, and merchants.demo pays elsewhere"),
        ("https://localhost.example", CONTROL, "pays elsewhere"),
        (LOCAL, "http://10.0.0.1:8444/_sim/", "is not a control port of a simulator"),
        (LOCAL, 8444, "is not a control port of a simulator"),
    ],
)
def test_simulated_time_never_meets_real_money(
    base_url: str | None, control: object, problem: str | None
) -> None:
    table = MERCHANT if base_url is None else {**MERCHANT, "base_url": base_url}
    values = {"database": "b", "rehearsal_clock": control, "merchants": {"demo": table}}
    if problem is None:
        assert parse(values, PATH).rehearsal_clock == control
    else:
        (found,) = problems(values)
        assert found.startswith("rehearsal_clock: ")
        assert problem in found


def test_an_older_name_of_a_setting_is_taken_with_a_warning_that_says_where() -> None:
    with pytest.warns(
        RenamedSettingWarning, match=r"merchants\.demo\.total_timeout is called total_seconds now"
    ):
        read = merchants(demo={"total_timeout": 12})
    assert read.profiles["demo"].values["total_seconds"] == 12


def test_a_setting_by_both_of_its_names_is_wrong() -> None:
    twice = {**MERCHANT, "connect_seconds": 3, "connect_timeout": 3}
    found = problems({"database": "books.db", "merchants": {"demo": twice}})
    assert any("is given beside connect_seconds, whose older name" in line for line in found)
