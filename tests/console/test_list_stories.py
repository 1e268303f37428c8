"""A list goes its whole way in real browsers: fixed, submitted, approved by another, paid."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from hongbao.engine import parse_configuration, run_worker
from hongbao.ledger.model.account import Role
from hongbao.ledger.model.campaign import CampaignState
from hongbao.ledger.model.standing import Phase

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chromium import Tab
    from playwright.sync_api import FilePayload, Page

    from console_stage import ConsoleStage
    from hongbao.configuration.file import Configuration
    from hongbao.testing.wechat import SimulatedWeChat

ROWS = 5
WORDS = {
    "en-GB": {
        "name": "Name: letters", "unit": "Unit of its amounts", "yuan": "yuan",
        "greeting": "Greeting", "check": "Upload and check", "again": "Upload and check again",
        "problem": "1 problem", "submit": "Submit for approval", "stored": "Stored as a draft",
        "sum": "Type the sum", "approve": "Approve", "approved": "Approved.",
        "why": "Why it is paused", "pause": "Pause", "paused": "Paused.", "resume": "Resume",
        "resumed": "Resumed.", "complete": "complete", "ask": "Query now",
        "asked": "A worker asks WeChat",
    },
    "zh-CN": {
        "name": "名称：字母", "unit": "金额单位", "yuan": "元", "greeting": "祝福语",
        "check": "上传并检查", "again": "上传并重新检查", "problem": "1 个问题",
        "submit": "提交复核", "stored": "已保存为草稿", "sum": "请输入上方金额", "approve": "批准",
        "approved": "已批准。", "why": "暂停原因", "pause": "暂停", "paused": "已暂停",
        "resume": "恢复发放", "resumed": "已恢复", "complete": "已完成", "ask": "立即查询",
        "asked": "工作进程将",
    },
}  # fmt: skip


@pytest.fixture
def configuration(
    sqlite_url: str,
    tmp_path: Path,
    wechat_simulator: SimulatedWeChat,
    console_settings: dict[str, Any],
) -> Configuration:
    """Settings of the simulator's demo merchant."""
    settings = wechat_simulator.simulation.merchant_settings(None)
    key = tmp_path / "demo.key"
    key.write_text(settings["key"], encoding="utf-8")
    key.chmod(0o600)
    merchant = {name: it for name, it in settings.items() if name not in {"key", "work"}}
    texts = {"send_name": "Shop", "wishing": "Hello", "act_name": "Spring", "remark": "r"}
    values = {
        "database": sqlite_url, "console": console_settings,
        "merchants": {
            "demo": merchant | {"key_file": str(key), "rate": "unlimited", "texts": texts}
        },
    }  # fmt: skip
    return parse_configuration(values, tmp_path / "hongbao.toml")


def file(*amounts: str) -> FilePayload:
    rows = [f"oTEST_payee_{row:016d},{yuan}" for row, yuan in enumerate(amounts)]
    content = "\n".join(["openid,amount", *rows, ""]).encode()
    return {"name": "list.csv", "mimeType": "text/csv", "buffer": content}


def paid(wechat: SimulatedWeChat) -> int:
    """How many packets the simulator has paid, each time that it has."""
    return sum(it.paid for it in wechat.journal())


def work(console: ConsoleStage) -> None:
    """Pay what is due, in a thread: Playwright's loop runs in this one."""
    with ThreadPoolExecutor(1) as threads:
        threads.submit(run_worker, console.book, console.site.configuration, leave_idle=0).result()


def fill_in(page: Page, words: dict[str, str], *amounts: str) -> None:
    page.get_by_label(words["name"]).fill("spring")
    page.get_by_label(words["unit"]).select_option(label=words["yuan"])
    page.get_by_label(words["greeting"]).fill("恭喜发财")
    page.locator("input[type=file]").set_input_files(file(*amounts))


def fix_and_submit(maker: Tab, words: dict[str, str]) -> None:
    page = maker.go("/lists/new")
    fill_in(page, words, *["1.00"] * (ROWS - 1), "many")
    expect(page.locator(".packet .wishing")).to_have_text("恭喜发财")
    maker.axe()
    page.get_by_role("button", name=words["check"]).click()
    expect(page.locator("#problems caption")).to_contain_text(words["problem"])
    expect(page.locator("#problems tbody")).to_contain_text("many")
    maker.axe()
    page.locator("input[type=file]").set_input_files(file(*["1.00"] * ROWS))
    page.get_by_role("button", name=words["again"]).click()
    expect(page.locator(".capitals")).to_have_text("伍元整")
    maker.axe()
    page.get_by_role("button", name=words["submit"]).click()
    expect(page.get_by_role("status")).to_contain_text(words["stored"])
    assert page.get_by_label(words["sum"]).count() == 0


def approve_by_a_double_click(checker: Tab, words: dict[str, str]) -> None:
    page = checker.go("/approvals")
    checker.axe()
    page.get_by_role("link", name="spring").click()
    checker.axe()
    page.get_by_label(words["sum"]).fill("5.00")
    page.get_by_role("button", name=words["approve"], exact=True).dblclick()
    expect(page.get_by_role("status")).to_contain_text(words["approved"])


def ask_about_one_and_take_all_along(maker: Tab, words: dict[str, str]) -> None:
    page = maker.go("/payouts?campaign=spring")
    page.locator("tbody tr").first.get_by_role("link").first.click()
    page.get_by_role("button", name=words["ask"]).click()
    expect(page.get_by_role("status")).to_contain_text(words["asked"])
    page = maker.go("/payouts?campaign=spring")
    with page.expect_download() as report:
        page.locator("a[href^='/payouts.csv']").click()
    assert report.value.path().read_text(encoding="utf-8-sig").count("\n") == ROWS + 1


@pytest.mark.long
@pytest.mark.parametrize("locale", list(WORDS))
def test_a_list_is_fixed_submitted_approved_by_another_paid_paused_resumed_and_complete(
    console: ConsoleStage,
    open_tab: Callable[..., Tab],
    wechat_simulator: SimulatedWeChat,
    locale: str,
) -> None:
    """Whoever makes it reads one language, whoever approves it the other."""
    other = next(it for it in WORDS if it != locale)
    words = WORDS[locale]
    maker = open_tab(console.url, cookies=console.signed_in(Role.MAKER), locale=locale)
    checker = open_tab(console.url, cookies=console.signed_in(Role.CHECKER), locale=other)
    fix_and_submit(maker, words)
    approve_by_a_double_click(checker, WORDS[other])
    kinds = [it.kind for it in console.book.decisions("spring")]
    assert kinds.count("approved") == 1

    page = maker.go("/campaigns/spring")
    page.get_by_label(words["why"]).fill("lunch")
    page.get_by_role("button", name=words["pause"], exact=True).click()
    expect(page.get_by_role("status")).to_contain_text(words["paused"])
    work(console)
    assert paid(wechat_simulator) == 0
    words = WORDS[other]
    page = checker.go("/campaigns/spring")
    page.get_by_role("button", name=words["resume"]).click()
    expect(page.get_by_role("status")).to_contain_text(words["resumed"])
    work(console)
    page = maker.go("/campaigns/spring")
    expect(page.locator(".phase")).to_contain_text(WORDS[locale]["complete"])
    standing = console.book.standing("spring")
    assert (standing.phase, standing.paid) == (Phase.COMPLETE, 100 * ROWS)
    assert paid(wechat_simulator) == ROWS

    ask_about_one_and_take_all_along(maker, WORDS[locale])


def test_without_scripts_a_list_is_checked_submitted_and_approved(
    console: ConsoleStage, open_tab: Callable[..., Tab]
) -> None:
    words = WORDS["en-GB"]
    maker = open_tab(console.url, cookies=console.signed_in(Role.MAKER), script=False)
    page = maker.go("/lists/new")
    fill_in(page, words, "1.00", "2.00")
    page.get_by_role("button", name=words["check"]).click()
    page.get_by_role("button", name=words["submit"]).click()
    expect(page.get_by_role("status")).to_contain_text(words["stored"])
    checker = open_tab(console.url, cookies=console.signed_in(Role.CHECKER), script=False)
    page = checker.go("/approvals/spring")
    page.get_by_label(words["sum"]).fill("3.00")
    page.get_by_role("button", name=words["approve"], exact=True).click()
    expect(page.get_by_role("status")).to_contain_text(words["approved"])
    assert console.book.standing("spring").campaign.state is CampaignState.APPROVED
