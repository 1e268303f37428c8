"""Number formats: what a cell shows of what it holds, or that nobody can tell."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongbao.campaign.table.number_format import NumberFormat

ACCOUNTING = '_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ '


@pytest.mark.parametrize(
    ("code", "number", "shown"),
    [
        ("General", "188", "188"),
        ("General", "1.88", "1.88"),
        ("General", "123456789012345", "123456789012345"),
        ("General", "33.3333333333333", "33.33333333"),
        ("General", "0.333333333333333", "0.333333333"),
        ("General", "59.6999999999999", "59.7"),
        ("General", "-5", "-5"),
        ("GENERAL", "5", "5"),
        ("", "5", "5"),
        ('General"元"', "5", "5元"),
        ("@", "5", "5"),
        ('"SO-"@', "5", "5"),
        ("0", "1.88", "2"),
        ("0", "1.5", "2"),
        ("0", "0", "0"),
        ("#", "0", ""),
        ("0.0", "1.88", "1.9"),
        ("0.00", "1.005", "1.01"),
        ("0.00", "1.5", "1.50"),
        ("0.##", "1.5", "1.5"),
        ("0.0#", "1.5", "1.5"),
        ("0.?0", "1.5", "1.50"),
        ("0.??", "1.5", "1.5 "),
        ("#.##", "5", "5."),
        (".00", "12.5", "12.50"),
        (".00", "0.5", ".50"),
        ("?0", "5", " 5"),
        ("0000", "42", "0042"),
        ("0000", "12345", "12345"),
        ("#,##0", "1234567", "1,234,567"),
        ("#,##0", "123", "123"),
        ("0,000", "5", "0,005"),
        ("#,##0.00", "1234.5", "1,234.50"),
        ("#,##0,", "188000", "188"),
        ("0.0,,", "1500000", "1.5"),
        ("0,.0", "1500", "1.5"),
        ('0!.0,"万"', "188000", "18.8万"),
        (r"0\.00", "188", "1.88"),
        ("00-00", "12345", "123-45"),
        ("0%", "1.5", "150%"),
        ("0.00%", "0.0188", "1.88%"),
        ("0%%", "1", "10000%%"),
        ("0.00E+00", "1.88", "1.88E+00"),
        ("0.00E+00", "188", "1.88E+02"),
        ("0.00E+00", "9.999", "1.00E+01"),
        ("0.00E+00", "0", "0.00E+00"),
        ("0.0E-0", "0.015", "1.5E-2"),
        ("0.0E-0", "150", "1.5E2"),
        ('0"分"', "188", "188分"),
        ('"-"0.00', "5", "-5.00"),
        ('"免费"', "5", "免费"),
        ("[$¥-804]#,##0.00", "1234.5", "¥1,234.50"),
        ("[$¥-zh-CN]0.00", "1.5", "¥1.50"),
        ("[$-804]0.00", "1.5", "1.50"),
        ("[$CNY] 0", "5", "CNY 5"),
        ("[Red]0", "5", "5"),
        ("[Color 12]0", "5", "5"),
        ("0.00_ ", "1.5", "1.50 "),
        (ACCOUNTING, "1234.5", " ¥ 1,234.50 "),
        (ACCOUNTING, "-5", " ¥ -5.00 "),
        (ACCOUNTING, "0", " ¥ -   "),
        ("**0", "5", " 5"),
        ("*00", "5", "05"),
        ("0.00", "-1.5", "-1.50"),
        ("0.00;0.00", "-1.5", "1.50"),
        ("0_);(0)", "-5", "(5)"),
        ("0;-0;零", "0", "零"),
        ("0;0;", "0", ""),
        (";;;", "5", ""),
        ("0;@", "-5", "-5"),
        ("[>100]0.0;0", "100.5", "100.5"),
        ("[>100]0.0;0", "99.5", "100"),
        ("[>100]0.0;0", "100", "100"),
        ("[>=100]0.0;0", "100", "100.0"),
        ("[<100]0.0;0", "100", "100"),
        ("[>=100]0.0;[<5]0.00;0", "4.5", "4.50"),
        ("[>=100]0.0;[<5]0.00;0", "99", "99"),
        ("[=1]一;[<>2]0.0;0", "1", "一"),
        ("[<=1]0.0;0", "1", "1.0"),
    ],
)
def test_a_number_is_shown_as_a_spreadsheet_shows_it(code: str, number: str, shown: str) -> None:
    assert NumberFormat(code).show(Decimal(number)) == shown


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ("# ?/?", "1.5"),
        ("##0.0E+0", "1500"),
        ("0,0E+0", "1500"),
        ("[DBNum2][$-804]General", "188"),
        ("[$-2000401]0", "188"),
        ("[NatNum1]0", "188"),
        ("G/通用格式", "188"),
        ("0x", "188"),
        ("0.0.0", "188"),
        ('"x",0', "188"),
        ("0.0,0", "188"),
        ('0"', "188"),
        ("General0", "188"),
        ("General@", "188"),
        ("[>100]0", "5"),
        ("[>100]0;[<1]0", "5"),
        ('[<1]0;0;"n"0', "5"),
        ("0;[>5]0.0;0.00", "7"),
        ("[>1]0;0", "-5"),
        ("0;0;0;0;0", "5"),
        ("0" * 1001, "5"),
        ("[164]", "5"),
        ("General", "0.00001234567891"),
        ("General", "123456789012.5"),
    ],
)
def test_what_cannot_be_told_is_not_guessed(code: str, number: str) -> None:
    assert NumberFormat(code).show(Decimal(number)) is None
    assert not NumberFormat(code).is_date(Decimal(number))


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ("yyyy-mm-dd", "46096"),
        ("m/d/yy h:mm;@", "46096"),
        ('yyyy"年"m"月"d"日"', "46096"),
        ("[h]:mm:ss", "1"),
        ("[$-F800]dddd, mmmm dd, yyyy", "46096"),
        ("[$-x-sysdate]dddd", "46096"),
        ("[$-804]aaaa", "46096"),
        ("h:mm AM/PM", "0.5"),
        ("mm:ss.00", "0.5"),
        ("0;yyyy", "-1"),
    ],
)
def test_a_date_is_one(code: str, number: str) -> None:
    assert NumberFormat(code).is_date(Decimal(number))
    assert NumberFormat(code).show(Decimal(number)) is None


@pytest.mark.parametrize(
    "code",
    ["0.00", '"day"0', "[Red]0", r"\d0", "_d0", "0.00E+00", "General", "[$YD-804]0", "0;yyyy"],
)
def test_letters_that_are_only_shown_make_no_date(code: str) -> None:
    assert not NumberFormat(code).is_date(Decimal(5))


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("General", "A1"),
        ("@", "A1"),
        ("0.00", "A1"),
        (ACCOUNTING, " A1 "),
        ('"SO-"@', "SO-A1"),
        ("0;0;0;@", "A1"),
        ('0;@"x"', "A1x"),
        (";;;", ""),
        ('0;0;0;"x"', "x"),
        ("0;0;0;0", None),
        ("0;0;0;General", None),
        ("0;0;0;0x", None),
    ],
)
def test_a_text_is_shown_by_the_section_of_texts(code: str, shown: str | None) -> None:
    assert NumberFormat(code).show_text("A1") == shown


@given(
    st.text('0#?.,%;@E+-[]$"\\!_*yGeneral<>=5 ¥', max_size=30),
    st.decimals(-(10**12), 10**12, places=3),
)
def test_any_code_shows_something_or_nothing(code: str, number: Decimal) -> None:
    format_ = NumberFormat(code)
    shown = format_.show(number)
    assert shown is None or not format_.is_date(number)
    assert isinstance(format_.show_text("x"), str | None)


@given(st.decimals(0, 10**9, places=2))
def test_two_decimals_and_thousands_change_no_amount_of_two_decimals(number: Decimal) -> None:
    shown = NumberFormat("#,##0.00").show(number)
    assert shown == f"{number:,.2f}"
