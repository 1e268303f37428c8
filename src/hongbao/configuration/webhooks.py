"""One endpoint's part of hongbao.toml: what signs its webhooks, unread, and where they may go."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hongbao.client.settings.readers import Wrong
from hongbao.client.settings.table import check_needed, read_table
from hongbao.configuration import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.client.settings.problems import Problems
    from hongbao.client.settings.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings:
    """What the file says of an endpoint; its URL stands in the books.

    Attributes:
        name: as the books have it.
        secret: signs its webhooks, unread.
        previous_secret: signs them too, as long as the receiver may not know the other yet.
        allow_private: whether its URL may lead to private addresses, and by plain HTTP.
        ca_path: the CA that its server's certificate must be from; None for the
            system's.
    """

    name: str
    secret: Secret = field(repr=False)
    previous_secret: Secret | None = field(default=None, repr=False)
    allow_private: bool = False
    ca_path: Path | None = None

    def read_secrets(self, environ: Mapping[str, str], problems: Problems) -> list[str]:
        """The secrets as they are written, the new one first; what is wrong is noted."""
        found = []
        for it in (self.secret, self.previous_secret):
            if it is not None:
                try:
                    found.append(it.read(environ))
                except Wrong as wrong:
                    problems.add(it.setting, wrong.problem, wrong.remedy)
        return found


def read_webhooks(
    name: str, table: Mapping[str, Any], problems: Problems, folder: Path, *, inline: bool
) -> WebhookSettings | None:
    """Read ``[webhooks.NAME]``; None if anything is wrong with it, which is noted.

    Args:
        name: of the endpoint.
        table: what TOML has.
        problems: what is wrong is noted there.
        folder: what paths are relative to.
        inline: whether secrets may stand in the file.
    """
    where, before = f"webhooks.{name}", len(problems)
    read = read_table(where, table, settings.WEBHOOK, problems, folder, inline=inline)
    check_needed(where, read, settings.WEBHOOK[:1], problems)
    if len(problems) > before:
        return None
    ca_path = read.pop("ca_path", None)
    return WebhookSettings(name=name, ca_path=None if ca_path is None else folder / ca_path, **read)
