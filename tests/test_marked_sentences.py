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
LOOKED_AT = [
    *("cli", "client", "checkpoint", "business_key.py", "simulator/folder"),
    *("campaign", "configuration", "dispatch", "engine", "ledger", "reconcile", "views"),
]
"""Who speaks to people. What others mark, the catalogues hold as well."""
LEFT_OUT = {
    "cli/examples.py": "command lines",
    "cli/send.py": "the help of options, which is walked with all other help",
    "campaign/report/workbook.py": "XML",
    "configuration/example.py": "a file of settings",
    "views/explanation.py": "both languages beside each other",
    "ledger/audits/audit_signatures.py": "what signatures are over",
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
    "withdraw approval", "stop all", "resume all", "merchant set", "merchant ask",  # what is signed
    "merchant accept", "merchant decline", "send now", "cancel payout", "declare dead",
    "store list", "begin standing", "operator add", "operator revoke", "hongbao decision 1",
    "complete with refusals", "in doubt", "awaiting users", "day limit", "user limit",  # phases
    "hongbao books", "hongbao ahead", "all rows are in order",  # threads, an assertion
    "nothing new",  # an outcome of documents
    "WeChat's notification",  # who asked, in the history
    "at least {low} fen", "at most {most} fen", "at most {most} fen as a red packet",  # in yuan,
    "from {low} to {high} fen unless a scene_id is given",  # too, and marked there
    "from {low} to {high} fen for {people} people unless a scene_id is given",
    "below {most} fen without the receiver's real name in the column user_name (收款人姓名)",
    "at least {low} fen with a name in the column user_name: below, WeChat takes none",
    "a whole number of fen from {low} to {high}", "a whole number from {low} to {high}",
    "row larger than that", "unexpected end of data", "field larger",  # the csv module's own words
    "at line [0-9]+, column [0-9]+|at end of document",
    '(id, merchant_id, campaign_id, "row", key, kind, payee, amount, people, terms_id, billno)',
    "Lines({} from row {})", "RowColumns of {} rows", "module {} has no attribute {}",
    "hongbao campaign extend {} {} ...", "hongbao campaign new {} {} --name {} ...",
    "returned of {}",  # the name of a list
    "# Written by the hongbao simulator at each start. Not a real merchant.\n",  # a file
}  # fmt: skip

_OF_PROGRAMS = re.compile(
    r"\b(SELECT|INSERT|UPDATE|FROM|WITH ORDINALITY|coalesce|unnest|json_each|set_config)\b|<\w+ |"
    r"^(tuple|list|Callable)\[|%s|^\{\}"
)
"""Statements of SQL, XML, types, and what logs say."""
_MARKS = {"say", "said", "said_in", "said_many", "say_many", "marked", "both", "counted", "Words"}
_HELP = {"optional", "argument", "command_group", "Place", "Typer", "Option", "Argument"}
_HELP_MADE = {"_text", "_rows", "_yuan", "_time"}  # which call the first two of these
_SENTENCE = re.compile(r"[A-Za-z][a-z']+,? [a-z]{2,}")


def written(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Texts with two words that no mark and no help has."""
    above = {part: node for node in ast.walk(tree) for part in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        text = as_text(node)
        if text is None or not _SENTENCE.search(text) or _OF_PROGRAMS.search(text):
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
