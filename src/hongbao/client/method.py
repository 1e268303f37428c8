"""How a message's class becomes a client's method.

With its arguments, its types and its docstring.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

MethodT = TypeVar("MethodT", bound="Callable[..., Any]")


def describe(method: MethodT, message: Callable[..., Any]) -> MethodT:
    """Give a method the signature and docstring of the message that it sends, for ``help``."""
    arguments = inspect.signature(message)
    returns = inspect.signature(vars(message)["read"]).return_annotation
    self = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    parameters = [self, *arguments.parameters.values()]
    method.__doc__ = message.__doc__
    signature = inspect.Signature(parameters, return_annotation=returns)
    method.__signature__ = signature  # type: ignore[attr-defined]  # PEP 362
    method.__annotations__ = {"return": returns}  # what stood there are the type checker's letters
    return method
