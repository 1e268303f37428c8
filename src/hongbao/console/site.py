"""What all pages of one console share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hongbao.console.auditing import AuditDesk
from hongbao.console.rendering import Renderer, renderers
from hongbao.console.signing_in.passwords import Passwords
from hongbao.console.uploads import UploadDesk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hongbao.configuration.console import ConsoleSettings
    from hongbao.configuration.file import Configuration
    from hongbao.engine.ledger import Ledger
    from hongbao.ledger.accounts.accounts import Accounts
    from hongbao.ledger.model.payout import Instant
    from hongbao.sentences import Tongue


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleSite:
    """One console, as long as it is served.

    Attributes:
        book: the books.
        configuration: the settings.
        clock: the wall's time, in microseconds since the epoch; sessions and second factors go by
            it. The books' time is ``book.now()``.
        passwords: hashes them.
        renderers: makes pages, by language.
        uploads: lists that people are looking at before they submit them.
        audits: the audit that runs, or the last one.
    """

    book: Ledger
    configuration: Configuration
    clock: Callable[[], Instant]
    passwords: Passwords = field(default_factory=Passwords)
    renderers: Mapping[Tongue, Renderer] = field(default_factory=renderers)
    uploads: UploadDesk = field(default_factory=UploadDesk)
    audits: AuditDesk = field(default_factory=AuditDesk)

    @property
    def settings(self) -> ConsoleSettings:
        """What hongbao.toml says of the console."""
        return self.configuration.console

    @property
    def accounts(self) -> Accounts:
        """Who may sign in, and what they did."""
        return self.book.accounts

    @property
    def is_sandbox(self) -> bool:
        """Whether all merchants pay at a simulator on this machine, and so no money is real."""
        return self.configuration.is_sandbox
