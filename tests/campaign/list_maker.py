"""Lists that the tests make: openids, files, a payer, and checks of them in one call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openpyxl import Workbook

from hongbao.campaign.check.checking import check_list
from hongbao.campaign.check.meaning import Meaning
from hongbao.campaign.compare.bookmark import Purpose
from hongbao.campaign.payer import Payer
from hongbao.campaign.ports import unwatched
from hongbao.campaign.rows.amounts import Unit
from hongbao.campaign.storing import store_list
from hongbao.ledger.model.limits import PayerLimits
from hongbao.rails.redpack.rules import packet_rules
from hongbao.wire.assumptions import CAUTIOUS, Assumptions

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from hongbao.campaign.check.findings import Findings
    from hongbao.campaign.ports import CampaignLedger, Progress
    from hongbao.campaign.storing import StoredList
    from hongbao.ledger.book import Book

TEXTS = {"send_name": "茶馆", "wishing": "恭喜发财", "act_name": "新春", "remark": "抽奖"}


def payee(number: int) -> str:
    """A receiver."""
    return f"oTESTuser{number:019d}"


def a_payer(assumptions: Assumptions = CAUTIOUS, **changes: Any) -> Payer:
    """Who pays, with everything that each kind needs."""
    values: dict[str, Any] = {
        "number": "1900012345",
        "rail": "redpack",
        "profile": "demo",
        "app_id": "wx00aa11bb22cc33dd",
        "mini_program_app_id": "wx99aa11bb22cc33dd",
        "corp_id": "ww00aa11bb22cc33dd",
        "client_ip": "203.0.113.7",
        "texts": TEXTS,
        "limits": PayerLimits(),
        "rules": packet_rules(assumptions),
    }
    return Payer(**{**values, **changes})


def csv_file(folder: Path, text: str | bytes, name: str = "list.csv") -> Path:
    """A file of these lines."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def rows(count: int, first: int = 1) -> str:
    """A plain list: everybody gets 1.88 yuan."""
    lines = [f"{payee(number)},1.88" for number in range(first, first + count)]
    return "\n".join(["openid,amount", *lines, ""])


def listed(*lines: str, header: str = "openid,amount") -> str:
    """A list of these rows."""
    return "\n".join([header, *lines, ""])


def xlsx_file(folder: Path, cells: Iterable[tuple[Any, ...]], name: str = "list.xlsx") -> Path:
    """A workbook with these rows, as another program writes it."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    for row in cells:
        sheet.append(row)
    path = folder / name
    workbook.save(path)
    return path


def check(
    path: Path,
    *,
    name: str = "spring",
    payer: Payer | None = None,
    books: CampaignLedger | None = None,
    purpose: Purpose = Purpose.NEW,
    **meaning: Any,
) -> Findings:
    """What is found in a list; amounts are yuan unless it is said otherwise."""
    meant = Meaning(**{"unit": Unit.YUAN, **meaning})
    payer = payer or a_payer()
    with check_list(
        path, name=name, payer=payer, meaning=meant, purpose=purpose, books=books
    ) as checked:
        return checked.findings


def store_text(folder: Path, books: CampaignLedger, content: str, name: str = "first") -> None:
    """Store a list as a draft."""
    path = csv_file(folder, content, f"{name}.csv")
    payer, meaning = a_payer(), Meaning(unit=Unit.YUAN)
    with check_list(path, name=name, payer=payer, meaning=meaning, books=books) as checked:
        assert checked.findings.ok, problems_in(checked.findings)
        store_list(checked, books, by="alice")


def store(
    path: Path,
    books: Book,
    *,
    name: str = "spring",
    payer: Payer | None = None,
    purpose: Purpose = Purpose.NEW,
    progress: Progress = unwatched,
    **meaning: Any,
) -> StoredList:
    """Check and store a list."""
    meant = Meaning(**{"unit": Unit.YUAN, **meaning})
    payer = payer or a_payer()
    with check_list(
        path, name=name, payer=payer, meaning=meant, purpose=purpose, books=books
    ) as checked:
        assert checked.findings.ok, problems_in(checked.findings)
        return store_list(checked, books, by="operator", progress=progress)


def repeated(found: Findings) -> tuple[int, int]:
    """How many rows repeat what others pay, and what they come to."""
    assert found.again is not None
    return found.again.sum.rows, found.again.sum.amount


def problems_in(findings: Findings) -> list[str]:
    """Its problems, a line each."""
    return [str(problem) for problem in findings.problems]


def refusal(path: Path, **meaning: Any) -> str:
    """Why no row of a list is read: its only problem."""
    found = check(path, **meaning)
    assert (found.read_as, found.digest, found.total.rows) == ("", None, 0)
    [problem] = problems_in(found)
    return problem


def warned(findings: Findings) -> list[str]:
    """What it warns of, a line each."""
    return [str(caution) for caution in findings.cautions]
