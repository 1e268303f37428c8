"""The parts of pages that live: what of the books each shows, and its template."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from hongbao.console.looks import campaign_facts, home_facts
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.account import Role
from hongbao.sentences import Tongue, say

if TYPE_CHECKING:
    from hongbao.console.site import ConsoleSite
    from hongbao.console.visit import Visit


class LiveTopic(NamedTuple):
    """One sort of live part.

    Attributes:
        look: what the template names, by the console and what stands behind the slash. It is the
            same for everybody who may read, so it has no receivers.
        template: below ``templates``.
        roles: who may see the page that it is a part of.
    """

    look: Callable[[ConsoleSite, str], Mapping[str, object]]
    template: str
    roles: frozenset[Role] = frozenset(Role)


TOPICS = {
    "home": LiveTopic(lambda site, which: home_facts(site.book, which), "live/home.html"),
    "campaign": LiveTopic(
        lambda site, which: campaign_facts(site.book, which), "live/campaign.html"
    ),
    "audit": LiveTopic(
        lambda site, _: {"run": site.audits.run}, "live/audit.html",
        frozenset({Role.FINANCE, Role.ADMIN}),
    ),
}  # fmt: skip
"""By the word before the slash of ``/live/WORD/WHICH``."""


def may_watch(topic: str, roles: Collection[Role]) -> bool:
    """Whether somebody with these roles may see a live part; of one that there is not, anybody."""
    found = TOPICS.get(topic.partition("/")[0])
    return found is None or not found.roles.isdisjoint(roles)


def parts_of(
    site: ConsoleSite, topic: str, tongues: Iterable[Tongue] = tuple(Tongue)
) -> dict[Tongue, str]:
    """A live part as it is now, in some languages: one look at the books for all of them.

    Raises:
        LedgerError: if there is no such one.
    """
    word, _, which = topic.partition("/")
    if word not in TOPICS:
        raise LedgerError(
            code=LedgerCode.NOT_FOUND,
            problem=say("there is no such page"),
            remedy=say("Check the address."),
        )
    sort = TOPICS[word]
    facts = sort.look(site, which)
    return {tongue: site.renderers[tongue].render(sort.template, facts) for tongue in tongues}


def part_of(site: ConsoleSite, topic: str, tongue: Tongue) -> str:
    """A live part as it is now, in one language; see ``parts_of``."""
    return parts_of(site, topic, [tongue])[tongue]


def version_of(part: str) -> str:
    """What tells a part from what it was before."""
    return sha256(part.encode()).hexdigest()[:16]


class LivePart(NamedTuple):
    """A live part, inside of a page.

    Attributes:
        body: as it is now.
        address: where the next states come from.
    """

    body: Markup
    address: str


def live_part(visit: Visit, topic: str) -> LivePart:
    """A live part for a page.

    Raises:
        LedgerError: if what it is about is not there.
    """
    body = part_of(visit.site, topic, visit.tongue)
    return LivePart(Markup(body), f"/live/{topic}?seen={version_of(body)}")  # noqa: S704  # a template made it
