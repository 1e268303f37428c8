"""The tree of RFC 6962, held against the vectors of Certificate Transparency's own tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hongbao.checkpoint.merkle import NO_LEAVES, Tree, inclusion_path, root_by_path, root_of

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAVES = [
    bytes.fromhex(data)
    for data in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
# https://github.com/google/certificate-transparency, cpp/merkletree/merkle_tree_test.cc
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# From the same file: leaf (counted from 1 there), size, path.
PATHS = [
    (0, 1, []),
    (0, 8, [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]),
    (5, 8, [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
]  # fmt: skip


def sample(first: int, end: int) -> Iterator[bytes]:
    return iter(LEAVES[first:end])


def numbered(first: int, end: int) -> Iterator[bytes]:
    return (str(number).encode() for number in range(first, end))


def test_roots_are_those_of_certificate_transparency() -> None:
    assert Tree().root() == root_of([]) == NO_LEAVES
    tree = Tree()
    for size, root in enumerate(ROOTS, 1):
        tree.add(LEAVES[size - 1])
        assert (tree.size, tree.root().hex()) == (size, root)


@pytest.mark.parametrize(("index", "size", "path"), PATHS)
def test_paths_are_those_of_certificate_transparency(
    index: int, size: int, path: list[str]
) -> None:
    assert [one.hex() for one in inclusion_path(index, size, sample)] == path


@pytest.mark.parametrize("size", [*range(1, 18), 31, 32, 33])
def test_every_path_leads_from_its_leaf_to_the_root_and_no_other_does(size: int) -> None:
    root = root_of(numbered(0, size))
    for index, data in enumerate(numbered(0, size)):
        path = inclusion_path(index, size, numbered)
        assert root_by_path(data, index, size, path) == root
        assert root_by_path(b"another", index, size, path) != root
        for place in range(len(path)):
            forged = [*path[:place], bytes(32), *path[place + 1 :]]
            assert root_by_path(data, index, size, forged) != root
        with pytest.raises(ValueError, match="too long"):
            root_by_path(data, index, size, [*path, bytes(32)])
        if path:
            with pytest.raises(ValueError, match="too short"):
                root_by_path(data, index, size, path[:-1])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_that_a_tree_does_not_have_has_no_root(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="has no leaf"):
        root_by_path(b"", index, size, [])
