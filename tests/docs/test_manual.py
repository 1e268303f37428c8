"""The manual is whole: names have their places, links lead somewhere, both languages agree."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import pytest

import hongbao
from hongbao.ledger.model.campaign import CampaignState
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.standing import Phase
from hongbao.wire.status import Status
from session import DOCS, ROOT, blocks, text_of
from state_diagram import DIAGRAMS, FOLDER, drawn

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PAGES = sorted(DOCS.rglob("*.md"))
IN_TWO_LANGUAGES = {
    "tutorial.md": "zh/tutorial.md",
    "howto/timeout.md": "zh/timeout.md",
    "howto/bills.md": "zh/bills.md",
    "howto/claims.md": "zh/claims.md",
    "howto/choose-a-rail.md": "zh/choose-a-rail.md",
    "howto/phone.md": "zh/phone.md",
    "howto/transfers.md": "zh/transfers.md",
    "howto/transfer-incidents.md": "zh/transfer-incidents.md",
    "howto/transfer-campaign.md": "zh/transfer-campaign.md",
    "howto/webhooks.md": "zh/webhooks.md",
    "howto/reconcile.md": "zh/reconcile.md",
    "howto/metrics.md": "zh/metrics.md",
    "howto/frameworks.md": "zh/frameworks.md",
    "howto/console-maker.md": "zh/console-maker.md",
    "howto/console-checker.md": "zh/console-checker.md",
    "howto/console-finance.md": "zh/console-finance.md",
    "howto/console-service.md": "zh/console-service.md",
    "howto/console-admin.md": "zh/console-admin.md",
}

_CODE = re.compile(r"^```.*?^```$|`[^`\n]+`", re.DOTALL | re.MULTILINE)


def links(path: Path) -> Iterable[tuple[Path, str]]:
    """The files that a page links to, each with the heading that is meant, or nothing."""
    prose = _CODE.sub("", path.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if not re.match(r"[a-z]+:", target):
            file, _, heading = target.partition("#")
            yield (path.parent / file if file else path), heading


def anchors(path: Path) -> set[str]:
    """The headings of a page as links name them, by the rule of code forges."""
    text = _FENCES.sub("", path.read_text(encoding="utf-8"))
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


_FENCES = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize(
    "path", [*sorted(ROOT.glob("*.md")), *PAGES], ids=lambda path: str(path.relative_to(ROOT))
)
def test_every_link_leads_somewhere(path: Path) -> None:
    for target, heading in links(path):
        assert target.exists(), target
        assert not heading or heading in anchors(target), f"{target.name}#{heading}"


def test_every_page_can_be_found_from_the_first() -> None:
    index = DOCS / "index.md"
    linked = {target.resolve() for target, _ in links(index)}
    linked |= {target.resolve() for target, _ in links(DOCS / "zh" / "index.md")}
    assert {*PAGES} - linked - {index} == set()


def test_every_page_stands_at_the_side_of_the_site() -> None:
    trees = re.findall(r"^```\{toctree\}\n(.*?)^```", text_of("index.md"), re.MULTILINE | re.DOTALL)
    entries = [it for tree in trees for it in tree.split() if not it.startswith(":")]
    listed = {page for it in entries for page in DOCS.glob(f"{it}.md")}
    assert {*PAGES} - listed == {DOCS / "index.md"}


def test_every_public_name_is_in_the_reference_and_no_other() -> None:
    told = re.findall(
        r"^\.\. (?:auto\w+|py:data):: (\w+)$", text_of("reference/api.md"), re.MULTILINE
    )
    assert sorted(told) == sorted(hongbao.__all__)


def first_cells(part: str) -> list[str]:
    """What the rows of a part of the page about states tell of, table by table."""
    text = text_of("reference/states.md").partition(f"\n## {part}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("part", "names"),
    [
        ("A payout", [*State]),
        ("What happens to a payout", [*EventKind]),
        # How far a campaign is has words of its own only once nothing is left to send.
        ("A campaign", [*CampaignState, *(it for it in Phase if it not in [*CampaignState])]),
        ("A packet at WeChat", [*Status]),
    ],
)
def test_every_state_is_reported(part: str, names: list[str]) -> None:
    assert first_cells(part) == names


@pytest.mark.parametrize("name", DIAGRAMS)
def test_a_diagram_is_drawn_from_its_table(name: str) -> None:
    shown = (FOLDER / name).read_text(encoding="utf-8")
    assert shown == drawn(DIAGRAMS[name]), "python tests/docs/state_diagram.py writes it anew"
    assert f"]({name})" in text_of("reference/states.md")


def shape(name: str) -> list[str]:
    """What a translation must leave as it is: headings by their level, rows, items, codes."""
    prose = _FENCES.sub("```", text_of(name))
    return re.findall(r"^(?:#+ |\||- |\d+\. |```|<!--.*-->)", prose, re.MULTILINE)


@pytest.mark.parametrize("english", IN_TWO_LANGUAGES)
def test_both_languages_say_the_same(english: str) -> None:
    chinese = IN_TWO_LANGUAGES[english]
    assert blocks(text_of(chinese)) == blocks(text_of(english))
    assert shape(chinese) == shape(english)
    codes = [
        {*re.findall(r"`([^`\n]+)`", _FENCES.sub("", text_of(name)))} for name in (english, chinese)
    ]
    assert codes[0] == codes[1]


def test_every_chinese_page_is_a_translation_or_the_index() -> None:
    found = {path.relative_to(DOCS).as_posix() for path in (DOCS / "zh").iterdir()}
    assert found == {"zh/index.md", *IN_TWO_LANGUAGES.values()}


def test_the_street_is_drawn_as_it_is_held() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    layers = {
        container: [re.split(r"\s*\|\s*", layer) for layer in contract["layers"]]
        for contract in contracts
        if contract["type"] == "layers"
        for container in contract["containers"]
    }
    page = (DOCS / "explanation" / "architecture.md").read_text(encoding="utf-8")
    drawn, inside = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    assert re.findall(r"^(\w+)  ", drawn, re.MULTILINE) == [
        it for row in layers["hongbao"] for it in row
    ]
    rows = [re.split(r"\s{2,}", line)[0] for line in inside.splitlines()]
    assert rows == [" | ".join(row) for row in layers["hongbao.ledger"]]
