"""What is said in the phone view, and how times are written there; ``texts`` has the languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hongbao.simulator.clock import beijing_day, beijing_text

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneWords:
    """The texts of one language. The name of a field says where its text stands."""

    lang: str
    other_lang: str
    other_name: str
    ribbon: str
    title: str
    no_script: str
    # Lists
    chats: str
    nobody: str
    nobody_hint: str
    empty: str
    people: str
    people_hint: str
    user: str
    balance: str
    back: str
    today: str
    yesterday: str
    date: str
    service: str
    mini: str
    group: str
    shake: str
    transfers: str
    unread: str
    # Bubbles
    packet: str
    preview: str
    transfer_preview: str
    tail: str
    opened: str
    expired: str
    all_taken: str
    you_took: str
    one_took: str
    to_open: str
    # Cover and details
    sent_you: str
    sent_random: str
    open: str
    close: str
    from_name: str
    random_mark: str
    yuan: str
    saved: str
    taken_so_far: str
    taken_all: str
    taken_expired: str
    best_luck: str
    gone: str
    see_luck: str
    old: str
    not_sent: str
    never_sent: str
    not_yours: str
    unknown: str
    records: str
    seconds: str
    minutes: str
    hours: str
    # Transfers
    to_confirm: str
    confirm: str
    confirm_hint: str
    until: str
    reason: str
    note: str
    agrees: str
    received: str
    paying: str
    processing: str
    transfer_over: str
    transfer_back: str
    # Control
    control: str
    panel_hint: str
    switch_user: str
    openid: str
    go: str
    clock: str
    hour_on: str
    day_on: str
    to_morning: str
    followed: str
    not_followed: str
    follow: str
    unfollow: str
    make_risky: str
    make_safe: str
    open_all: str
    faults: str
    fault: str
    times: str
    always: str
    inject: str
    end_faults: str
    no_faults: str
    sent_by_api: str
    nothing_sent: str
    request: str
    reply: str
    no_reply: str
    redacted: str
    events: str
    no_events: str
    took_money: str
    field: str
    value: str
    wrong: str
    done: Mapping[str, str]
    fault_names: Mapping[str, str]


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def moment_text(words: PhoneWords, moment: float, now: float) -> str:
    """A time as a chat shows it: today, yesterday, or its date; by Beijing's day."""
    text, ago = beijing_text(moment), beijing_day(now) - beijing_day(moment)
    time, month, day = text[11:16], int(text[5:7]), int(text[8:10])
    if ago <= 0:
        return words.today.format(time=time)
    if ago == 1:
        return words.yesterday.format(time=time)
    return words.date.format(month=month, day=day, month_name=_MONTHS[month - 1], time=time)


def duration_text(words: PhoneWords, seconds: float) -> str:
    """A time span, in the largest unit that it fills."""
    if seconds < 60:  # noqa: PLR2004  # a minute
        return words.seconds.format(count=int(seconds))
    if seconds < 3600:  # noqa: PLR2004  # an hour
        return words.minutes.format(count=int(seconds // 60))
    return words.hours.format(count=int(seconds // 3600))
