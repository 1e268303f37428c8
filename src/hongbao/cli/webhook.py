"""``hongbao webhook``: which URLs receive events, and how they get on."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

from hongbao.cli import books, person
from hongbao.cli.answer import CommandResult, WrongCommandLine
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.group import command_group
from hongbao.cli.options import AsJson, By, ConfigPath, Reason, argument, optional
from hongbao.cli.program import typed
from hongbao.configuration.file import read_configuration
from hongbao.ledger.model.outgoing import OutgoingType
from hongbao.sentences import said, say
from hongbao.views import endpoint as views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.ledger.model.endpoint import WebhookEndpoint
    from hongbao.ledger.webhook_book import WebhookBook
    from hongbao.webhooks.sender import ReceiverAnswer

app = command_group("Post what happens to URLs of other programs.")

Name: TypeAlias = Annotated[str, argument("NAME", "Name of the endpoint.")]


@contextmanager
def _opened(config: Path | None) -> Iterator[WebhookBook]:
    # SQLAlchemy takes 0.2 s to import.
    from hongbao.ledger.webhook_book import WebhookBook  # noqa: PLC0415  # see above

    with books.opened(config) as book:
        yield book.through(WebhookBook)


@app.command("add")
def add(
    *,
    name: Name,
    url: Annotated[str, argument("URL", "Where to post, by https.")],
    event: Annotated[
        list[str] | None,
        optional(
            "--event", "Tell it only of events of this type. Repeatable. Default: of all.", "TYPE"
        ),
    ] = None,
    after: Annotated[
        int | None,
        optional(
            "--after",
            "Tell a new one what happened after this position. Default: from now on.",
            "POSITION",
            min=0,
        ),
    ] = None,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Add an endpoint, or give the one of this name another URL.

    The secret that signs for it stands in the settings, in [webhooks.NAME], never in the books.
    """
    from hongbao.webhooks.address import read_target  # noqa: PLC0415  # no other command needs it

    read_target(url)
    types = [_type(it) for it in event or ()]
    configuration = read_configuration(config)
    with _opened(config) as book:
        if after is not None and any(it.name == name for it in book.endpoints()):
            raise _known_already(name)
        found = book.add(name, url, types=types, by=person.person(by), after=after)
        hint = "\n" + said("Delivered by: {program} webhooks run", program=typed())
        if name not in configuration.webhooks:
            hint = "\n" + said(
                "The settings have no [webhooks.{name}] yet: nothing is posted before they have. "
                "Make a secret for it: {program} webhook secret",
                name=name,
                program=typed(),
            )
        return _result(found, book, hint, as_json=as_json)


def _known_already(name: str) -> WrongCommandLine:
    return WrongCommandLine(
        say(
            "--after is for a new endpoint, and {name} is there: webhook replay posts again",
            name=name,
        )
    )


def _type(text: str) -> OutgoingType:
    try:
        return OutgoingType(text)
    except ValueError:
        known = ", ".join(OutgoingType)
        raise WrongCommandLine(
            say("There is no event {value!r}; there are {known}", value=text, known=known)
        ) from None


@app.command("secret")
def secret(*, as_json: AsJson = False) -> CommandResult:
    """Make a secret that signs webhooks.

    It is for the settings and for the receiver. It is printed once and kept nowhere.
    """
    from secrets import token_bytes  # noqa: PLC0415  # no other command needs it

    from hongbao.webhooks.signature import SigningSecret  # noqa: PLC0415  # the same

    written = SigningSecret(token_bytes(32)).written
    return CommandResult({"secret": written}, written, as_json=as_json)


@app.command("list")
def list_endpoints(*, config: ConfigPath = None, as_json: AsJson = False) -> CommandResult:
    """List endpoints, what waits for them and how they answered last."""
    with _opened(config) as book:
        found, now = book.endpoints(), book.now()
    document = {"endpoints": [views.document(it) for it in found]}
    return CommandResult(document, views.text(found, now=now), as_json=as_json)


@app.command("test")
def post_test(*, name: Name, config: ConfigPath = None, as_json: AsJson = False) -> CommandResult:
    """Post a signed test to an endpoint now, and say what it answers.

    Nothing of it stands in the books. Its type is webhook.test.
    """
    import asyncio  # noqa: PLC0415  # only who posts needs it

    from hongbao.webhooks.trial import trial  # noqa: PLC0415  # the same

    configuration = read_configuration(config)
    with _opened(config) as book:
        answer: ReceiverAnswer = asyncio.run(trial(configuration, book.endpoint(name)))
    document = {"status": answer.status, "answer": answer.words}
    if answer.arrived:
        return CommandResult(
            document,
            said("{name} answered {words}.", name=name, words=answer.words),
            as_json=as_json,
        )
    return CommandResult(
        document,
        said("{name} has not taken it: {words}.", name=name, words=answer.words),
        outcome="not_taken",
        code=ExitCode.NOT_SENT,
        as_json=as_json,
    )


@app.command("replay")
def replay(
    *,
    name: Name,
    after: Annotated[
        int,
        optional(
            "--after",
            "What happened after this position; 0 for all that the books have.",
            "POSITION",
            min=0,
        ),
    ],
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Tell an endpoint once more what happened after a position.

    The ids are the same, so a receiver that keeps them does nothing twice.
    """
    with _opened(config) as book:
        return _result(book.replay(name, after=after, by=person.person(by)), book, as_json=as_json)


@app.command("disable")
def disable(
    *,
    name: Name,
    reason: Reason,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Post nothing more to an endpoint; what happens is kept for it."""
    with _opened(config) as book:
        found = book.disable(name, by=person.person(by), reason=reason)
        return _result(found, book, as_json=as_json)


@app.command("enable")
def enable(
    *, name: Name, by: By = None, config: ConfigPath = None, as_json: AsJson = False
) -> CommandResult:
    """Post to an endpoint again, beginning with what has not arrived."""
    with _opened(config) as book:
        return _result(book.enable(name, by=person.person(by)), book, as_json=as_json)


def _result(
    found: WebhookEndpoint, book: WebhookBook, hint: str = "", *, as_json: bool
) -> CommandResult:
    text = views.text([found], now=book.now()) + hint
    return CommandResult({"endpoint": views.document(found)}, text, outcome="done", as_json=as_json)
