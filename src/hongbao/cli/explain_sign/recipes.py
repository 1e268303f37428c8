"""Which usual mistake makes a wrong signature: every way of signing is tried, with few at a time.

Keys come in as arguments, and nothing here is printed but the names of mistakes.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import md5, sha256
from itertools import chain, combinations
from typing import Any
from urllib.parse import quote

from hongbao.sentences import say
from hongbao.wire.endpoints import Endpoint
from hongbao.wire.signature import WORKWX_SIGNED

MISTAKES_MAX = 3
"""So many mistakes at once are tried: people make one or two, and each more costs tenfold."""
FOREIGN_MAX = 8
"""So many foreign fields are tried one by one; the rest only all together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What may have been signed with. Nothing of it shows in a repr."""

    key: str = field(repr=False)
    work_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One way of making a signature out of a request's fields.

    Attributes:
        names: the fields that are signed.
        secret: what is appended.
        label: the words before it.
        with_empty: whether empty values are signed.
        unsorted: whether the fields stand in the document's order.
        percent_encoded: whether values are percent-encoded.
        with_sha256: HMAC-SHA256 in place of MD5.
        charset: of the text.
    """

    names: frozenset[str]
    secret: str = field(repr=False)
    label: str = "&key="
    with_empty: bool = False
    unsorted: bool = False
    percent_encoded: bool = False
    with_sha256: bool = False
    charset: str = "utf-8"

    def sign(self, fields: Mapping[str, str]) -> str:
        """The signature in upper-case hex; empty where the text has no such character set."""
        names = [name for name in fields if name in self.names and name != "sign"]
        if not self.unsorted:
            names.sort()
        pairs = [(name, fields[name]) for name in names if fields[name] or self.with_empty]
        encode = quote if self.percent_encoded else str
        text = "&".join(f"{name}={encode(value)}" for name, value in pairs)
        try:
            signed = f"{text}{self.label}{self.secret}".encode(self.charset)
        except UnicodeEncodeError:
            return ""
        if self.with_sha256:
            return hmac.new(self.secret.encode(), signed, sha256).hexdigest().upper()
        return md5(signed, usedforsecurity=False).hexdigest().upper()


@dataclass(frozen=True, slots=True)
class Mistake:
    """One way to go wrong.

    Attributes:
        words: its name, for people.
        changes: what it makes of a recipe.
        more: fields that it signs and should not.
        fewer: fields that it does not sign and should.
    """

    words: str
    changes: Mapping[str, Any] = field(default_factory=dict, repr=False)  # perhaps a secret
    more: frozenset[str] = frozenset()
    fewer: frozenset[str] = frozenset()

    def apply(self, recipe: Recipe) -> Recipe:
        """The recipe with this mistake."""
        names = (recipe.names | self.more) - self.fewer
        return replace(recipe, names=names, **self.changes)


def right_sign(endpoint: Endpoint, secrets: Secrets) -> Recipe:
    """How ``sign`` is made."""
    return Recipe(names=frozenset(endpoint.signed_order), secret=secrets.key)


def right_workwx_sign(work_secret: str) -> Recipe:
    """How ``workwx_sign`` is made: seven fields, and the WeCom application's secret."""
    return Recipe(names=frozenset(WORKWX_SIGNED), secret=work_secret, label="&secret=")


def find_mistakes(
    claimed: str, fields: Mapping[str, str], right: Recipe, mistakes: tuple[Mistake, ...]
) -> tuple[str, ...] | None:
    """The fewest mistakes that make a signature; () if it is right, None if none do."""
    wanted = claimed.upper()
    for tried in chain.from_iterable(
        combinations(mistakes, number) for number in range(MISTAKES_MAX + 1)
    ):
        recipe = right
        for mistake in tried:
            recipe = mistake.apply(recipe)
        if hmac.compare_digest(recipe.sign(fields).encode(), wanted.encode()):
            return tuple(mistake.words for mistake in tried)
    return None


def mistakes_of_sign(
    fields: Mapping[str, str], endpoint: Endpoint, secrets: Secrets
) -> tuple[Mistake, ...]:
    """What usually goes wrong with ``sign``."""
    known = {rule.name for rule in endpoint.known}
    foreign = [name for name in fields if name not in known]
    every = say("every field that is sent is signed, also those that this call does not know")
    return (
        *(_signs_foreign(name) for name in foreign[:FOREIGN_MAX]),
        *([Mistake(every, more=frozenset(foreign))] if len(foreign) > 1 else []),
        *_USUAL,
        *_other_secrets(fields, secrets),
        *(_leaves_out(name) for name in endpoint.signed_order if fields.get(name)),
    )


def mistakes_of_workwx_sign(
    fields: Mapping[str, str], endpoint: Endpoint, secrets: Secrets
) -> tuple[Mistake, ...]:
    """What usually goes wrong with ``workwx_sign``."""
    every = frozenset(endpoint.signed_order) - {"workwx_sign"}
    seven = ", ".join(WORKWX_SIGNED)
    return (
        Mistake(
            say("all fields are signed; workwx_sign takes only seven: {seven}", seven=seven),
            more=every,
        ),
        Mistake(
            say("the APIv2 key is used; workwx_sign takes the WeCom application's secret"),
            {"secret": secrets.key},
        ),
        Mistake(
            say("`&key=` stands before the secret; workwx_sign takes `&secret=`"),
            {"label": "&key="},
        ),
        *_USUAL,
        *(_leaves_out(name) for name in WORKWX_SIGNED if fields.get(name)),
    )


_USUAL = (
    Mistake(say("empty values are signed: leave them out"), {"with_empty": True}),
    Mistake(
        say("HMAC-SHA256 is used: red packets are signed with MD5 alone"), {"with_sha256": True}
    ),
    Mistake(
        say("the fields are signed in the document's order: sort them by name"), {"unsorted": True}
    ),
    Mistake(
        say("values are percent-encoded before they are signed: sign them raw"),
        {"percent_encoded": True},
    ),
    Mistake(say("the text is signed as GBK: sign it as UTF-8"), {"charset": "gbk"}),
    Mistake(
        say(
            "the secret is appended without its label: put `&key=` (workwx_sign: `&secret=`) "
            "before it"
        ),
        {"label": ""},
    ),
)


def _other_secrets(fields: Mapping[str, str], secrets: Secrets) -> Iterator[Mistake]:
    mch_id = fields.get("mch_id")
    others = (
        (secrets.work_secret, say("the WeCom secret is used: `sign` takes the APIv2 key")),
        (mch_id, say("the mch_id (the .p12's password) is used as the key: take the APIv2 key")),
        (secrets.key.lower(), say("the key is written in lower case: it is taken as it stands")),
        (secrets.key + "\n", say("a line break follows the key: strip it")),
    )
    for other, words in others:
        if other and other != secrets.key:
            yield Mistake(words, {"secret": other})


def _signs_foreign(name: str) -> Mistake:
    words = say(
        "{value} is signed, which this call does not know: neither send nor sign it",
        value=name[:64],
    )
    return Mistake(words, more=frozenset({name}))


def _leaves_out(name: str) -> Mistake:
    return Mistake(say("{name} is sent but not signed", name=name), fewer=frozenset({name}))
