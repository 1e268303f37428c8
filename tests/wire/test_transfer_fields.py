"""Each field of a V3 transfer takes what its rule says, up to its length, and nothing else."""

from __future__ import annotations

import pytest

from hongbao.wire.fields import Field
from hongbao.wire.transfer import fields as f

_TEXTS = {
    f.NAME: 64, f.TRANSFER_REMARK: 32, f.USER_RECV_PERCEPTION: 32, f.INFO_TYPE: 15,
    f.INFO_CONTENT: 32, f.USER_DISPLAY_NAME: 32, f.DEVICE_ID: 128,
}  # fmt: skip
_TOKENS = {
    f.APPID: 32, f.OPENID: 64, f.TRANSFER_BILL_NO: 64, f.TRANSFER_SCENE_ID: 36,
    f.AUTHORIZATION_ID: 64,
}  # fmt: skip
_NUMBERS = {f.OUT_BILL_NO: 32, f.OUT_AUTHORIZATION_NO: 32}
_URLS = {f.NOTIFY_URL: 256, f.AUTHORIZATION_NOTIFY_URL: 256}
_CHOICES = {
    f.STYLE_TYPE: ("CONFIRM_PAGE", "RED_PACKET"),
    f.DEVICE_TYPE: ("IOS", "ANDROID", "HARMONY", "OTHER"),
}


def name_of(value: object) -> str:
    return getattr(value, "name", str(value))


def takes(rule: Field, *texts: str) -> None:
    for text in texts:
        assert rule.matches(text), text


def refuses(rule: Field, *texts: str) -> None:
    for text in texts:
        assert not rule.matches(text), text


@pytest.mark.parametrize(("rule", "most"), _TEXTS.items(), ids=name_of)
def test_a_text_has_only_what_v3_takes(rule: Field, most: int) -> None:
    """Characters of one to three bytes; what nobody can see, and what WeChat refuses, is none."""
    takes(rule, "x", "秋季 抽奖!", "汉" * most)
    refuses(rule, "", "汉" * (most + 1), "a\nb", "\x7f", "🎁", "\ue000", "\ud800", "\uffff")
    assert (rule.chars_max, rule.bytes_max) == (most, 3 * most)
    assert rule.rule == f"1 to {most} characters, no control characters and no emoji"


@pytest.mark.parametrize(("rule", "most"), _TOKENS.items(), ids=name_of)
def test_a_token_is_of_letters_digits_and_two_signs(rule: Field, most: int) -> None:
    takes(rule, "a", "azAZ09_-", "x" * most)
    refuses(rule, "", "x" * (most + 1), "a b", "é", "a.b", "a\n")
    assert rule.rule == f"1 to {most} of 0-9, A-Z, a-z, '_', '-'"
    assert rule.chars_max == most


@pytest.mark.parametrize(("rule", "most"), _NUMBERS.items(), ids=name_of)
def test_a_number_of_ours_is_of_letters_and_digits(rule: Field, most: int) -> None:
    takes(rule, "a", "azAZ09", "x" * most)
    refuses(rule, "", "x" * (most + 1), "a_b", "a-b", "é", "1\n")
    assert rule.rule == f"1 to {most} of 0-9, A-Z, a-z"
    assert rule.chars_max == most


@pytest.mark.parametrize(("rule", "most"), _URLS.items(), ids=name_of)
def test_an_address_is_https_and_has_no_query(rule: Field, most: int) -> None:
    begins = "https://"
    takes(rule, "https://a.example.test:8443/n/~x", begins + "x" * (most - len(begins)))
    refuses(rule, begins, "http://a.test/", "https://a.test/?a=1", "https://a.test/#a",
            "https://a .test/", begins + "x" * (most - len(begins) + 1))  # fmt: skip
    assert rule.rule == f"https:// and at most {most} characters, without ? and #"
    assert rule.chars_max == most


@pytest.mark.parametrize(("rule", "values"), _CHOICES.items(), ids=name_of)
def test_a_choice_is_one_of_its_values(rule: Field, values: tuple[str, ...]) -> None:
    takes(rule, *values)
    refuses(rule, "", "|".join(values), "".join(values), values[0].lower(), f"{values[0]}X")
    assert rule.rule == f"one of {', '.join(values)}"
    assert rule.chars_max == max(map(len, values))


def test_every_field_has_the_name_that_wechat_gives_it() -> None:
    names = {
        name: value.name
        for name, value in vars(f).items()
        if isinstance(value, (Field, f.Group)) and name not in {"MCH_ID", "NAME", "SEALED_NAME"}
    }
    expected = {name: name.lower() for name in names}
    expected |= {"REPORT_INFOS": "transfer_scene_report_infos", "STYLE_TYPE": "type"}
    assert names == expected
    assert (f.MCH_ID.name, f.NAME.name, f.SEALED_NAME.name) == ("mchid", "user_name", "user_name")


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("x", "a list of 1 to 16 objects"),
        ([], "a list of 1 to 16 objects"),
        ([{}] * 17, "a list of 1 to 16 objects"),
        (["x"], "an object"),
        ([{"info_type": "a", "info_content": "b"}] * 16, None),
    ],
)
def test_a_list_has_one_to_sixteen_objects(value: object, rule: str | None) -> None:
    parts = f.required(f.REPORT_INFOS)
    found = f.breach({"transfer_scene_report_infos": value}, parts)
    assert (found and found.rule) == rule


def test_what_is_missing_or_no_object_is_said_by_what_it_should_be() -> None:
    for group, rule in (
        (f.REPORT_INFOS, "a list of 1 to 16 objects"), (f.USER_RECV_STYLE, "an object"),
    ):  # fmt: skip
        found = f.breach({}, f.required(group))
        assert found == f.Breach(f"/{group.name}", rule, None)
        assert f.breach({}, f.optional(group)) is None
    found = f.breach({"user_recv_style": 7}, f.required(f.USER_RECV_STYLE))
    assert found == f.Breach("/user_recv_style", "an object", 7)
    found = f.breach({"user_recv_style": {"type": "NEW"}}, f.required(f.USER_RECV_STYLE))
    assert found is not None
    assert (found.pointer, found.value) == ("/user_recv_style/type", "NEW")
    deep = [{"info_type": "a", "info_content": "b"}, {"info_type": "a", "info_content": ""}]
    found = f.breach({"transfer_scene_report_infos": deep}, f.required(f.REPORT_INFOS))
    assert found is not None
    assert found.pointer == "/transfer_scene_report_infos/1/info_content"
