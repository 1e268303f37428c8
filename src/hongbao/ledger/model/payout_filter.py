"""Which payouts are asked for, and where a page of them ended. Pure values.

A cursor is text that a caller may keep for as long as he likes, and that fits into a URL: the place
of the last payout that was looked at, bound to the filter by a hash. A payout's place never
changes, so that a page is what comes after it whatever was added or has changed since.
"""

from __future__ import annotations

import json
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from hongbao.errors import CursorRefused
from hongbao.ledger.model.payout import PAID, State
from hongbao.sentences import say

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Instant, Payout

_VERSION = 1
_FORM = struct.Struct(">B8sqqq")
_CHECKED = 4
_LAST: Final = 2**31 - 1
"""No campaign, and no row of one, has a higher number."""
NEVER: Final = 2**62
"""No payout has a later time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutFilter:
    """Which payouts are asked for: those of which all that is given is true.

    Times are instants of the books' clock; ``since`` is the first that counts, ``until`` the first
    that does not.

    Attributes:
        campaign: of the campaign of this name, or of a supplement of it.
        merchant: of the merchant with this number of the payer's.
        states: in one of these; none is any. In doubt is only what no worker is sending at this
            moment, as in ``Standing``.
        needs_attention: whether only those with which nothing is done before a person asks for it.
        code: whose last outcome had this code.
        kind: of this kind.
        payee: to this receiver, in full; in no repr.
        listid: with this number of the payer's own.
        key: with this business key; in no repr, as in ``Payout``.
        billno: that have or had this order number.
        created_since: stored then or later.
        created_until: stored before.
        sent_since: found to be paid then or later.
        sent_until: found to be paid before.
        settled_since: claimed or returned for good then or later.
        settled_until: claimed or returned for good before.
        unclaimed_since: paid by then, and still neither claimed nor returned.
        newest_first: whether the newest campaign, and its last payout, come first.
    """

    campaign: str | None = None
    merchant: str | None = None
    states: frozenset[State] = frozenset()
    needs_attention: bool = False
    code: str | None = None
    kind: str | None = None
    payee: str | None = field(default=None, repr=False)
    listid: str | None = None
    key: str | None = field(default=None, repr=False)
    billno: str | None = None
    created_since: Instant | None = None
    created_until: Instant | None = None
    sent_since: Instant | None = None
    sent_until: Instant | None = None
    settled_since: Instant | None = None
    settled_until: Instant | None = None
    unclaimed_since: Instant | None = None
    newest_first: bool = False

    @property
    def standing_in(self) -> frozenset[State]:
        """The states in which a payout can be of which all that is given is true; none is any."""
        states = self.states
        if self.sent_since is not None or self.sent_until is not None:
            states = states & PAID if states else PAID
        if self.unclaimed_since is not None:
            states = frozenset({State.SENT})
        return states

    @property
    def order(self) -> Literal["row", "sent_at", "settled_at"]:
        """By what payouts of a campaign come: times in which they are looked for, or their rows."""
        named = (self.payee, self.listid, self.key, self.billno, self.code)
        if self.needs_attention or any(it is not None for it in named):
            return "row"
        if self.settled_since is not None or self.settled_until is not None:
            return "settled_at"
        sent = (self.sent_since, self.sent_until, self.unclaimed_since)
        return "row" if sent == (None, None, None) else "sent_at"

    @property
    def possible(self) -> bool:
        """Whether there can be such a payout at all."""
        if not self.states:
            return True
        return bool(self.standing_in & self.states)

    def digest(self) -> bytes:
        """What tells this filter from others in a cursor."""
        said = {name: it for name, it in asdict(self).items() if it is not None}
        said["states"] = sorted(map(str, self.states))
        return sha256(json.dumps(said, sort_keys=True).encode()).digest()[:8]


class PayoutPlace(NamedTuple):
    """Where a payout stands among all that a filter names: as long as it does so, it stays there.

    Attributes:
        campaign_id: the row of its campaign.
        at: the time by which those of a campaign come; 0 if they come by their rows.
        row: its place in the campaign, from 1.
    """

    campaign_id: int
    at: Instant
    row: int

    @classmethod
    def before_all(cls, *, newest_first: bool) -> PayoutPlace:
        """Where whoever reads begins."""
        return cls(_LAST, NEVER, _LAST) if newest_first else cls(0, -1, 0)

    @classmethod
    def after_all_of(cls, campaign_id: int, *, newest_first: bool) -> PayoutPlace:
        """Where whoever has read a whole campaign goes on."""
        begin = cls.before_all(newest_first=newest_first)
        return begin._replace(campaign_id=campaign_id + (-1 if newest_first else 1))

    @classmethod
    def of(cls, payout: Payout, asked: PayoutFilter) -> PayoutPlace:
        """Where a payout stands."""
        at = 0 if asked.order == "row" else getattr(payout, asked.order) or 0
        return cls(payout.campaign_id, at, payout.row)

    def in_campaign(self, campaign_id: int, *, newest_first: bool) -> PayoutPlace:
        """The place in a campaign after which whoever has come so far reads on."""
        if campaign_id == self.campaign_id:
            return self
        return PayoutPlace.before_all(newest_first=newest_first)


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the payouts that a filter names, in their order.

    Attributes:
        items: the payouts. Where few of very many are such, a page can have less than was asked
            for, or nothing, and others follow all the same.
        next: the cursor of the page after this one; None if there was nothing more.
    """

    items: list[Payout]
    next: str | None


def cursor_at(place: PayoutPlace, asked: PayoutFilter) -> str:
    """The cursor of whoever has read up to a place."""
    said = _FORM.pack(_VERSION, asked.digest(), *place)
    return urlsafe_b64encode(said + sha256(said).digest()[:_CHECKED]).decode().rstrip("=")


def place_of(cursor: str, asked: PayoutFilter) -> PayoutPlace:
    """How far whoever has this cursor has read.

    Raises:
        CursorRefused: if it is damaged, of a newer version, or of another filter.
    """
    try:
        read = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except (NotBase64, ValueError):
        read = b""
    said, check = read[:-_CHECKED], read[-_CHECKED:]
    if len(said) != _FORM.size or sha256(said).digest()[:_CHECKED] != check:
        raise CursorRefused(problem=say("the cursor is damaged"))
    version, digest, *place = _FORM.unpack(said)
    if version != _VERSION:
        raise CursorRefused(
            problem=say(
                "the cursor is of version {version}, not {known}", version=version, known=_VERSION
            )
        )
    if digest != asked.digest():
        raise CursorRefused(problem=say("the cursor belongs to another filter"))
    return PayoutPlace(*place)
