"""Where each ``nonce_str`` comes from: the system's generator, asked for many at a time."""

from __future__ import annotations

from os import urandom

from hongbao.client.forking import forget_in_child

_NONCE_BYTES = 16  # 32 hexadecimal digits, the most that the field takes
_NONCES_AT_ONCE = 256  # a call of the system for each nonce costs a twentieth of a whole send


class NonceSource:
    """Gives a nonce at each call, to any number of threads; a forked child gets its own."""

    def __init__(self) -> None:
        self._spare: list[str] = []
        forget_in_child(self)

    def __call__(self) -> str:
        """32 hexadecimal digits."""
        try:
            return self._spare.pop()
        except IndexError:
            drawn = urandom(_NONCE_BYTES * _NONCES_AT_ONCE).hex()
            width = 2 * _NONCE_BYTES
            self._spare += [drawn[at : at + width] for at in range(width, len(drawn), width)]
            return drawn[:width]

    def forget_inherited(self) -> None:
        """For ``forking``: the parent will use these."""
        self._spare.clear()
