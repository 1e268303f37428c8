"""``hongbao console``: serves the pages for people, and looks after their accounts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, NamedTuple, TypeAlias

import typer

from hongbao.cli import books, person
from hongbao.cli.answer import CommandResult, WrongCommandLine, print_json, print_text
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.group import HongbaoGroup, command_group
from hongbao.cli.interruption import interrupting, setting_an_event
from hongbao.cli.options import AsJson, By, ConfigPath, argument, optional
from hongbao.cli.program import typed
from hongbao.configuration.file import read_configuration
from hongbao.ledger.model.account import Role
from hongbao.sentences import said, say
from hongbao.views import account as views

if TYPE_CHECKING:
    from hongbao.configuration.file import Configuration
    from hongbao.console.site import ConsoleSite
    from hongbao.ledger.model.account import UserAccount
    from hongbao.ledger.model.payout import Instant

app = typer.Typer(
    cls=HongbaoGroup,
    help="""Serve the pages of those who make and approve campaigns.

    They end with Ctrl-C or SIGTERM. It listens on this machine alone; [console] in the settings
    names the proxy that ends TLS before it, for others. While nobody has an account, it prints a
    link for the first admin.
    """,
    invoke_without_command=True,
    rich_markup_mode=None,
)
users = command_group("Look after the accounts of the console.")
app.add_typer(users, name="user")

Name: TypeAlias = Annotated[str, argument("NAME", "Name of the account.")]
Roles: TypeAlias = Annotated[
    list[str],
    optional(
        "--role",
        "What the person may do: admin, maker, checker, finance or viewer. Repeatable.",
        "ROLE",
    ),
]
Port: TypeAlias = Annotated[
    int | None,
    optional(
        "--port",
        "Port to listen on; 0 takes a free one. Default: the settings', else 8080.",
        "NUMBER",
        min=0,
        max=65_535,
    ),
]


@app.callback()
def console(
    context: typer.Context,
    *,
    port: Port = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> ExitCode | None:
    """Serve the pages of those who make and approve campaigns."""
    if context.invoked_subcommand is not None:
        return None
    configuration = _on_port(read_configuration(config), port)
    with setting_an_event() as stop, _served(configuration) as served:
        link = _first_link(served)
        if as_json:
            print_json({"url": served.url, "setup": link})
        else:
            if link is not None:
                print_text(
                    said("The first admin, once, within a day: {link}", link=link), error=True
                )
            print_text(said("{url} is the console. Ctrl-C ends it.", url=served.url), error=True)
        stop.wait()
    return ExitCode.DONE


@app.command("demo")
def demo(*, port: Port = None, as_json: AsJson = False) -> ExitCode:
    """Serve a demo campaign, half paid on a simulated WeChat.

    It has 300 payouts. Two people can sign in, and a worker goes on paying. All of it is gone in
    the end.
    """
    # The simulator, the client and the books: the demo alone needs all of them.
    from hongbao.cli.demo.pages import demo_books  # noqa: PLC0415  # see above

    if not as_json:
        print_text(
            said("A simulated WeChat begins, and half of a list of 300 is paid: half a minute."),
            error=True,
        )
    with (
        interrupting(),
        suppress(KeyboardInterrupt),
        demo_books() as pages,
        _served(_on_port(pages.configuration, port)) as served,
    ):
        people = [it._asdict() for it in pages.sign_ins]
        if as_json:
            print_json({"url": served.url, "phone_url": pages.phone_url, "people": people})
        else:
            for it in pages.sign_ins:
                print_text(
                    said(
                        "{name} ({roles}): password {password}\n"
                        "  codes, each once: {codes}\n"
                        "  or the key for an authenticator app: {key}",
                        name=it.name,
                        roles=", ".join(it.roles),
                        password=it.password,
                        codes=" ".join(it.codes),
                        key=it.key,
                    )
                )
            print_text(said("The simulated users' phones: {url}", url=pages.phone_url))
            print_text(said("The console: {url} - Ctrl-C ends it.", url=served.url))
        Event().wait()
    return ExitCode.DONE


class _ServedConsole(NamedTuple):
    site: ConsoleSite
    url: str


@contextmanager
def _served(configuration: Configuration) -> Iterator[_ServedConsole]:
    # The console's own packages are an extra.
    from hongbao.console.serving import serving  # noqa: PLC0415  # see above
    from hongbao.console.site import ConsoleSite  # noqa: PLC0415  # see above

    with books.open_books(configuration) as book:
        site = ConsoleSite(book=book, configuration=configuration, clock=_now)
        with serving(site) as url:
            yield _ServedConsole(site, url)


def _on_port(configuration: Configuration, port: int | None) -> Configuration:
    """Settings with another port for the console, unless none is given."""
    if port is None:
        return configuration
    return replace(configuration, console=replace(configuration.console, port=port))


def _first_link(served: _ServedConsole) -> str | None:
    from hongbao.console.signing_in.inviting import invite  # noqa: PLC0415  # an extra

    accounts = served.site.accounts
    if not accounts.is_empty():
        return None
    return served.url + invite(accounts, None, by=person.person(None), at=_now())


@users.command("add")
def add(
    *,
    name: Name,
    role: Roles,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Add an account, and print a link.

    With it the person chooses a password and a second factor, once, within a day.
    """
    with books.opened(config) as book:
        book.accounts.add(name, _roles(role), by=person.person(by), at=_now())
    return _invited(name, by, config, as_json=as_json)


@users.command("list")
def list_accounts(*, config: ConfigPath = None, as_json: AsJson = False) -> CommandResult:
    """List accounts and their roles."""
    with books.opened(config) as book:
        found = book.accounts.all()
    document = {"accounts": [views.document(it) for it in found]}
    return CommandResult(document, views.text(found, program=typed()), as_json=as_json)


@users.command("reset")
def reset(
    *, name: Name, by: By = None, config: ConfigPath = None, as_json: AsJson = False
) -> CommandResult:
    """Take password, second factor and sessions away, and print a link.

    For whoever has lost the phone or the password. The link works once, within a day.
    """
    with books.opened(config) as book:
        book.accounts.reset(name, by=person.person(by), at=_now())
    return _invited(name, by, config, as_json=as_json)


@users.command("disable")
def disable(
    *, name: Name, by: By = None, config: ConfigPath = None, as_json: AsJson = False
) -> CommandResult:
    """Let an account sign in nobody any more; its sessions end at once."""
    with books.opened(config) as book:
        found = book.accounts.change(name, disabled=True, by=person.person(by), at=_now())
    return _result(found, as_json=as_json)


@users.command("enable")
def enable(
    *, name: Name, by: By = None, config: ConfigPath = None, as_json: AsJson = False
) -> CommandResult:
    """Let a disabled account sign in again."""
    with books.opened(config) as book:
        found = book.accounts.change(name, disabled=False, by=person.person(by), at=_now())
    return _result(found, as_json=as_json)


def _roles(given: list[str]) -> set[Role]:
    unknown = [it for it in given if it not in set(Role)]
    if unknown:
        raise WrongCommandLine(
            say(
                "There is no role {role!r}; there are {known}",
                role=unknown[0],
                known=", ".join(Role),
            )
        )
    return set(map(Role, given))


def _invited(name: str, by: str | None, config: Path | None, *, as_json: bool) -> CommandResult:
    from hongbao.console.signing_in.inviting import invite  # noqa: PLC0415  # an extra

    configuration = read_configuration(config)
    with books.open_books(configuration) as book:
        link = invite(book.accounts, name, by=person.person(by), at=_now())
        found = book.accounts.get(name)
    console = configuration.console
    if not console.proxies:
        link = f"http://{console.host}:{console.port}{link}"
    text = said("{name} chooses a password, once, within a day: {link}", name=name, link=link)
    return CommandResult(
        {"account": views.document(found), "setup": link}, text, outcome="done", as_json=as_json
    )


def _result(found: UserAccount, *, as_json: bool) -> CommandResult:
    return CommandResult(
        {"account": views.document(found)}, views.text([found], program=typed()), outcome="done",
        as_json=as_json,
    )  # fmt: skip


def _now() -> Instant:
    """The wall's time, in microseconds since the epoch."""
    return time.time_ns() // 1000
