"""Merkle trees of RFC 6962, section 2.1: roots, and paths that prove one leaf. Pure.

Of the Python packages, pymerkle 7 keeps every leaf in a store of its own, and the others are not
maintained; the algorithm is shorter than the code that would call them. The tests use the vectors
of Certificate Transparency.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

NO_LEAVES = sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf. Its prefix differs from a node's, so neither can pass for the other."""
    return sha256(b"\0" + data).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


class Tree:
    """A tree that grows leaf by leaf, and stores one hash for each set bit of its size.

    Attributes:
        size: how many leaves it has.
    """

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def add(self, data: bytes) -> None:
        """Append a leaf."""
        top, size = leaf_hash(data), self.size
        while size & 1:
            top = _node(self._peaks.pop(), top)
            size >>= 1
        self._peaks.append(top)
        self.size += 1

    def root(self) -> bytes:
        """The hash of all leaves."""
        if not self._peaks:
            return NO_LEAVES
        *others, top = self._peaks
        for peak in reversed(others):
            top = _node(peak, top)
        return top


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The hash of these leaves."""
    tree = Tree()
    for data in leaves:
        tree.add(data)
    return tree.root()


def inclusion_path(
    index: int, size: int, leaves: Callable[[int, int], Iterator[bytes]]
) -> list[bytes]:
    """The hashes that lead from a leaf to the root, the nearest first.

    Args:
        index: the leaf's index, from 0.
        size: the number of leaves.
        leaves: returns the leaves from one index up to another.
    """
    path: list[bytes] = []
    first, end = 0, size
    while end - first > 1:
        middle = first + (1 << (end - first - 1).bit_length() - 1)
        if index < middle:
            path.append(root_of(leaves(middle, end)))
            end = middle
        else:
            path.append(root_of(leaves(first, middle)))
            first = middle
    return path[::-1]


def root_by_path(data: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that follows from a leaf and its path (RFC 9162, section 2.1.3.2).

    Raises:
        ValueError: if the path is too long or too short for this place in a tree of this size.
    """
    place, last, top = index, size - 1, leaf_hash(data)
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} has no leaf {index}")
    for other in path:
        if last == 0:
            raise ValueError("the path is too long")
        if place & 1 or place == last:
            top = _node(other, top)
            while not place & 1:
                place, last = place >> 1, last >> 1
        else:
            top = _node(top, other)
        place, last = place >> 1, last >> 1
    if last:
        raise ValueError("the path is too short")
    return top
