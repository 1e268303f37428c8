"""The checked rows of a list, kept on disk until they are stored: a list is as long as it likes.

A temporary SQLite file that nobody else can read. It is unlinked as soon as it is open, where the
system allows that, so that not even a kill leaves receivers behind.

Rows come and go as columns, some at a time, since nearly all lists are only read in their order.
They become rows of a table when somebody asks for one: to change rows, to join them with others, or
to see which rows come twice, once it is known that some may.
"""

from __future__ import annotations

import errno
import json
import os
import re
import sqlite3
import tempfile
from contextlib import closing, contextmanager, suppress
from itertools import chain, compress, islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from hongbao.campaign.staging.doubles import Doubles
from hongbao.campaign.staging.lines import Line, Lines, OwnKey, Repeat, UserRow
from hongbao.errors import ConfigurationError
from hongbao.ledger.model.campaign import Entry, ListedRow
from hongbao.ledger.store.terms import content
from hongbao.ledger.store.values import execute_with_values
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from hongbao.money import Fen

Seal: TypeAlias = "Callable[[str, str], bytes]"
"""Seals what is kept of a row: see ``hongbao.sealing.Keyring.sealer``."""

_AT_ONCE = 20_000
"""Rows in one transaction of the books: more are faster, and take more memory."""

_PART = 2_000
"""Rows that are taken from the table at once."""

LONG_DIGITS = 15
"""So many digits of a number a spreadsheet keeps."""
_LONG_NUMBER = re.compile(f"[0-9]{{{LONG_DIGITS + 1}}}")

_TERMS_REMEMBERED = 20_000

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

# What is lost with the process may be lost: nothing is journalled or synced. A thread of SQLite's
# helps to sort.
_BEGIN = """
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -8192;
PRAGMA threads = 1;
CREATE TABLE part (first INTEGER PRIMARY KEY, lines BLOB NOT NULL);
CREATE TABLE line (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL, own BOOLEAN NOT NULL, kind TEXT NOT NULL,
    payee TEXT NOT NULL, amount INTEGER NOT NULL, people INTEGER NOT NULL, terms INTEGER NOT NULL,
    kept TEXT NOT NULL DEFAULT '', known BOOLEAN NOT NULL DEFAULT 0
);
CREATE TABLE terms (
    number INTEGER PRIMARY KEY, body TEXT NOT NULL, digest BLOB NOT NULL, id INTEGER
);
CREATE TABLE elsewhere (key TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE spelling (key TEXT PRIMARY KEY, stored TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE alike (key TEXT NOT NULL);
CREATE INDEX alike_fold ON alike (lower(ltrim(key, '0')));
CREATE TABLE given (
    payee TEXT PRIMARY KEY, count INTEGER NOT NULL, amount INTEGER NOT NULL
) WITHOUT ROWID;
"""
# Derived keys repeat where their receivers do, which is reported by itself.
_REPEATED_KEYS = """
SELECT key, number, own, first FROM line JOIN (
    SELECT key, min(number) AS first FROM line GROUP BY key HAVING count(*) > 1 AND max(own)
) USING (key) ORDER BY number
"""
# Keys that are one but for leading zeros and letter case, and the least of each such.
_ALIKE_KEYS = """
WITH alike AS (
    SELECT lower(ltrim(key, '0')) AS fold, min(key) AS least FROM line
    GROUP BY 1 HAVING min(key) <> max(key) AND max(own)
)
SELECT number, key, payee, least FROM line JOIN alike ON fold = lower(ltrim(key, '0'))
WHERE key <> least ORDER BY number
"""
_RESPELL = """
UPDATE line SET key = spelling.stored FROM spelling WHERE spelling.key = line.key
"""
_NEW_KEYS = "SELECT key FROM line WHERE own AND NOT known"
_LIKE_STORED = """
SELECT number, line.key, payee, alike.key FROM line
JOIN alike ON lower(ltrim(alike.key, '0')) = lower(ltrim(line.key, '0'))
WHERE own AND NOT known AND line.key <> alike.key ORDER BY number
"""
_INTO_LINE = f"INSERT INTO line ({', '.join(Line._fields)}) "
_REPEATED_PAYEES = """
SELECT payee, number, own, first FROM line JOIN (
    SELECT payee, min(number) AS first FROM line GROUP BY payee HAVING count(*) > 1
) USING (payee) ORDER BY first, number
"""
# Who has one row and got nothing today has nothing to wait for.
_USERS = """
SELECT line.payee, number, line.amount, coalesce(given.count, 0), coalesce(given.amount, 0)
FROM line LEFT JOIN given ON given.payee = line.payee
WHERE NOT known AND line.payee IN (
    SELECT payee FROM line WHERE NOT known GROUP BY payee HAVING count(*) > 1
    UNION SELECT payee FROM given
) ORDER BY line.payee, number
"""
_PARTS = "SELECT lines FROM part WHERE first > ? ORDER BY first LIMIT 1"
_LINES = f"""
SELECT {", ".join(Line._fields)} FROM line WHERE number > ? ORDER BY number LIMIT ?
"""  # noqa: S608 - ours
_TERMS = (
    "SELECT number, digest, body, id FROM terms WHERE number IN (SELECT value FROM json_each(?))"
)


@contextmanager
def open_staging() -> Iterator[Staging]:
    """An empty one, forgotten afterwards.

    Raises:
        ConfigurationError: if the disk has no room for what is kept while a list is read.
    """
    try:
        with closing(Staging()) as staging:
            yield staging
    except (sqlite3.OperationalError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in _FULL:
            raise
        raise ConfigurationError(
            setting=tempfile.gettempdir(),
            problem=say("cannot keep a list while it is read ({error})", error=error),
            remedy=say("Make room there, or set TMPDIR to a folder that has it."),
        ) from None


def folded(key: str) -> str:
    """The same for keys that are one but for leading zeros and letter case.

    The table, which compares such keys, tells no more of them apart.
    """
    return key.lstrip("0").casefold()


class Staging:
    """Rows and their terms.

    Attributes:
        crowded: whether a receiver was found who has several rows, or has got something today.
        long_numbers: whether a key may be a number of more digits than a spreadsheet keeps.
        sums: of each kind, how many rows there are, and what they come to.
    """

    def __init__(self) -> None:
        handle, name = tempfile.mkstemp(prefix="hongbao-list-", suffix=".sqlite")  # mode 600
        os.close(handle)
        self._path = Path(name)
        self.crowded = False
        self.long_numbers = False
        self._payees, self._folds = Doubles(), Doubles()
        self._respelt = self._tabled = False
        self._numbers: dict[str, int] = {}
        self._terms_count = 0
        self._new_terms: list[tuple[int, str, bytes]] = []
        self.sums: dict[str, tuple[int, Fen]] = {}
        # Another thread may store what this one has checked; never two at once.
        self._database = sqlite3.connect(name, isolation_level=None, check_same_thread=False)
        self._database.executescript(_BEGIN)
        with suppress(OSError):  # Windows keeps what is open
            self._path.unlink()

    def close(self) -> None:
        """Forget everything."""
        self._database.close()
        self._path.unlink(missing_ok=True)

    @property
    def database(self) -> sqlite3.Connection:
        """Where all rows stand in the table ``line``, once somebody asks."""
        if not self._tabled:
            for part in self.parts():
                self._insert(_INTO_LINE, zip(*part, strict=True))
            self._tabled = True
            self._database.execute("DROP TABLE part")
        return self._database

    def add(self, lines: Lines) -> None:
        """Keep some rows."""
        for kind in set(lines.kinds):
            count, amount = self.sums.get(kind, (0, 0))
            of_kind = list(compress(lines.amounts, map(kind.__eq__, lines.kinds)))
            self.sums[kind] = (count + len(of_kind), amount + sum(of_kind))
        self._payees.add(lines.payees)
        self._folds.add(map(folded, lines.keys))
        self.long_numbers = self.long_numbers or any(map(_LONG_NUMBER.match, lines.keys))
        self._insert("INSERT INTO terms (number, body, digest) ", self._new_terms)
        self._new_terms.clear()
        self._insert("INSERT INTO part (first, lines) ", [(lines.numbers[0], lines.packed())])

    def parts(self) -> Iterator[Lines]:
        """All rows in their order, some at a time; the others may change meanwhile."""
        last = 0
        while (part := self._behind(last)) is not None:
            yield part
            last = part.numbers[-1]

    def _behind(self, number: int) -> Lines | None:
        if self._tabled:
            rows = self._database.execute(_LINES, (number, _PART)).fetchall()
            return Lines(*zip(*rows, strict=True)) if rows else None
        found = self._database.execute(_PARTS, (number,)).fetchone()
        return None if found is None else Lines.unpacked(*found)

    def number_of(self, body: Mapping[str, object]) -> int:
        """The number of terms; a new one if they are new, or were last seen long ago."""
        text, digest = content(body)
        number = self._numbers.get(text)
        if number is not None:
            return number
        if len(self._numbers) >= _TERMS_REMEMBERED:
            self._numbers.clear()
        self._terms_count += 1
        self._numbers[text] = self._terms_count
        self._new_terms.append((self._terms_count, text, digest))
        return self._terms_count

    def set_keys(self, keys: Iterable[tuple[str, int]]) -> None:
        """Give rows other keys: the key and the number of the row."""
        if self._update_lines("UPDATE line SET key = ? WHERE number = ?", keys):
            self._respelt = True

    def replace_keys(self, stored: Mapping[str, str]) -> None:
        """Give the rows of these keys the other ones."""
        if stored:
            self._respelt = True
            self._insert("INSERT INTO spelling (key, stored) ", stored.items())
            self._update_lines(_RESPELL, [()])

    def mark_known(self, numbers: Iterable[int]) -> None:
        """Say which rows the books have already."""
        known = ((number,) for number in numbers)
        self._update_lines("UPDATE line SET known = 1 WHERE number = ?", known)

    def mark_elsewhere(self, keys: Iterable[str]) -> None:
        """Say which keys other campaigns have: this one does not pay their rows."""
        self._insert("INSERT OR IGNORE INTO elsewhere ", [(key,) for key in keys])

    def set_given(self, users: Iterable[tuple[str, int, Fen]]) -> None:
        """Say what users have got today: how many packets, and how much money."""
        rows = list(users)
        self.crowded = self.crowded or bool(rows)
        self._insert("INSERT OR REPLACE INTO given ", rows)

    def repeated_payees(self) -> Iterator[Repeat]:
        """The rows of receivers that have several, receiver by receiver."""
        if not self._payees.any():
            return
        for row in self.database.execute(_REPEATED_PAYEES):
            self.crowded = True
            yield Repeat._make(row)

    def repeated_keys(self) -> Iterator[Repeat]:
        """The rows of keys that stand more than once, in their order."""
        if self._keys_may_meet():
            yield from map(Repeat._make, self.database.execute(_REPEATED_KEYS))

    def alike_keys(self) -> Iterator[tuple[OwnKey, str]]:
        """The keys that differ from another one in leading zeros or letter case, and that one."""
        if not self._keys_may_meet():
            return
        for *row, other in self.database.execute(_ALIKE_KEYS):
            yield OwnKey._make(row), other

    def payees(self) -> Iterator[str]:
        """The receivers."""
        if not self._tabled:
            return chain.from_iterable(part.payees for part in self.parts())
        return (payee for (payee,) in self._database.execute("SELECT payee FROM line"))

    def own_keys(self) -> Iterator[str]:
        """The list's own keys."""
        for part in self.parts():
            yield from compress(part.keys, part.own)

    def new_keys(self) -> Iterator[str]:
        """The list's own keys that the books do not have."""
        if not self._tabled:
            return self.own_keys()
        return (key for (key,) in self._database.execute(_NEW_KEYS))

    def add_stored(self, keys: Iterable[str]) -> None:
        """Keep keys of the books that may be like new ones."""
        self._insert("INSERT INTO alike (key) ", ((key,) for key in keys))

    def keys_like_stored(self) -> Iterator[tuple[OwnKey, str]]:
        """The new keys that differ from such a key in leading zeros or letter case, and that."""
        if self._database.execute("SELECT 1 FROM alike").fetchone() is None:
            return
        for *row, other in self.database.execute(_LIKE_STORED):
            yield OwnKey._make(row), other

    def user_rows(self) -> Iterator[UserRow]:
        """The new rows of users whose day may be full, by user."""
        return map(UserRow._make, self.database.execute(_USERS))

    def contents(self, part: Lines) -> Iterable[tuple[str, str, str, Fen, int, bytes]]:
        """What the digest of a campaign is made of, of some rows."""
        digests = {number: digest for number, digest, _, _ in self._terms(part)}
        terms = map(digests.__getitem__, part.terms)
        return zip(
            part.keys, part.kinds, part.payees, part.amounts, part.people, terms, strict=True
        )

    def listed_rows(self, part: Lines) -> list[ListedRow]:
        """Some rows as the books compare them."""
        terms = {number: (digest, body) for number, digest, body, _ in self._terms(part)}
        digests, bodies = zip(*map(terms.__getitem__, part.terms), strict=True)
        numbers, keys, _, kinds, payees, amounts, people, *_ = part
        return list(map(ListedRow, numbers, keys, kinds, payees, amounts, people, digests, bodies))

    def entries(self, seal: Seal | None = None) -> Iterator[list[Entry]]:
        """The rows as the books take them, in their order, some at a time.

        Args:
            seal: seals what is kept of a row, given its key and that; nothing is kept without it.
        """
        entries = chain.from_iterable(self._entries(part, seal) for part in self.parts())
        return iter(lambda: list(islice(entries, _AT_ONCE)), [])

    def _entries(self, part: Lines, seal: Seal | None) -> Iterable[Entry]:
        ids = {number: it for number, _, _, it in self._terms(part)}
        columns = part.keys, part.kinds, part.payees, part.amounts, part.people
        terms = map(ids.__getitem__, part.terms)
        if seal is None or not any(part.kept):
            return map(Entry, *columns, terms)
        kept = [seal(key, it) if it else b"" for key, it in zip(part.keys, part.kept, strict=True)]
        return map(Entry, *columns, terms, kept)

    def _terms(self, part: Lines) -> Iterable[tuple[int, bytes, str, int]]:
        """The terms of some rows: number, digest, body, and the books' number."""
        return self._database.execute(_TERMS, (json.dumps(list(set(part.terms))),))

    def first_terms(self, count_max: int) -> list[str]:
        """Some of the terms, as JSON, in the order in which they were first seen."""
        select = "SELECT body FROM terms ORDER BY number LIMIT ?"
        return [body for (body,) in self._database.execute(select, (count_max,))]

    def terms_without_id(self, count_max: int) -> list[tuple[int, str]]:
        """Some of the terms of which the books' number is not known: number and body."""
        return self._database.execute(
            "SELECT number, body FROM terms WHERE id IS NULL ORDER BY number LIMIT ?", (count_max,)
        ).fetchall()

    def set_terms_ids(self, ids: Iterable[tuple[int, int]]) -> None:
        """Say the books' numbers of terms: that number, and the one here."""
        self._update("UPDATE terms SET id = ? WHERE number = ?", ids)

    def _keys_may_meet(self) -> bool:
        return self._respelt or self._folds.any()

    def _insert(self, into: str, rows: Iterable[Sequence[object]]) -> None:
        with self._changing() as cursor:
            execute_with_values(cursor, (into, ""), rows)

    def _update(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        with self._changing() as cursor:
            cursor.executemany(statement, rows)

    def _update_lines(self, statement: str, rows: Iterable[Sequence[object]]) -> bool:
        """Change rows; without any, nothing needs a table, and this is False."""
        coming = iter(rows)
        some = list(islice(coming, 1))
        if some:
            _ = self.database
            self._update(statement, chain(some, coming))
        return bool(some)

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Cursor]:
        with closing(self._database.cursor()) as cursor:
            cursor.execute("BEGIN")
            yield cursor
            cursor.execute("COMMIT")
