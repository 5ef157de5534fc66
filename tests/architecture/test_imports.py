"""IMPORTS: the one-way order holds, nothing goes in a circle, and rules ask nobody for the time.

`.importlinter` has the contracts, each with its sentence; `make check` runs them too.
"""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp

from tests.architecture.tree import PACKAGES, ROOT, module_name, place, sources, syntax

PURE = ("schemas", "ledger/rights", "ledger/evidence")
"""What decides alike wherever and whenever it runs."""

CHANCE_AND_CLOCKS = {
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "date.today",
    "dt.datetime.now",
    "os.urandom",
    "time.monotonic",
    "time.time",
    "time.time_ns",
    "uuid.uuid1",
    "uuid.uuid4",
}
"""Calls whose answer nobody can repeat."""

MAKERS = {
    "schemas.ids.new_id",
    "schemas.commitments.new_salt",
    "schemas.drafts.draft",
    "schemas.envelope.keys.SigningKey.generate",
}
"""Makers of ids, salts, names of files and keys: the edge calls them, decisions never do."""

DISTRIBUTIONS = {
    "botocore": "boto3",  # pinned by it, and part of its contract
    "c2pa": "c2pa-python",
    "kafka": "kafka-python",
    "nacl": "pynacl",
    "opentelemetry": "opentelemetry-api",
    "prometheus_client": "prometheus-client",
    "psycopg_pool": "psycopg-pool",
    "stdnum": "python-stdnum",
    "yaml": "pyyaml",
    "multipart": "python-multipart",
    # pydantic pins this one exactly, and offers `PydanticCustomError` from nowhere else.
    "pydantic_core": "pydantic",
}
"""Distributions that have another name than what they install."""


def test_every_contract_is_kept() -> None:
    # In a process of its own: it disables every logger that is there.
    program = Path(sys.executable).with_name("lint-imports")
    command = [str(program), "--config", str(ROOT / ".importlinter"), "--no-cache", "--no-logo"]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)  # noqa: S603 - ours
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_module_imports_itself_by_a_detour() -> None:
    graph = grimp.build_graph(*PACKAGES, cache_dir=None, exclude_type_checking_imports=True)
    left = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    while True:
        wanted = set().union(*left.values())
        ends = {name for name in left if not left[name] & left.keys() or name not in wanted}
        if not ends:
            break
        left = {name: below for name, below in left.items() if name not in ends}
    assert not sorted(left), "each of these imports itself by way of another"


def test_rules_ask_no_clock_and_no_chance() -> None:
    found = [
        f"{place(path, line)} {call}"
        for folder in PURE
        for path in sources(folder)
        for scope, call, line in _calls(path)
        if (call in CHANCE_AND_CLOCKS or call.startswith(("random.", "secrets.")))
        and f"{module_name(path)}.{scope}" not in MAKERS
    ]
    assert not found, "the instant and all randomness are given to them"


def test_rules_call_no_maker() -> None:
    names = {maker.rpartition(".")[2] for maker in MAKERS}
    found = [
        f"{place(path, line)} {call}"
        for folder in ("ledger/rights", "ledger/evidence")
        for path in sources(folder)
        for _, call, line in _calls(path)
        if call.rpartition(".")[2] in names
    ]
    assert not found


def test_every_package_that_is_imported_is_declared_and_the_other_way_round() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    shipped = [*project["dependencies"]]
    for extra in ("generation", "service", "production"):
        shipped += extras[extra]
    declared = _distributions(shipped)
    imported = {
        DISTRIBUTIONS.get(name, name)
        for path in sources()
        for name in _imported(path)
        if name not in sys.stdlib_module_names and name not in PACKAGES
    }
    assert imported - declared == set(), "imported, and not declared"
    assert declared - imported == {
        "crc32c",  # kafka-python checks sums with it where it is there
        "opentelemetry-exporter-otlp-proto-http",  # part of the package opentelemetry
        "opentelemetry-sdk",  # likewise
        "psycopg-binary",  # psycopg's own half in C, with libpq
        "httptools",  # uvicorn reads HTTP with it
        "python-multipart",  # FastAPI reads uploads with it
        "tzdata",  # zoneinfo reads it where the machine has no zones of its own
    }, "declared, and imported nowhere"


def _distributions(rows: list[str]) -> set[str]:
    return {row.partition("==")[0].partition("[")[0] for row in rows}


def _calls(path: Path) -> list[tuple[str, str, int]]:
    """Return every call as (the function or class it stands in, what is called, line)."""
    found: list[tuple[str, str, int]] = []

    def walk(node: ast.AST, scope: str) -> None:
        for child in ast.iter_child_nodes(node):
            inner = scope
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inner = f"{scope}.{child.name}" if scope else child.name
            if isinstance(child, ast.Call):
                found.append((scope, ast.unparse(child.func), child.lineno))
            walk(child, inner)

    walk(syntax(path), "")
    return found


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names
