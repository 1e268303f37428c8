"""``hongbao console`` as a process: its address, the first admin's link, and its end."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from campaign_office import PROGRAM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from campaign_office import Office
    from shop import Run

END_SECONDS = 20


@contextmanager
def console(
    office: Office, *options: str
) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """The command, and what it says once it listens."""
    with subprocess.Popen(
        [*PROGRAM, "console", *options, "--json", "--port", "0"],
        cwd=office.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_a_link_for_the_first_admin_and_ends_in_good_order(
    office: Office, number: signal.Signals
) -> None:
    with console(office) as (process, said):
        assert said["setup"].startswith(f"{said['url']}/setup?token=")
        assert httpx.get(said["setup"]).status_code == 200
        assert httpx.get(f"{said['url']}/campaigns").headers["location"].startswith("/sign-in")
        process.send_signal(number)
        assert process.wait(END_SECONDS) == 0


def test_once_somebody_can_sign_in_it_prints_no_link(office: Office, run: Run) -> None:
    added = run("console", "user", "add", "wang", "--role", "admin", "--json")
    assert added.json["account"] == {
        "name": "wang", "roles": ["admin"], "state": "invited",
        "created_at": added.json["account"]["created_at"],
    }  # fmt: skip
    # Nobody has used that link: the next start makes another one for a first admin.
    with console(office) as (_, said):
        assert said["setup"] is not None


def test_people_are_added_listed_reset_and_disabled(office: Office, run: Run) -> None:
    office.write_list()
    assert run("console", "user", "list").stdout.startswith("There are no accounts.")
    assert run("console", "user", "add", "wang", "--role", "admin").code == 0
    said = run("console", "user", "add", "li", "--role", "maker", "--role", "viewer").stdout
    assert "li chooses a password, once, within a day: http://127.0.0.1:8080/setup?token=" in said
    assert "li    maker, viewer  invited" in run("console", "user", "list").stdout
    assert "disabled" in run("console", "user", "disable", "li").stdout
    assert "invited" in run("console", "user", "enable", "li").stdout
    assert "/setup?token=" in run("console", "user", "reset", "li").stdout
    assert run("console", "user", "add", "li", "--role", "maker").code == 8
    assert run("console", "user", "add", "bo", "--role", "boss").code == 2
    last = run("console", "user", "disable", "wang")
    assert (last.code, "obody would be left" in last.stderr) == (8, True)
    assert run("audit").code == 0


def test_it_refuses_to_be_reached_from_elsewhere_without_tls(office: Office, run: Run) -> None:
    path = office.folder / "hongbao.toml"
    before = path.read_text(encoding="utf-8")
    path.write_text(f'{before}\n[console]\nhost = "0.0.0.0"\n', encoding="utf-8")
    refused = run("console")
    assert refused.code == 6
    assert "console.host: can be reached from other machines" in refused.stderr


def test_a_port_that_another_has_is_said(office: Office, run: Run) -> None:
    with console(office) as (_, said):
        taken = run("console", "--port", said["url"].rpartition(":")[2])
        assert (taken.code, "cannot be listened on" in taken.stderr) == (6, True)


@pytest.mark.long
def test_the_demo_shows_a_campaign_that_is_half_paid_and_ends_while_somebody_watches(
    office: Office,
) -> None:
    with console(office, "demo") as (process, said):
        mei, chen = said["people"]
        assert (mei["roles"], chen["roles"]) == (["admin", "maker"], ["checker", "finance"])
        begun, lines = threading.Event(), []

        def watch() -> None:
            own_page = {"sec-fetch-site": "same-origin"}
            with httpx.Client(base_url=said["url"], headers=own_page, timeout=60) as client:
                form = {"name": "chen", "password": chen["password"], "code": chen["codes"][1]}
                client.post("/sign-in", data=form)
                lines.append(client.get("/").text)
                with client.stream("GET", "/live/campaign/spring") as stream:
                    for line in stream.iter_lines():
                        lines.append(line)
                        begun.set()

        thread = threading.Thread(target=watch)
        thread.start()
        assert begun.wait(30)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        thread.join(10)
        assert not thread.is_alive()
        home, *events = lines
        assert "autumn" in home
        assert "event: part" in events
