"""How kinds of payouts, and ways of paying, are called: by their names, or in Chinese."""

from __future__ import annotations

from hongbao.rails.known import RAILS
from hongbao.sentences import both, said

_KINDS = {kind.name: both(kind.name, kind.chinese) for kind in RAILS.kinds}
_RAILS = {"redpack": both("redpack", "现金红包"), "transfer": both("transfer", "商家转账")}


def kind_words(name: str) -> str:
    """A kind in the language of who reads; one that no rail has is called as the books have it."""
    return said(_KINDS.get(name, name))


def rail_words(name: str) -> str:
    """The same of a rail."""
    return said(_RAILS.get(name, name))
