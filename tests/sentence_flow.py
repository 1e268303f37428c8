"""Where sentences flow in the source: what makes them, and what takes them apart.

A `Sentence` is an English string that can be said in Chinese. An f-string, ``str.join`` and ``+``
make a plain string of it, which nobody can say in Chinese any more. mypy sees strings in all of
these, so the names are followed here: through assignments, arguments, results and properties.
What has several meanings under one name (a method, an attribute) counts if all of them do.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

Place: TypeAlias = tuple[str, str]
"""A module, and what is defined in it: ``name`` or ``Class.name``."""

_PLAIN_RESULTS = {"bool", "int", "float", "bytes", "None"}
_PASSING = {"list", "tuple", "sorted", "reversed", "set"}
_PROPERTIES = {"property", "cached_property"}


class Function(NamedTuple):
    """A function, with the parts of it that are looked at again and again.

    Attributes:
        place: where it is defined.
        node: its definition.
        own: all that is in it.
        bound: the names that it gives to what.
        results: what it returns.
        calls: the calls with arguments in it.
    """

    place: Place
    node: ast.FunctionDef | ast.AsyncFunctionDef
    own: list[ast.AST]
    bound: list[tuple[str, ast.expr]]
    results: list[ast.expr]
    calls: list[ast.Call]

    @classmethod
    def of(cls, place: Place, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Function:
        """Take a definition apart."""
        own = list(ast.walk(node))
        return cls(
            place, node, own,
            bound=[pair for it in own for pair in _bindings(it)],
            results=[
                it.value for it in own
                if isinstance(it, ast.Return | ast.Yield | ast.YieldFrom) and it.value is not None
            ],
            calls=[it for it in own if isinstance(it, ast.Call) and (it.args or it.keywords)],
        )  # fmt: skip

    @property
    def result(self) -> str:
        """The annotation of what it returns."""
        return "" if self.node.returns is None else ast.unparse(self.node.returns)

    @property
    def is_property(self) -> bool:
        """Whether it is read like an attribute."""
        return any(ast.unparse(it) in _PROPERTIES for it in self.node.decorator_list)

    @property
    def names(self) -> list[str]:
        """Its parameters by place."""
        given = self.node.args
        return [it.arg for it in (*given.posonlyargs, *given.args)]


class Module:
    """A module of the source."""

    def __init__(self, name: str, path: Path) -> None:
        self.name, self.path = name, path
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.imports: dict[str, Place] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                self.imports |= {it.asname or it.name: (node.module, it.name) for it in node.names}

        self.functions = list(self._functions())

    def _functions(self) -> Iterator[Function]:
        for node in self.tree.body:
            inside = node.body if isinstance(node, ast.ClassDef) else [node]
            within = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
            for it in inside:
                if isinstance(it, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield Function.of((self.name, within + it.name), it)


class Flow:
    """What makes a kind of text in the source, found by following it from where it begins.

    Args:
        modules: the source.
        roots: the functions that make it.
        ends: the functions that make something else of it.
        annotation: the type of it, if it has one of its own.
    """

    def __init__(
        self, modules: Mapping[str, Module], roots: set[Place], ends: set[Place], annotation: str
    ) -> None:
        self._modules, self._ends, self._annotation = modules, ends, annotation
        self.made = set(roots)
        self._given: set[tuple[Place, str]] = set()
        self._constants: set[Place] = set()
        self.functions = {it.place: it for of in modules.values() for it in of.functions}
        self._methods: dict[str, set[Place]] = defaultdict(set)
        for place in self.functions:
            if "." in place[1]:
                self._methods[place[1].rpartition(".")[2]].add(place)
        self._fields = _fields(modules.values(), annotation)
        before = -1
        while before != (before := self._known()):
            for module in modules.values():
                self._follow_constants(module)
            for function in self.functions.values():
                self._follow(function)

    def _known(self) -> int:
        return len(self.made) + len(self._given) + len(self._constants)

    def _follow_constants(self, module: Module) -> None:
        for node in module.tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign):
                self._constants |= {
                    (module.name, name)
                    for name, value in _bindings(node)
                    if self.makes(module.name, value, set())
                }

    def _follow(self, function: Function) -> None:
        module = function.place[0]
        known = self.known_in(function)
        made = function.result == self._annotation != "" or any(
            self.makes(module, it, known) for it in function.results
        )
        for call in function.calls:
            self._give(module, call, known)
        if made and function.result not in _PLAIN_RESULTS and function.place not in self._ends:
            self.made.add(function.place)

    def _give(self, module: str, call: ast.Call, known: set[str]) -> None:
        called = self.functions.get(self.called(module, call.func) or ("", ""))
        if called is None:
            return
        by_place = dict(zip(called.names, call.args, strict=False))
        by_name = {it.arg: it.value for it in call.keywords if it.arg}
        for name, value in (by_place | by_name).items():
            if self.makes(module, value, known):
                self._given.add((called.place, name))

    def known_in(self, function: Function) -> set[str]:
        """The local names that hold it."""
        given = function.node.args
        known = {
            it.arg
            for it in (*given.posonlyargs, *given.args, *given.kwonlyargs)
            if (function.place, it.arg) in self._given
            or (it.annotation is not None and ast.unparse(it.annotation) == self._annotation)
        }
        for _ in range(2):
            known |= {
                name
                for name, value in function.bound
                if self.makes(function.place[0], value, known)
            }
        return known

    def called(self, module: str, function: ast.expr) -> Place | None:
        """Where a function that is called is defined; None if its name does not say so."""
        if isinstance(function, ast.Name):
            place = (module, function.id)
            return (
                place if place in self.functions else self._modules[module].imports.get(function.id)
            )
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            package, name = self._modules[module].imports.get(function.value.id, ("", ""))
            inside = f"{package}.{name}"
            return (inside, function.attr) if inside in self._modules else None
        return None

    def makes(self, module: str, value: ast.AST, known: set[str]) -> bool:
        """Whether an expression is it, or a container of it."""
        match value:
            case ast.Name():
                place = self._modules[module].imports.get(value.id, (module, value.id))
                return value.id in known or place in self._constants
            case ast.Call():
                return self._call_makes(module, value, known)
            case ast.Attribute():
                return self._is_field(value.attr)
            case ast.IfExp():
                parts: Iterable[ast.AST] = (value.body, value.orelse)
            case ast.BoolOp():
                parts = value.values
            case ast.NamedExpr() | ast.Subscript() | ast.Starred() | ast.DictComp():
                parts = [value.value]
            case ast.List() | ast.Set():
                parts = value.elts
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                parts = [value.elt]
            case ast.Dict() if value.values:
                return all(self.makes(module, it, known) for it in value.values)
            case _:
                return False
        return any(self.makes(module, it, known) for it in parts)

    def _call_makes(self, module: str, call: ast.Call, known: set[str]) -> bool:
        place = self.called(module, call.func)
        if place is not None:
            return place in self.made
        if isinstance(call.func, ast.Name) and call.func.id in _PASSING:
            return any(self.makes(module, it, known) for it in call.args)
        if not isinstance(call.func, ast.Attribute):
            return False
        if call.func.attr in {"get", "values", "copy", "pop"}:
            return self.makes(module, call.func.value, known)
        methods = self._methods.get(call.func.attr, set())
        return bool(methods) and methods <= self.made

    def _is_field(self, name: str) -> bool:
        properties = {it for it in self._methods.get(name, ()) if self.functions[it].is_property}
        fields = self._fields.get(name, set())
        return bool(properties or fields) and properties <= self.made and fields <= {True}


def _fields(modules: Iterable[Module], annotation: str) -> dict[str, set[bool]]:
    """For each name of a field of a class: whether it is annotated so, wherever there is one."""
    found: dict[str, set[bool]] = defaultdict(set)
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                for it in ast.walk(node):
                    if isinstance(it, ast.AnnAssign) and isinstance(it.target, ast.Name):
                        found[it.target.id].add(ast.unparse(it.annotation) == annotation != "")
                    elif isinstance(it, ast.Attribute) and isinstance(it.ctx, ast.Store):
                        found[it.attr].add(False)
    return found


def _bindings(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The names that a statement or a part of one gives to what, and to the parts of what."""
    match node:
        case ast.Assign():
            pairs = [(target, node.value) for target in node.targets]
        case ast.AnnAssign() | ast.AugAssign() | ast.NamedExpr() if node.value is not None:
            pairs = [(node.target, node.value)]
        case ast.For() | ast.comprehension():
            pairs = [(node.target, node.iter)]
        case ast.Call(func=ast.Attribute(attr="append" | "extend", value=target), args=[it]):
            pairs = [(target, it)]
        case _:
            return
    for target, value in pairs:
        if isinstance(target, ast.Name):
            yield target.id, value
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for one, part in zip(target.elts, value.elts, strict=False):
                if isinstance(one, ast.Name):
                    yield one.id, part
