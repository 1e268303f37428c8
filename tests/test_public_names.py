"""What ``hongbao`` exports is written out, and is all there is."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import hongbao


def test_all_names_exist_and_are_sorted() -> None:
    assert list(hongbao.__all__) == sorted(hongbao.__all__)
    for name in hongbao.__all__:
        assert getattr(hongbao, name) is not None


def test_nothing_else_is_public() -> None:
    public = {
        name
        for name, value in vars(hongbao).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    assert public <= {*hongbao.__all__, "TYPE_CHECKING", "import_module"}
    assert {*hongbao.__all__} <= {*dir(hongbao)}
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = hongbao.Nothing  # type: ignore[attr-defined]


def test_a_name_is_loaded_from_where_a_type_checker_finds_it() -> None:
    tree = ast.parse(Path(hongbao.__file__).read_text(encoding="utf-8"))
    (told,) = (it for it in tree.body if isinstance(it, ast.If) and isinstance(it.test, ast.Name))
    imports = [it for it in told.body if isinstance(it, ast.ImportFrom)]
    found = {alias.name: it.module for it in imports for alias in it.names}
    assert {name: f"hongbao.{home}" for name, home in hongbao._HOMES.items()} == found
    assert sorted(found) == hongbao.__all__


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


def loaded(code: str) -> set[str]:
    """What is loaded in a new process when it has run this code."""
    code = f"import hongbao, sys\n{code}\nprint(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return set(ran.stdout.split())


def test_importing_the_package_loads_nothing_of_it() -> None:
    found = {name for name in loaded("") if name.partition(".")[0] == "hongbao"}
    assert found == {"hongbao", "hongbao.version"}


def test_the_blocking_client_loads_neither_asyncio_nor_cryptography() -> None:
    found = loaded("hongbao.RedPack, hongbao.Merchant, hongbao.SendNormal")
    assert "hongbao.client.sync" in found
    absent = {"asyncio", "cryptography", "typer", "rich", "sqlalchemy", "hongbao.ledger"}
    assert absent.isdisjoint(found)
    assert not [name for name in found if ".transfer" in name], "red packets load nothing of V3"


def test_the_blocking_client_of_transfers_loads_no_asyncio_and_no_simulator() -> None:
    found = loaded("hongbao.MerchantTransfer, hongbao.V3Credentials, hongbao.Transfer")
    assert "hongbao.client.transfer.sync" in found
    assert {"asyncio", "typer", "sqlalchemy", "hongbao.simulator"}.isdisjoint(found)


def test_both_clients_of_transfers_have_the_same_methods_with_the_same_arguments() -> None:
    def public(client: type) -> set[str]:
        return {name for name in dir(client) if not name.startswith("_")}

    blocking, asynchronous = hongbao.MerchantTransfer, hongbao.AsyncMerchantTransfer
    names = public(blocking) - {"close"}
    assert names == public(asynchronous) - {"aclose"}
    for name in names:
        here, there = (inspect.signature(getattr(it, name)) for it in (blocking, asynchronous))
        assert list(here.parameters) == list(there.parameters)
        assert here.return_annotation == there.return_annotation
        assert getattr(blocking, name).__doc__
