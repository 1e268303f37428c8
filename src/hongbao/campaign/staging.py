"""The checked rows of a list, kept on disk until they are stored: a list is as long as it likes.

A temporary SQLite file that nobody else can read. It is unlinked as soon as it is open, where the
system allows that, so that not even a kill leaves receivers behind.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import tempfile
from contextlib import closing, contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hongbao.errors import ConfigurationError
from hongbao.ledger.model.campaign import Entry, ListedRow, masked_repr
from hongbao.ledger.store.terms import content
from hongbao.ledger.store.values import execute_with_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hongbao.money import Fen

_AT_ONCE = 20_000
"""Rows in one transaction of the books: more are faster, and take more memory."""

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
CREATE TABLE line (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL, own BOOLEAN NOT NULL, kind TEXT NOT NULL,
    payee TEXT NOT NULL, amount INTEGER NOT NULL, people INTEGER NOT NULL, terms INTEGER NOT NULL,
    known BOOLEAN NOT NULL DEFAULT 0
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
# Nearly all lists have none, and then this is all that is asked.
_KEYS_MEET = """
SELECT lower(ltrim(key, '0')) FROM line GROUP BY 1 HAVING count(*) > 1 AND max(own)
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
_LONG_NUMBERS = """
SELECT count(*), coalesce(sum(ltrim(substr(key, :digits + 1), '0') = ''), 0) FROM line
WHERE own AND length(key) > :digits AND key NOT GLOB '*[^0-9]*'
"""
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
_LINES = """
SELECT line.number, key, kind, payee, amount, people, terms.digest, terms.body
FROM line JOIN terms ON terms.number = line.terms WHERE line.number > ?
ORDER BY line.number LIMIT ?
"""
_CONTENTS = """
SELECT key, kind, payee, amount, people, terms.digest
FROM line JOIN terms ON terms.number = line.terms ORDER BY line.number
"""
_ENTRIES = """
SELECT key, kind, payee, amount, people, terms.id
FROM line JOIN terms ON terms.number = line.terms ORDER BY line.number
"""


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
            problem=f"cannot keep a list while it is read ({error})",
            remedy="Make room there, or set TMPDIR to a folder that has it.",
        ) from None


class Line(NamedTuple):
    """One row that is right by itself.

    Attributes:
        number: of the row in the list.
        key: its business key.
        own: whether the list says the key; else it is derived.
        kind: of the packet.
        payee: whom; not to be shown.
        amount: fen.
        people: among how many it is shared.
        terms: the number of its terms in the staging.
    """

    number: int
    key: str
    own: bool
    kind: str
    payee: str
    amount: Fen
    people: int
    terms: int

    def __repr__(self) -> str:
        return masked_repr(self)


class Repeat(NamedTuple):
    """One of the rows that have the same receiver, or the same key.

    Attributes:
        same: the receiver or the key.
        number: of the row in the list.
        own: whether the list says its key.
        first: the first of these rows.
    """

    same: str
    number: int
    own: bool
    first: int

    def __repr__(self) -> str:
        return f"Repeat(number={self.number}, own={self.own}, first={self.first})"


class OwnKey(NamedTuple):
    """A key that the list says.

    Attributes:
        number: of the row in the list.
        key: its business key.
        payee: whom; not to be shown.
    """

    number: int
    key: str
    payee: str

    def __repr__(self) -> str:
        return masked_repr(self)


class UserRow(NamedTuple):
    """A row of a user who has several, or who has got something today.

    Attributes:
        payee: who; not to be shown.
        number: of the row in the list.
        amount: fen.
        count_before: how many packets the user has got today.
        amount_before: how many fen.
    """

    payee: str
    number: int
    amount: Fen
    count_before: int
    amount_before: Fen

    def __repr__(self) -> str:
        return masked_repr(self)


class Staging:
    """Rows and their terms, in ``database``.

    Attributes:
        crowded: whether a receiver was found who has several rows, or has got something today.
        sums: of each kind, how many rows there are, and what they come to.
    """

    def __init__(self) -> None:
        handle, name = tempfile.mkstemp(prefix="hongbao-list-", suffix=".sqlite")  # mode 600
        os.close(handle)
        self._path = Path(name)
        self.crowded = False
        self._meet: bool | None = None
        self._numbers: dict[str, int] = {}
        self._terms_count = 0
        self._new_terms: list[tuple[int, str, bytes]] = []
        self.sums: dict[str, tuple[int, Fen]] = {}
        # Another thread may store what this one has checked; never two at once.
        self.database = sqlite3.connect(name, isolation_level=None, check_same_thread=False)
        self.database.executescript(_BEGIN)
        with suppress(OSError):  # Windows keeps what is open
            self._path.unlink()

    def close(self) -> None:
        """Forget everything."""
        self.database.close()
        self._path.unlink(missing_ok=True)

    def add(self, lines: Sequence[Line]) -> None:
        """Keep rows."""
        sums = self.sums
        for line in lines:
            count, amount = sums.get(line.kind, (0, 0))
            sums[line.kind] = (count + 1, amount + line.amount)
        self._add_terms()
        self._insert(f"INSERT INTO line ({', '.join(Line._fields)}) ", lines)

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
        self._update("UPDATE line SET key = ? WHERE number = ?", keys)

    def replace_keys(self, stored: Mapping[str, str]) -> None:
        """Give the rows of these keys the other ones."""
        if stored:
            self._insert("INSERT INTO spelling (key, stored) ", stored.items())
            self._update(_RESPELL, [()])

    def mark_known(self, numbers: Iterable[int]) -> None:
        """Say which rows the books have already."""
        self._update("UPDATE line SET known = 1 WHERE number = ?", ((it,) for it in numbers))

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
        for row in self.database.execute(_REPEATED_PAYEES):
            self.crowded = True
            yield Repeat._make(row)

    def repeated_keys(self) -> Iterator[Repeat]:
        """The rows of keys that stand more than once, in their order."""
        if not self._keys_meet():
            return iter(())
        return map(Repeat._make, self.database.execute(_REPEATED_KEYS))

    def alike_keys(self) -> Iterator[tuple[OwnKey, str]]:
        """The keys that differ from another one in leading zeros or letter case, and that one."""
        if not self._keys_meet():
            return
        for *row, other in self.database.execute(_ALIKE_KEYS):
            yield OwnKey._make(row), other

    def new_keys(self) -> Iterator[str]:
        """The list's own keys that the books do not have."""
        return (key for (key,) in self.database.execute(_NEW_KEYS))

    def add_stored(self, keys: Iterable[str]) -> None:
        """Keep keys of the books that may be like new ones."""
        self._insert("INSERT INTO alike (key) ", ((key,) for key in keys))

    def keys_like_stored(self) -> Iterator[tuple[OwnKey, str]]:
        """The new keys that differ from such a key in leading zeros or letter case, and that."""
        if self.database.execute("SELECT 1 FROM alike").fetchone() is None:
            return
        for *row, other in self.database.execute(_LIKE_STORED):
            yield OwnKey._make(row), other

    def long_numbers(self, digits: int) -> tuple[int, int]:
        """How many keys are numbers of more digits, and of how many the further ones are zeros."""
        long, shortened = self.database.execute(_LONG_NUMBERS, {"digits": digits}).fetchone()
        return long, shortened

    def user_rows(self) -> Iterator[UserRow]:
        """The new rows of users whose day may be full, by user."""
        return map(UserRow._make, self.database.execute(_USERS))

    def contents(self) -> Iterator[tuple[str, str, str, Fen, int, bytes]]:
        """What the digest of a campaign is made of, in the order of the rows."""
        return self.database.execute(_CONTENTS)

    def entries(self) -> Iterator[list[Entry]]:
        """The rows as the books take them, in their order, some at a time."""
        entries = map(Entry._make, self.database.execute(_ENTRIES))
        return iter(lambda: list(islice(entries, _AT_ONCE)), [])

    def chunks(self, rows_max: int) -> Iterator[list[ListedRow]]:
        """The rows in their order, so many at a time."""
        last = 0
        while rows := self.database.execute(_LINES, (last, rows_max)).fetchall():
            yield list(map(ListedRow._make, rows))
            last = rows[-1][0]

    def first_terms(self, count_max: int) -> list[str]:
        """Some of the terms, as JSON, in the order in which they were first seen."""
        select = "SELECT body FROM terms ORDER BY number LIMIT ?"
        return [body for (body,) in self.database.execute(select, (count_max,))]

    def terms_without_id(self, count_max: int) -> list[tuple[int, str]]:
        """Some of the terms of which the books' number is not known: number and body."""
        return self.database.execute(
            "SELECT number, body FROM terms WHERE id IS NULL ORDER BY number LIMIT ?", (count_max,)
        ).fetchall()

    def set_terms_ids(self, ids: Iterable[tuple[int, int]]) -> None:
        """Say the books' numbers of terms: that number, and the one here."""
        self._update("UPDATE terms SET id = ? WHERE number = ?", ids)

    def _add_terms(self) -> None:
        self._insert("INSERT INTO terms (number, body, digest) ", self._new_terms)
        self._new_terms.clear()

    def _keys_meet(self) -> bool:
        if self._meet is None:
            self._meet = self.database.execute(_KEYS_MEET).fetchone() is not None
        return self._meet

    def _insert(self, into: str, rows: Iterable[Sequence[object]]) -> None:
        with self._changing() as cursor:
            execute_with_values(cursor, (into, ""), rows)

    def _update(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        with self._changing() as cursor:
            cursor.executemany(statement, rows)

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Cursor]:
        with closing(self.database.cursor()) as cursor:
            cursor.execute("BEGIN")
            yield cursor
            cursor.execute("COMMIT")
