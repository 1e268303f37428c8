"""What the console needs of its books, on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from console_stage import PASSWORD, configured, fields, send
from hongbao.ledger.model.account import Role
from hongbao.ledger.store.database import Database

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from console_stage import ConsoleStage
    from hongbao.configuration.file import Configuration

ON = "/campaigns/spring"


@pytest.fixture
def configuration(book_url: str, tmp_path: Path, console_settings: dict[str, Any]) -> Configuration:
    """The usual settings, with books on either database."""
    return configured(book_url, tmp_path, console_settings)


def test_a_person_signs_in_sends_a_form_once_and_sees_what_came_of_it(
    console: ConsoleStage,
) -> None:
    console.campaign()
    console.account("li", Role.MAKER)
    client = console.client()
    form = {"name": "li", "password": PASSWORD, "code": console.code()}
    assert client.post("/sign-in", data=form).status_code == 303
    form = fields(client.get(ON).text) | {"reason": "lunch"}
    assert client.post(f"{ON}/pause", data=form).headers["location"] == f"{ON}?done=paused"
    assert client.post(f"{ON}/pause", data=form).status_code == 409
    with client.stream("GET", "/live/campaign/spring") as stream:
        assert any("paused" in line for line in stream.iter_lines() if "phase" in line)
    assert send(client, "/sign-out").status_code == 303
    assert client.get(ON).status_code == 303
    assert console.book.audit().findings_count == 0


def test_books_that_cannot_be_reached_are_said_so(console: ConsoleStage, book_url: str) -> None:
    client = console.client(Role.VIEWER)
    database = Database(book_url)
    with database.transaction() as connection:
        connection.execute(text("ALTER TABLE console_session RENAME TO gone"))
    database.close()
    answer = client.get("/")
    assert (answer.status_code, "账本暂时无法访问" in answer.text) == (503, True)
