"""How a message's class becomes a client's method.

With its arguments, its types and its docstring, and with the reason where an argument is one of
WeChat's fields that the message does not take.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, TypeVar

from hongbao.errors import InvalidRequest
from hongbao.sentences import say
from hongbao.wire import foreign

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hongbao.wire.endpoints import Endpoint

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


def explain(message: Callable[..., Any], said: Mapping[str, object]) -> None:
    """Raise ``InvalidRequest`` if a message could not be made because of one of WeChat's fields.

    Args:
        message: its class, which has raised ``TypeError``.
        said: the keyword arguments that it was given.
    """
    taken = inspect.signature(message).parameters
    endpoint: Endpoint = vars(message)["ENDPOINT"]
    for name in said:
        why = None if name in taken else foreign.reason(endpoint, name)
        if why is not None:
            number = said.get("mch_billno")
            raise InvalidRequest(
                field=name,
                rule=say("left out: {why}", why=why),
                found=say("it given"),
                mch_billno=number if isinstance(number, str) else None,
            )
