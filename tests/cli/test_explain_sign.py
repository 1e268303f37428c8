"""``hongbao explain-sign`` says what was signed, and which usual mistake made a wrong signature."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from hashlib import md5
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import quote

import pytest

from hongbao.wire import document
from hongbao.wire.signature import WORKWX_SIGNED
from shop import KEY, MCH_ID, OPENID, WORK_SECRET, Ran

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from shop import Run

NORMAL = {
    "nonce_str": "n0nceABCDEF1234567890",
    "mch_billno": "1900012345202611230000000042",
    "mch_id": MCH_ID,
    "wxappid": "wx00aa11bb22cc33dd",
    "send_name": "测试商户",
    "re_openid": OPENID,
    "total_amount": "100",
    "total_num": "1",
    "wishing": "谢谢参与",
    "client_ip": "203.0.113.7",
    "act_name": "秋季抽奖",
    "remark": "一等奖",
}
PUBLISHED_SIGN = "4251141BE5B1E415277FE9F93EC216BA"
"""Of ``NORMAL``, as the protocol notes have it."""
WORK = {
    "nonce_str": "n0nceABCDEF1234567890",
    "mch_billno": "1900012345202611230000000042",
    "mch_id": MCH_ID,
    "wxappid": "ww00aa11bb22cc33dd",
    "sender_name": "HR",
    "re_openid": OPENID,
    "total_amount": "100",
    "wishing": "thanks",
    "act_name": "autumn",
    "remark": "first",
}
PUBLISHED_WORKWX_SIGN = "59F29DFC824D161A1D0056581D70490B"


def digest(text: str, charset: str = "utf-8") -> str:
    return md5(text.encode(charset)).hexdigest().upper()


def base(fields: Mapping[str, str], names: Iterable[str] | None = None) -> str:
    """Every given field as it stands, sorted: deliberately without any rule."""
    chosen = sorted(fields if names is None else names)
    return "&".join(f"{name}={fields[name]}" for name in chosen if name != "sign")


def write(folder: Path, fields: Mapping[str, str]) -> str:
    path = folder / "request.xml"
    path.write_bytes(document.encode(fields.items()))
    return str(path)


Explain: TypeAlias = Callable[..., Ran]


@pytest.fixture
def explain(run: Run, merchant_toml: Path, tmp_path: Path) -> Explain:
    """The command with a merchant's key, on a request with these fields."""

    def explain_it(fields: Mapping[str, str], *options: str) -> Ran:
        file = write(tmp_path, fields)
        return run("explain-sign", file, "--merchant", str(merchant_toml), "--json", *options)

    return explain_it


def test_a_right_signature_is_right(explain: Explain) -> None:
    ran = explain({**NORMAL, "sign": PUBLISHED_SIGN})
    (sign,) = ran.json["signatures"]
    assert (ran.code, sign["right"], ran.json["endpoint"]) == (0, True, "sendredpack")
    assert sign["base"].endswith("&key=***")
    assert {field["state"] for field in ran.json["fields"]} == {"signed", "sign"}


MISTAKES: dict[str, tuple[dict[str, str], Callable[[dict[str, str]], str], list[str]]] = {
    "sign_type is signed": (
        {"sign_type": "MD5"},
        lambda f: digest(f"{base(f)}&key={KEY}"),
        ["sign_type is signed, which this call does not know: neither send nor sign it"],
    ),
    "two foreign fields are signed": (
        {"sub_appid": "wx1", "appid": "wx2"},
        lambda f: digest(f"{base(f)}&key={KEY}"),
        ["every field that is sent is signed, also those that this call does not know"],
    ),
    "one of two foreign fields is signed": (
        {"sub_appid": "wx1", "appid": "wx2"},
        lambda f: digest(f"{base(f, [*NORMAL, 'appid'])}&key={KEY}"),
        ["appid is signed, which this call does not know: neither send nor sign it"],
    ),
    "empty values are signed": (
        {"scene_id": "", "risk_info": ""},
        lambda f: digest(f"{base(f)}&key={KEY}"),
        ["empty values are signed: leave them out"],
    ),
    "lower case": (
        {},
        lambda f: digest(f"{base(f)}&key={KEY}").lower(),
        ["it is in lower case: WeChat writes upper case, and may not take lower"],
    ),
    "HMAC": (
        {},
        lambda f: (
            hmac.new(KEY.encode(), f"{base(f)}&key={KEY}".encode(), "sha256").hexdigest().upper()
        ),
        ["HMAC-SHA256 is used: red packets are signed with MD5 alone"],
    ),
    "the WeCom secret": (
        {},
        lambda f: digest(f"{base(f)}&key={WORK_SECRET}"),
        ["the WeCom secret is used: `sign` takes the APIv2 key"],
    ),
    "the certificate's password": (
        {},
        lambda f: digest(f"{base(f)}&key={MCH_ID}"),
        ["the mch_id (the .p12's password) is used as the key: take the APIv2 key"],
    ),
    "the document's order": (
        {},
        lambda f: digest("&".join(f"{name}={value}" for name, value in f.items()) + f"&key={KEY}"),
        ["the fields are signed in the document's order: sort them by name"],
    ),
    "percent-encoded": (
        {},
        lambda f: digest(base({name: quote(value) for name, value in f.items()}) + f"&key={KEY}"),
        ["values are percent-encoded before they are signed: sign them raw"],
    ),
    "GBK": (
        {},
        lambda f: digest(f"{base(f)}&key={KEY}", "gbk"),
        ["the text is signed as GBK: sign it as UTF-8"],
    ),
    "a field is left out": (
        {},
        lambda f: digest(f"{base(f, [name for name in f if name != 'remark'])}&key={KEY}"),
        ["remark is sent but not signed"],
    ),
    "two mistakes at once": (
        {"sign_type": "MD5", "scene_id": ""},
        lambda f: digest(f"{base(f)}&key={KEY}"),
        [
            "sign_type is signed, which this call does not know: neither send nor sign it",
            "empty values are signed: leave them out",
        ],
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_usual_mistake_is_named(explain: Explain, name: str) -> None:
    more, sign, notes = MISTAKES[name]
    fields = {**NORMAL, **more}
    ran = explain({**fields, "sign": sign(fields)})
    (verdict,) = ran.json["signatures"]
    assert (ran.code, verdict["right"]) == (6, False)
    assert verdict["notes"] == notes


def test_an_unusual_mistake_points_at_the_key(explain: Explain) -> None:
    ran = explain({**NORMAL, "sign": "0" * 32})
    (verdict,) = ran.json["signatures"]
    assert "APIv3" in verdict["notes"][0]
    assert verdict["should_be"] == PUBLISHED_SIGN


def test_settings_of_another_merchant_are_noticed(explain: Explain) -> None:
    ran = explain({**NORMAL, "mch_id": "1900099999", "sign": "0" * 32})
    notes = ran.json["signatures"][0]["notes"]
    assert any("mch_id is another than the settings'" in note for note in notes)


def test_a_key_of_another_shape_is_noticed(run: Run, tmp_path: Path) -> None:
    settings = tmp_path / "merchant.toml"
    settings.write_text('mch_id = "1900012345"\nkey = "short"\n', encoding="utf-8")
    file = write(tmp_path, {**NORMAL, "sign": PUBLISHED_SIGN})
    ran = run("explain-sign", file, "--merchant", str(settings))
    assert "not 32 letters and digits" in ran.stdout
    assert "short" not in ran.stdout


def test_fields_are_judged_one_by_one(explain: Explain) -> None:
    fields = {**NORMAL, "total_num": "0", "scene_id": "", "sign_type": "MD5", "msgappid": "wx1"}
    del fields["client_ip"]
    states = {field["name"]: field["state"] for field in explain(fields).json["fields"]}
    assert states["total_num"] == "illegal"
    assert states["scene_id"] == "empty"
    assert states["sign_type"] == "unknown"
    assert states["client_ip"] == "missing"
    assert states["sub_mch_id"] == "missing"
    assert states["sign"] == "missing"
    assert states["wishing"] == "signed"
    assert "risk_info" not in states


def test_a_wecom_packet_has_two_signatures(explain: Explain) -> None:
    fields = {**WORK, "workwx_sign": PUBLISHED_WORKWX_SIGN}
    ran = explain({**fields, "sign": digest(f"{base(fields)}&key={KEY}")})
    inner, outer = ran.json["signatures"]
    assert (ran.code, ran.json["endpoint"]) == (0, "sendworkwxredpack")
    assert (inner["name"], inner["right"], outer["right"]) == ("workwx_sign", True, True)
    assert inner["base"].endswith("&secret=***")


@pytest.mark.parametrize(
    ("made", "note"),
    [
        (f"{base(WORK)}&secret={WORK_SECRET}", "all fields are signed"),
        (f"{base(WORK, WORKWX_SIGNED)}&secret={KEY}", "the APIv2 key is used"),
        (f"{base(WORK, WORKWX_SIGNED)}&key={WORK_SECRET}", "`&key=` stands before the secret"),
    ],
)
def test_a_wrong_inner_signature_is_explained(explain: Explain, made: str, note: str) -> None:
    fields = {**WORK, "workwx_sign": digest(made)}
    ran = explain({**fields, "sign": digest(f"{base(fields)}&key={KEY}")})
    inner, outer = ran.json["signatures"]
    assert outer["right"]
    assert inner["notes"][0].startswith(note)


def test_without_a_key_the_fields_are_judged_all_the_same(run: Run, tmp_path: Path) -> None:
    file = write(tmp_path, {**NORMAL, "sign": "0" * 32})
    ran = run("explain-sign", file)
    assert ran.code == 0
    assert "sign is not judged." in ran.stdout
    assert f"re_openid={OPENID}&" in ran.stdout


def test_the_call_can_be_named(run: Run, tmp_path: Path) -> None:
    file = write(tmp_path, NORMAL)
    ran = run("explain-sign", file, "--endpoint", "sendgroupredpack", "--json")
    states = {field["name"]: field["state"] for field in ran.json["fields"]}
    assert states["client_ip"] == "unknown"
    assert states["amt_type"] == "missing"


@pytest.mark.parametrize(
    ("fields", "endpoint"),
    [
        (NORMAL, "sendredpack"),
        ({**NORMAL, "amt_type": "ALL_RAND", "total_num": "3"}, "sendgroupredpack"),
        ({**NORMAL, "notify_way": "MINI_PROGRAM_JSAPI"}, "sendminiprogramhb"),
        (WORK, "sendworkwxredpack"),
        ({"mch_billno": "1", "mch_id": "2", "appid": "3", "bill_type": "MCHT"}, "gethbinfo"),
        ({"mch_billno": "1", "mch_id": "2", "appid": "3"}, "queryworkwxredpack"),
        ({"hb_type": "NORMAL", "auth_mchid": "1000052601", "wishing": "hi"}, "hbpreorder"),
    ],
)
def test_the_call_is_guessed(
    run: Run, tmp_path: Path, fields: dict[str, str], endpoint: str
) -> None:
    assert run("explain-sign", write(tmp_path, fields), "--json").json["endpoint"] == endpoint


def test_a_request_may_come_on_stdin(run: Run) -> None:
    text = document.encode(NORMAL.items()).decode()
    assert run("explain-sign", "-", "--json", stdin=text).json["endpoint"] == "sendredpack"


@pytest.mark.parametrize("text", ["", "no xml", "<html/>", "<xml><a><b><c>1</c></b></a></xml>"])
def test_what_is_no_request_is_refused(run: Run, text: str) -> None:
    ran = run("explain-sign", "-", "--json", stdin=text)
    assert (ran.code, ran.json["error"]["kind"]) == (6, "InvalidRequest")


def test_a_file_that_is_not_there_is_refused(run: Run) -> None:
    ran = run("explain-sign", "/no/such/file")
    assert ran.code == 6
    assert "cannot be read" in ran.stderr


def test_a_key_that_was_sent_is_not_printed(explain: Explain) -> None:
    fields = {**NORMAL, "remark": KEY, "wishing": WORK_SECRET, KEY: "1"}
    ran = explain({**fields, "sign": "0" * 32})
    assert KEY not in ran.everything
    assert WORK_SECRET not in ran.everything
