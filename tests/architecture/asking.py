"""Which scopes each command asks, read from the source of the rules.

Follows every function that a command's rule names, and every method of what it is given, and
collects what is passed to `ask`. It may name a scope that a command asks only sometimes; a test
that plays every scenario shows that it misses none that was asked there.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from ledger.rights.decide import RULES_OF
from ledger.rights.scopes import SCOPES
from schemas.commands.base import Command
from schemas.commands.log import OpenLog
from tests.architecture.tree import Function, module_name, sources, syntax

Unit = tuple[str, str]
"""A module and a name in it: `("ledger.rights.keys", "confirm")`, or `"Facts.model"`."""

BEGINNINGS = {id(scope): beginning for beginning, scope in SCOPES.items()}


@dataclass
class Module:
    """What a module defines, and what its imported names mean."""

    names: dict[str, Unit] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)


def asked_by() -> dict[str, tuple[str, ...]]:
    """Return for each beginning of a scope's tags the commands that ask it, by name."""
    found: dict[str, list[str]] = {beginning: [] for beginning in SCOPES}
    for command in RULES_OF:
        for beginning in scopes_of(command):
            found[beginning].append(command.__name__)
    return {beginning: tuple(sorted(names)) for beginning, names in found.items()}


def scopes_of(command: type[Command]) -> set[str]:
    """Return the beginnings of the scopes that deciding a command may ask."""
    rule = RULES_OF[command]
    roots: list[Unit] = [(rule.__module__, rule.__qualname__)]
    if command is not OpenLog:
        roots += [("ledger.rights.decide", "decide"), ("ledger.rights.authority", "authorize")]
    seen: set[Unit] = set()
    found: set[str] = set()
    while roots:
        unit = roots.pop()
        if unit in seen:
            continue
        seen.add(unit)
        asks, named = _read(unit)
        found |= asks
        roots += named
    return found


@cache
def _modules() -> dict[str, Module]:
    found: dict[str, Module] = {}
    for path in sources("ledger/rights"):
        name = module_name(path)
        module = found[name] = Module()
        for node in syntax(path).body:
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    module.names[alias.asname or alias.name] = (node.module, alias.name)
            elif isinstance(node, Function):
                module.functions[node.name] = node
            elif isinstance(node, ast.ClassDef):
                module.classes[node.name] = node
                methods = (each for each in node.body if isinstance(each, Function))
                module.functions |= {f"{node.name}.{each.name}": each for each in methods}
    return found


@cache
def _read(unit: Unit) -> tuple[frozenset[str], tuple[Unit, ...]]:
    """Return what a function asks, and the functions that it names."""
    module, name = unit
    known = _modules().get(module)
    function = known.functions.get(name) if known else None
    if known is None or function is None:
        return frozenset(), ()
    asks: set[str] = set()
    named: list[Unit] = []
    held = _held(module, name, function)
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and _is_ask(node.func):
            asks |= _scope(module, node.args[0])
        elif isinstance(node, ast.Name):
            named += [unit for unit in (_resolve(module, node.id),) if unit]
        elif isinstance(node, ast.Attribute):
            named += _attribute(module, node, held)
    return frozenset(asks), tuple(named)


def _is_ask(called: ast.expr) -> bool:
    return isinstance(called, ast.Attribute) and called.attr in {"ask", "_ask"}


def _scope(module: str, argument: ast.expr) -> set[str]:
    """Return the beginning of the scope that a constant names; nothing for a variable."""
    if not isinstance(argument, ast.Name) or not argument.id.isupper():
        return set()
    where, name = _resolve(module, argument.id) or (module, argument.id)
    scope = getattr(__import__(where, fromlist=[name]), name)
    return {BEGINNINGS[id(scope)]}


def _resolve(module: str, name: str) -> Unit | None:
    """Follow a name through imports to where it is defined, within the rules."""
    known = _modules().get(module)
    if known is None:
        return None
    if name in known.functions or name in known.classes:
        return (module, name)
    if name not in known.names:
        return None
    where, inner = known.names[name]
    if f"{where}.{inner}" in _modules():
        return (f"{where}.{inner}", "")
    return _resolve(where, inner) or ((where, inner) if where in _modules() else None)


def _held(module: str, name: str, function: Function) -> dict[str, Unit]:
    """Return the classes of parameters, of what is made here, of `self` and of its fields."""
    held: dict[str, Unit] = {}
    for argument in (*function.args.args, *function.args.kwonlyargs):
        if unit := _annotated(module, argument.annotation):
            held[argument.arg] = unit
    for made in ast.walk(function):
        if isinstance(made, ast.Assign) and (unit := _made(module, made.value)):
            held |= {ast.unparse(target): unit for target in made.targets}
    owner = name.rpartition(".")[0]
    if owner:
        held["self"] = (module, owner)
        for row in _modules()[module].classes[owner].body:
            if isinstance(row, ast.AnnAssign) and (unit := _annotated(module, row.annotation)):
                held[f"self.{ast.unparse(row.target)}"] = unit
    return held


def _made(module: str, value: ast.expr) -> Unit | None:
    """Return the class of what is made by calling it."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return _resolve(module, value.func.id)
    return None


def _annotated(module: str, annotation: ast.expr | None) -> Unit | None:
    return _resolve(module, annotation.id) if isinstance(annotation, ast.Name) else None


def _attribute(module: str, node: ast.Attribute, held: dict[str, Unit]) -> Iterator[Unit]:
    """Yield what `facts.model`, `self._price` or `lookup.party` means."""
    owner = ast.unparse(node.value)
    plain = _resolve(module, owner) if owner.isidentifier() else None
    unit = held.get(owner) or _made(module, node.value) or plain
    if unit is not None:
        where, name = unit
        yield (where, f"{name}.{node.attr}" if name else node.attr)
