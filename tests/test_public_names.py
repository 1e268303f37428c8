"""What ``hongbao`` exports is written out, and is all there is."""

from __future__ import annotations

import inspect
import subprocess
import sys

import hongbao


def test_all_names_exist_and_are_sorted() -> None:
    assert list(hongbao.__all__) == sorted(hongbao.__all__)
    for name in hongbao.__all__:
        assert getattr(hongbao, name) is not None


def test_nothing_else_is_public() -> None:
    assert hongbao.AsyncRedPack is not None  # the lazy one
    public = {
        name
        for name, value in vars(hongbao).items()
        if not name.startswith("_") and not inspect.ismodule(value) and name != "TYPE_CHECKING"
    }
    assert public <= {*hongbao.__all__}


def test_both_clients_have_the_same_methods_with_the_same_arguments() -> None:
    names = {"send_normal", "send_mini_program", "send_group", "preorder", "query"}
    names |= {"send_work", "query_work", "claim_params", "jump_hongbao_params", "call"}
    for name in names:
        blocking = inspect.signature(getattr(hongbao.RedPack, name))
        asynchronous = inspect.signature(getattr(hongbao.AsyncRedPack, name))
        assert list(blocking.parameters) == list(asynchronous.parameters)
        assert blocking.return_annotation == asynchronous.return_annotation
        assert getattr(hongbao.RedPack, name).__doc__


def test_sends_take_keywords_only_in_wechats_spelling() -> None:
    parameters = inspect.signature(hongbao.RedPack.send_normal).parameters
    kinds = {parameter.kind for name, parameter in parameters.items() if name != "self"}
    assert kinds == {inspect.Parameter.KEYWORD_ONLY}
    assert {"mch_billno", "re_openid", "total_amount", "act_name"} <= parameters.keys()


def test_a_method_says_what_it_returns() -> None:
    for client in (hongbao.RedPack, hongbao.AsyncRedPack):
        told = inspect.signature(client.send_normal).return_annotation
        assert told.rpartition(".")[2] == "Accepted"


def test_importing_the_package_loads_neither_asyncio_nor_cryptography() -> None:
    code = "import hongbao, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    assert {"asyncio", "cryptography", "typer", "rich"}.isdisjoint(loaded.stdout.split())
