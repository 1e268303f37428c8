"""What is written for people is marked, so that it can be said in the language of the reader."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import hongbao

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(hongbao.__file__).parent
LOOKED_AT = ["cli", "client", "checkpoint", "business_key.py", "simulator/folder"]
"""Who speaks to people. What others mark, the catalogues hold as well."""
LEFT_OUT = {
    "cli/examples.py": "command lines",
    "cli/send.py": "the help of options, which is walked with all other help",
    "client/der.py": "for programmers: whoever reads certificates says it in other words",
    "checkpoint/merkle.py": "the same of proofs",
}
NOT_FOR_PEOPLE = {
    "approved by one", "not sent", "invalid request",  # outcomes of documents, and words of logs
    "campaign remind", "campaign report", "payout find",  # what the history says was shown
    "no: nothing was sent", "Run the command again when you like.",  # a document, while it starts
    "a MerchantCertificate is not pickled: it holds the private key",  # for programmers
    "a Secret is not pickled",
    "a {} holds secrets and is not pickled: make it anew where it is needed",
    "TLS ended without notice",  # in the place of OpenSSL's own words, which are English
    "a hook failed; the call goes on",  # a log
    "http://host:port or http://user:password@host:port",
    " through the proxy {}",  # a route, as logs and spans have it
    "environment variables {}*",
    "hongbao simulator - not WeChat", "hongbao simulator CA",  # names in certificates
    "hongbao simulator", "hongbao simulator platform",
    "# Written by the hongbao simulator at each start. Not a real merchant.\n",  # a file
}  # fmt: skip

_MARKS = {"say", "said", "said_in", "said_many", "say_many", "marked", "both", "counted", "Words"}
_HELP = {"optional", "argument", "command_group", "Place", "Typer", "Option", "Argument"}
_HELP_MADE = {"_text", "_rows", "_yuan", "_time"}  # which call the first two of these
_SENTENCE = re.compile(r"[A-Za-z][a-z']+,? [a-z]{2,}")


def written(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Texts with two words that no mark and no help has."""
    above = {part: node for node in ast.walk(tree) for part in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        text = as_text(node)
        if text is None or not _SENTENCE.search(text):
            continue
        around = list(up_from(node, above))
        if isinstance(around[0], ast.Expr | ast.JoinedStr):  # a docstring; a part of a text
            continue
        if not any(takes_sentences(it) for it in around):
            yield getattr(node, "lineno", 0), text


def as_text(node: ast.AST) -> str | None:
    """A text, with ``{}`` for its values."""
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(it.value) if isinstance(it, ast.Constant) else "{}" for it in node.values
        )
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def up_from(node: ast.AST, above: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    """What a node stands in, from the inside out."""
    while (outer := above.get(node)) is not None:
        yield outer
        node = outer


def takes_sentences(node: ast.AST) -> bool:
    """Whether what stands in it is marked, or is help."""
    if isinstance(node, ast.keyword):
        return node.arg == "help"
    if not isinstance(node, ast.Call):
        return False
    name = ast.unparse(node.func).rpartition(".")[2]
    return name in _MARKS | _HELP | _HELP_MADE


def test_every_sentence_for_people_is_marked() -> None:
    found = []
    for place in LOOKED_AT:
        path = SOURCE / place
        for module in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            name = module.relative_to(SOURCE).as_posix()
            if name not in LEFT_OUT:
                tree = ast.parse(module.read_text(encoding="utf-8"))
                found += [
                    f"{name}:{line}: {text}"
                    for line, text in written(tree)
                    if text not in NOT_FOR_PEOPLE
                ]
    assert found == [], "mark it by say() or said(), see hongbao.sentences"


def test_a_sentence_that_is_not_marked_is_found() -> None:
    tree = ast.parse(
        'def f(x):\n    """Do it."""\n    raise E(f"the row {x} is wrong", say("a row is"))'
    )
    assert list(written(tree)) == [(3, "the row {} is wrong")]
