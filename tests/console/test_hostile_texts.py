"""Texts that no person types: every page and form refuses them, or takes them as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from kinds import ALL

from console_stage import configured, fields
from hongbao.console.routes import ROUTES
from hongbao.ledger.model.account import Role
from test_routes import PLACES

if TYPE_CHECKING:
    from pathlib import Path

    from console_stage import ConsoleStage
    from hongbao.configuration.file import Configuration

TEXTS = {
    "NUL": "%00",
    "no UTF-8": "%FF%FE",
    "a surrogate": "%ED%A0%80",
    "a line feed": "a%0D%0Ab: c",
    "markup": quote("\"'><script>alert(1)</script>{{7*7}}%(x)s{0}"),
    "from right to left": quote("\u202e1000"),
    "of 1,000 letters": "x" * 1_000,
}
"""As they stand in an address."""
NAMES = (
    "q", "after", "before", "campaign", "merchant", "state", "code", "kind", "since", "until",
    "order", "receiver_of", "at", "line", "part", "group", "done", "next", "what", "scope",
    "phase", "limit", "purpose", "name", "token", "reason", "note", "text", "sum",
    "digest", "password", "user", "endpoint", "checkpoint", "as", "request", "theme", "language",
    "statement", "signature", "unit", "columns", "rate", "hours", "secret", "role-maker",
)  # fmt: skip
"""What addresses and forms have behind their question marks and in their fields."""


@pytest.fixture
def configuration(book_url: str, tmp_path: Path, console_settings: dict[str, Any]) -> Configuration:
    """The usual settings, with books on either database."""
    return configured(book_url, tmp_path, console_settings)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_text_is_a_fault_of_a_page(console: ConsoleStage, text: str) -> None:
    console.account("root", Role.ADMIN)
    console.campaign()
    client = console.client(*Role)
    form = fields(client.get("/me").text)
    chosen = quote(f"what=note&scope=all&campaign={text}")
    faults: list[tuple[str, str]] = []
    for route in ROUTES:
        if route.path in {"/sign-out", "/me/password"}:
            continue
        places = [PLACES, *({**PLACES, it: text} for it in PLACES if f"{{{it}}}" in route.path)]
        for place in places:
            path = route.path.format(**place)
            values = "&".join(f"{name}={text}" for name in NAMES) + f"&chosen={chosen}"
            if route.method == "GET":
                alone = [f"{name}={text}" for name in NAMES] if ALL and place is PLACES else []
                answers = [client.get(f"{path}?{it}") for it in ("", values, *alone)]
            else:
                once = f"form_token={form['form_token']}&form_once={len(faults)}{quote(path)[:40]}"
                kind = {"content-type": "application/x-www-form-urlencoded"}
                sent = f"{once}&{values}".encode()
                answers = [client.post(path, content=sent, headers=kind)]
            for it in answers:
                faults += [(route.path, str(it.url)[-60:])] if it.status_code >= 500 else []
                assert "<script>alert" not in it.text
                assert "b" not in it.headers
    assert faults == []
    for topic in (f"campaign/{text}", text):
        assert client.get(f"/live/{topic}").status_code == 404


def test_a_nul_is_refused_wherever_it_stands(console: ConsoleStage) -> None:
    """In what one field of a form holds for another request, too."""
    console.account("root", Role.ADMIN)
    console.campaign()
    client = console.client(*Role)
    for address in ("/campaigns/%00", "/campaigns?q=a%00", "/campaigns?%00=a", "/search?q=%00"):
        assert client.get(address).status_code == 400, address
    chosen = {"chosen": "what=note&scope=all&campaign=%00", "count": "0", "amount": "0"}
    form = fields(client.get("/me").text) | chosen
    assert client.post("/payouts/act", data=form).status_code == 422
    form = fields(client.get("/me").text) | {"reason": "a\0b"}
    assert client.post("/campaigns/spring/pause", data=form).status_code == 400
    assert console.book.standing("spring").campaign.stop is None
