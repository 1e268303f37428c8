"""Lists that are uploaded: checked, fixed, submitted; and what no upload can do."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from contextlib import closing
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import httpx
import pytest

from console_stage import fields, send
from hongbao.console.pages.lists import FORM_BYTES_MAX
from hongbao.console.uploads import shown_name
from hongbao.errors import LedgerError
from hongbao.ledger.model.account import Role
from hongbao.ledger.model.campaign import CampaignState
from hongbao.ledger.model.limits import PayerLimits

if TYPE_CHECKING:
    from pathlib import Path

    from console_stage import ConsoleStage

OPENIDS = [f"oUSER{n:023d}" for n in range(20)]
SAID = {"name": "spring", "merchant": "demo", "unit": "yuan", "kind": "normal"} | {
    "send_name": "Shop", "wishing": "恭喜发财", "act_name": "Spring", "remark": "first",
}  # fmt: skip


def listed(*amounts: str) -> bytes:
    rows = [f"{who},{amount}" for who, amount in zip(OPENIDS, amounts, strict=False)]
    return "\n".join(["openid,amount", *rows]).encode()


def files(console: ConsoleStage) -> list[Path]:
    """What is kept on disk."""
    folder = console.site.uploads.folder
    return [] if folder is None else list(folder.iterdir())


def upload(
    client: httpx.Client,
    content: bytes,
    file: str = "list.csv",
    *,
    path: str = "/lists",
    **said: str,
) -> httpx.Response:
    form = SAID | fields(client.get("/me").text) | said
    return client.post(path, data=form, files={"file": (file, content)})


def checked(client: httpx.Client, content: bytes, file: str = "list.csv", **said: str) -> str:
    """The address of the page that says what was found."""
    answer = upload(client, content, file, path="/lists", **said)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_a_list_is_checked_and_nothing_is_stored(console: ConsoleStage) -> None:
    maker = console.client(Role.MAKER)
    page = maker.get(checked(maker, listed("1.00", "188.88", "2.00"))).text
    for said in ("191.88", "壹佰玖拾壹元捌角捌分", "恭喜发财", "oUSE…0001", "Submit for approval"):
        assert said in page
    assert OPENIDS[1] not in page
    assert console.book.campaigns() == []


def test_every_problem_has_its_row_its_column_and_the_cell_as_shown(console: ConsoleStage) -> None:
    maker = console.client(Role.MAKER)
    page = maker.get(checked(maker, listed("1.00", "1.234", "many"))).text
    assert "2 problems" in page
    assert "many" in page
    assert ' class="number">3</td><td data-label="Column">amount</td>' in page
    assert "Submit for approval" not in page
    address = checked(maker, listed("1.00", "x"))
    answer = send(maker, f"{address}/submit", on=address)
    assert answer.status_code == 303
    assert console.book.campaigns() == []


def test_problems_come_by_their_rows_and_say_what_to_do_on_the_page(console: ConsoleStage) -> None:
    maker = console.client(Role.MAKER)
    twice = listed("1.00", "2.00", "x").replace(OPENIDS[1].encode(), OPENIDS[0].encode())
    page = maker.get(checked(maker, twice)).text
    assert page.index("stands in row 2 already") < page.index('class="number">4</td>')
    assert "change the parameters: one person may stand in several rows" in page
    assert "--allow-repeats" not in page
    assert "would be paid" not in page


def test_a_check_counts_by_the_limits_that_the_books_hold(console: ConsoleStage) -> None:
    agreed = PayerLimits(day_amount_max=200)
    number = console.site.configuration.profiles["demo"].mch_id
    console.book.set_channel(number, "redpack", agreed, by="bo")
    maker = console.client(Role.MAKER)
    page = maker.get(checked(maker, listed("1.00", "2.00"))).text
    assert "It takes 2 days or more" in page
    assert "more than the merchant may pay a day (2.00 yuan)" in page


def test_a_list_is_fixed_submitted_and_waits_for_another_person(console: ConsoleStage) -> None:
    maker = console.client(Role.MAKER)
    address = checked(maker, listed("1.00", "x"), "春节.csv")
    again = upload(maker, listed("1.00", "2.00"), "春节 2.csv", path=f"{address}/file")
    assert maker.get(address).status_code == 404
    fixed = again.headers["location"]
    done = send(maker, f"{fixed}/submit", on=fixed)
    assert done.headers["location"] == "/approvals/spring?done=submitted"
    campaign = console.book.standing("spring").campaign
    assert (campaign.state, campaign.planned) == (CampaignState.DRAFT, 300)
    assert (campaign.source, campaign.created_by) == ("春节 2.csv", "maker")
    assert maker.get(fixed).status_code == 404
    assert files(console) == []


def test_nobody_approves_what_they_submitted_by_page_by_verb_or_by_sql(
    console: ConsoleStage,
) -> None:
    both = console.client(Role.MAKER, Role.CHECKER, name="anna")
    address = checked(both, listed("1.00", "2.00"))
    on = send(both, f"{address}/submit", on=address).headers["location"].partition("?")[0]
    digest = console.book.standing("spring").campaign.digest
    answer = send(both, f"{on}/approve", on=on, sum="3.00", digest=digest.hex())
    assert answer.status_code == 403
    with pytest.raises(LedgerError, match="has rows that anna@desk has stored"):
        console.book.approve("spring", digest=digest, by="anna@desk")
    path = console.site.configuration.database_url().removeprefix("sqlite:///")
    forged = (
        "UPDATE campaign SET state = 'approved', approved_at = 1795399200000000, "
        "approved_by = 'anna', approved_digest = digest"
    )
    with (
        closing(sqlite3.connect(path)) as raw,
        pytest.raises(sqlite3.IntegrityError, match="another person"),
    ):
        raw.execute(forged)
    assert console.book.standing("spring").campaign.state is CampaignState.DRAFT


def test_the_books_say_what_they_have_already(console: ConsoleStage) -> None:
    maker = console.client(Role.MAKER)
    address = checked(maker, listed("1.00", "2.00"))
    send(maker, f"{address}/submit", on=address)
    page = maker.get(checked(maker, listed("1.00", "2.00"), name="autumn")).text
    assert "paid by other campaigns already: spring" in page
    left_out = checked(maker, listed("1.00", "2.00", "3.00"), name="autumn", leave_out="spring")
    page = maker.get(left_out).text
    assert "left out: in spring" in page
    again = checked(maker, listed("1.00"), name="autumn", pay_again="they earned it")
    assert "they earned it" in maker.get(again).text


def test_rows_are_added_and_a_list_is_replaced(console: ConsoleStage) -> None:
    maker = console.client(Role.MAKER)
    address = checked(maker, listed("1.00", "2.00"))
    send(maker, f"{address}/submit", on=address)
    address = checked(maker, listed("1.00", "2.00", "3.00"), purpose="extend")
    send(maker, f"{address}/submit", on=address)
    assert console.book.standing("spring").campaign.planned == 600
    address = checked(maker, listed("1.00", "2.50"), purpose="replace")
    send(maker, f"{address}/submit", on=address)
    assert console.book.standing("spring").campaign.planned == 350
    page = console.client(Role.CHECKER).get("/approvals/spring").text
    assert "spring~1" in page
    assert "removed: 1, ¥3.00" in page
    assert "changed: 1, ¥0.50" in page


def test_what_cannot_be_meant_is_said_on_the_form(console: ConsoleStage) -> None:
    maker = console.client(Role.MAKER)
    wrong: tuple[dict[str, str], ...] = (
        {"unit": "pounds"}, {"name": "-"}, {"budget": "much"}, {"header_row": "0"},
        {"kind": "none"}, {"columns": "who"}, {"merchant": "nobody"}, {"encoding": "ebcdic"},
        {"leave_out": "/etc/passwd"}, {"purpose": "extend", "name": "none"},
    )  # fmt: skip
    for said in wrong:
        answer = upload(maker, listed("1.00"), "list.csv", path="/lists", **said)
        assert answer.status_code in {404, 422}, said
        assert "恭喜发财" in answer.text or answer.status_code == 404
    assert upload(maker, b"", "").status_code == 422
    assert files(console) == []


def test_nobody_sees_the_list_of_another_and_an_hour_later_nobody_sees_it(
    console: ConsoleStage,
) -> None:
    maker = console.client(Role.MAKER)
    address = checked(maker, listed("1.00"))
    assert console.client(Role.MAKER, name="other").get(address).status_code == 404
    console.wall.pass_(3601)
    assert maker.get(address).status_code == 404


def test_a_person_keeps_one_list_and_can_delete_it(console: ConsoleStage) -> None:
    maker = console.client(Role.MAKER)
    first, second = checked(maker, listed("1.00")), checked(maker, listed("2.00"))
    assert maker.get(first).status_code == 404
    assert len(files(console)) == 1
    assert send(maker, f"{second}/drop", on=second).status_code == 303
    assert files(console) == []


def test_the_name_of_a_file_is_shown_and_never_a_path(console: ConsoleStage) -> None:
    assert shown_name("../../etc/passwd") == "passwd"
    assert shown_name("C:\\lists\\\x07spring.csv") == "spring.csv"
    assert shown_name("") == "list"
    maker = console.client(Role.MAKER)
    page = maker.get(checked(maker, listed("1.00"), "../../<b>x</b>.csv")).text
    assert "b&gt;.csv" in page
    assert "<b>x" not in page


def test_what_is_too_large_is_not_read(console: ConsoleStage) -> None:
    where = httpx.URL(console.url)
    with closing(HTTPConnection(where.host, where.port or 80, timeout=30)) as line:
        line.putrequest("POST", "/lists")
        line.putheader("content-type", "multipart/form-data; boundary=b")
        line.putheader("content-length", str(FORM_BYTES_MAX + 1))
        line.putheader("sec-fetch-site", "same-origin")
        cookies = console.signed_in(Role.MAKER)
        line.putheader("cookie", "; ".join(f"{name}={it}" for name, it in cookies.items()))
        line.endheaders()
        assert line.getresponse().status == 413


def test_a_bomb_and_what_is_no_table_are_problems_of_the_list(console: ConsoleStage) -> None:
    maker = console.client(Role.MAKER)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b" " * 200_000_000)
        archive.writestr("xl/workbook.xml", b" " * 200_000_000)
    for content in (bomb.getvalue(), b"\x00\x01\x02", b"%PDF-1.7 nothing"):
        page = maker.get(checked(maker, content, "list.xlsx")).text
        assert "Submit for approval" not in page


def with_sheet(workbook: bytes, sheet: bytes) -> bytes:
    """A workbook of which the sheet is another."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(name, sheet if "worksheets/" in name else old.read(name))
    return made.getvalue()


def test_a_workbook_that_grows_as_it_is_read_is_a_problem_of_the_list(
    console: ConsoleStage,
) -> None:
    maker = console.client(Role.MAKER)
    template = maker.get("/lists/template").content
    laughs = b"<!ENTITY a 'ha'>" + b"".join(
        b"<!ENTITY %c '%s'>" % (letter, b"&%c;" % (letter - 1) * 10) for letter in b"bcdefghi"
    )
    bomb = b"<!DOCTYPE s [%s]><worksheet><sheetData>&i;</sheetData></worksheet>" % laughs
    outside = b"<!DOCTYPE s [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><worksheet>&a;</worksheet>"
    for sheet in (bomb, outside):
        page = maker.get(checked(maker, with_sheet(template, sheet), "list.xlsx")).text
        assert "Submit for approval" not in page
        assert "root:" not in page
    assert len(files(console)) == 1


def test_an_empty_list_to_fill_in_is_refused_as_it_is(console: ConsoleStage) -> None:
    maker = console.client(Role.MAKER)
    for kind in ("csv", "xlsx"):
        answer = maker.get(f"/lists/template?as={kind}")
        assert answer.headers["content-disposition"] == f'attachment; filename="list.{kind}"'
        page = maker.get(checked(maker, answer.content, f"list.{kind}")).text
        assert "example: delete this row" in page or "problem" in page
        assert "Submit for approval" not in page
    maker.cookies.set("hongbao-language", "zh")
    assert "业务单号" in maker.get("/lists/template?as=csv").content.decode("utf-8-sig")


def test_the_packet_is_drawn_as_the_parameters_make_it(console: ConsoleStage) -> None:
    page = console.client(Role.MAKER).get("/lists/new?wishing=Hello+%3Cb%3E&send_name=Shop").text
    assert '<p class="wishing">Hello &lt;b&gt;</p>' in page
    assert '<p class="from">Shop</p>' in page
