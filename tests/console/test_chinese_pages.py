"""Pages in Chinese: every act and role in words, and the punctuation that Chinese has."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hongbao import console as console_package
from hongbao.console.page_advice import ON_PAGES, on_pages
from hongbao.console.pages.records import DEEDS, KINDS
from hongbao.console.pages.users import ROLE_NAMES
from hongbao.console.routes import ROUTES
from hongbao.ledger.model.account import ActKind, Role
from hongbao.sentences import Sentence, Tongue, catalogue, said_in, say
from test_routes import ASKED, NOT_HERE, PLACES

if TYPE_CHECKING:
    from console_stage import ConsoleStage

TEMPLATES = Path(console_package.__file__).parent / "templates"
HAN = "[\u4e00-\u9fff]"
HALF_WIDTH = re.compile(rf"{HAN} ?[:,;()!?](?!\w)|[:,;)!?] ?{HAN}|{HAN}\({HAN}")
"""Between Chinese characters, or at the end of a part that ends in one."""
PUT_TOGETHER = re.compile(r"\}\}(</\w+>)?([:,;]|\.(?=\s|<)|\)) ?(?=\{|\n|<)")
"""A mark of English that a template puts behind what it says in any language."""


def read(console: ConsoleStage, path: str, tongue: Tongue) -> str:
    """The text of a page, a line for each block."""
    client = console.client(*Role, name="everybody")
    answer = client.get(path, headers={"accept-language": tongue})
    assert answer.status_code == 200, path
    body = answer.text.partition("<main")[2].partition("</main>")[0]
    inline = re.sub(r"</?(a|strong|span|code|time|q|b)\b[^>]*>", "", body)
    return unescape(re.sub(r"<[^>]+>", "\n", inline))


def test_marks_of_chinese_stand_on_chinese_pages(still_console: ConsoleStage) -> None:
    found = {}
    for route in ROUTES:
        if route.method != "GET" or route.path in NOT_HERE or "." in route.path:
            continue
        if route.roles is None or route.path == "/lists/template":
            continue
        path = route.path.format(**PLACES) + ASKED.get(route.path, "")
        lines = read(still_console, path, Tongue.CHINESE).splitlines()
        wrong = [it.strip() for it in lines if HALF_WIDTH.search(it)]
        if wrong:
            found[route.path] = wrong
    assert found == {}


def test_templates_put_no_sentence_together_with_marks_of_english() -> None:
    assert {
        str(it.relative_to(TEMPLATES)): wrong
        for it in TEMPLATES.rglob("*.html")
        if (wrong := [found[0] for found in PUT_TOGETHER.finditer(it.read_text("utf-8"))])
    } == {}


@pytest.mark.parametrize("tongue", Tongue)
def test_every_act_and_every_role_is_said_in_words(console: ConsoleStage, tongue: Tongue) -> None:
    accounts, at = console.site.accounts, console.wall()
    console.account("root", Role.ADMIN)
    for kind in ActKind:
        accounts.record(kind, by="1", at=at, facts={"roles": " ".join(Role), "disabled": True})
    places = dict.fromkeys(re.findall(r"\{(\w+)\}", " ".join(DEEDS)), "7")
    for page in DEEDS:
        accounts.record(ActKind.DID, by="1", at=at, facts={"page": page, **places})
    shown = read(console, "/audit", tongue)
    for words in [*KINDS.values(), *ROLE_NAMES.values()]:
        assert said_in(tongue, words) in shown
    for deed in DEEDS.values():
        assert said_in(tongue, deed) % places in shown
    if tongue is Tongue.CHINESE:
        acts = "\n".join(re.findall(r"(?<=2026-).*", shown))
        assert not re.search(rf"\b({'|'.join({*Role, *ActKind})})\b", acts)


def test_what_the_check_advises_names_no_option_on_a_page() -> None:
    for template in catalogue():
        if "--" in template and template in ON_PAGES:
            values = {it: it for it in re.findall(r"\{(\w+)\}", template)}
            inner = say(template, **values)
            for text in (inner, say("{what}", what=inner)):
                shown = on_pages(text)
                assert isinstance(shown, Sentence)
                assert "--" not in shown
                assert "--" not in shown.in_chinese()
    assert set(ON_PAGES) <= set(catalogue())


def test_the_options_that_a_check_of_a_list_names_are_known_to_the_pages() -> None:
    package = Path(console_package.__file__).parents[1] / "campaign"
    sources = [*(package / "check").rglob("*.py"), *(package / "rows").rglob("*.py")]
    sources += [package / "compare" / f"{it}.py" for it in ("supplement", "same_people")]
    named = {
        option for it in sources for option in re.findall(r"--[a-z-]{3,}", it.read_text("utf-8"))
    }  # fmt: skip
    known = {option for it in ON_PAGES for option in re.findall(r"--[a-z-]{3,}", it)}
    assert named - known == set()
