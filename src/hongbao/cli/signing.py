"""``--key``: the operator's key that signs what a command decides."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, TypeAlias, TypeVar

from hongbao.cli.options import optional

T = TypeVar("T")

Key: TypeAlias = Annotated[
    Path | None,
    optional(
        "--key",
        "Operator key that signs this. Default: HONGBAO_OPERATOR_KEY, else the one in your own "
        "folder if signatures are required.",
        "FILE",
    ),
]
_given: ContextVar[Path | None] = ContextVar("_given", default=None)


def given_key() -> Path | None:
    """The key's file, as the command that runs was given it."""
    return _given.get()


def takes_key(command: Callable[..., T]) -> Callable[..., T]:
    """Give a command that decides the option ``--key``: Typer reads it from the signature."""

    @wraps(command)
    def taking(*, key: Path | None = None, **given: Any) -> T:  # noqa: ANN401  # what Typer has read of each option
        with _signing(key):
            return command(**given)

    own = list(inspect.signature(command, eval_str=True).parameters.values())
    keyed = inspect.Parameter("key", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Key)
    taking.__dict__["__signature__"] = inspect.Signature([*own, keyed])
    taking.__annotations__ = {it.name: it.annotation for it in [*own, keyed]}
    return taking


@contextmanager
def _signing(key: Path | None) -> Iterator[None]:
    token = _given.set(key)
    try:
        yield
    finally:
        _given.reset(token)
