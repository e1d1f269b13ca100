"""The rules of the building: who may import whom, and what no module may contain.

`FLOORS` is the drawing of docs/contributing.md as data. Each rule is a function from a module to
what is wrong in it, and is itself tested on small sources, so that no rule can sleep unnoticed.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

import crm_sync

ROOT = Path(crm_sync.__file__).parent

FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"errors", "interrupts", "resources"}),
    frozenset({"core"}),
    frozenset({"model"}),
    frozenset(
        {
            "messages",
            "templates",
            "config",
            "ports",
            "reports",
            "demo_data",
            "exports",
            "sheet_server",
        },
    ),
    frozenset({"services", "store", "workbooks", "importers", "host"}),
    frozenset({"wiring"}),
    frozenset({"cli", "__main__"}),
)
# Neighbours that may see each other, in one direction only: each name may import those after it.
STAIRS = {
    "exports": frozenset({"reports"}),
    "config": frozenset({"templates", "messages"}),
    "templates": frozenset({"messages"}),
    "model": frozenset({"core"}),
    "__main__": frozenset({"cli"}),
}
# Only the wiring knows which store, workbooks, importers, server and timers there are.
ADAPTERS = frozenset({"store", "workbooks", "importers", "sheet_server", "host"})
# The server stands alone: it could be a project of its own.
ALONE = frozenset({"sheet_server"})

PURE = frozenset({"core", "model", "reports"})
IMPURE_MODULES = frozenset(
    {"gspread", "logging", "os", "random", "requests", "secrets", "shutil", "socket", "sqlite3"}
    | {"sqlite_utils", "subprocess", "tempfile", "threading", "time", "urllib.request"}
)
IMPURE_CALLS = frozenset({"open", "print", "input", "now", "today", "utcnow", "read_text"})

# Calls of gspread and of the API that repeat a write, guess a type or split text by themselves.
FORBIDDEN_NAMES = frozenset(
    {"append_row", "append_rows", "values_append", "SPREADSHEET_VALUES_APPEND_URL"}
    | {"get_all_records", "BackOffHTTPClient", "pasteData"}
)
DRAWERS = frozenset({"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc"})

MOST_LINES_IN_FILE = 400
MOST_LINES_IN_FUNCTION = 50


@dataclass(frozen=True)
class Module:
    """One source file, named as Python imports it: `crm_sync.store.records`."""

    name: str
    source: str
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @property
    def home(self) -> str:
        """The part of crm_sync it belongs to: `store`, or "" for the package itself."""
        return f"{self.name}.".split(".")[1]


def modules() -> list[Module]:
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        parts = ["crm_sync", *path.relative_to(ROOT).with_suffix("").parts]
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        found.append(Module(name, path.read_text(encoding="utf-8"), is_package))
    return found


def imported(module: Module) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) of each import, also those in functions and by import_module."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = absolute(module, node)
            # `from crm_sync import store` names the part, `from crm_sync.store import x` a thing.
            names = [f"{source}.{alias.name}" for alias in node.names]
            yield from ((node.lineno, name) for name in names)
        elif isinstance(node, ast.Call) and called(node) in {"import_module", "__import__"}:
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield node.lineno, first.value


def absolute(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module.name.split(".")
    up = node.level - module.is_package
    return ".".join([*package[: len(package) - up], *([node.module] if node.module else [])])


def called(node: ast.Call) -> str:
    """Return the last name of what is called: `now` for `datetime.now()`."""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def floor_of(home: str) -> int | None:
    return next((number for number, floor in enumerate(FLOORS) if home in floor), None)


def imports_upward_or_sideways(module: Module) -> Iterator[str]:
    if not module.home:
        return
    floor = floor_of(module.home)
    if floor is None:
        yield f"{module.name} is on no floor: give `{module.home}` one in tests/test_layers.py"
        return
    parts = frozenset().union(*FLOORS)
    for line, name in imported(module):
        root, target, *_ = [*name.split("."), ""]
        if root != "crm_sync" or target not in parts or target == module.home:
            continue
        if not may_import(module.home, target):
            yield f"{module.name}:{line} must not import crm_sync.{target}"


def may_import(home: str, target: str) -> bool:
    if home in ALONE or (target in ADAPTERS and home != "wiring"):
        return False
    if target in STAIRS.get(home, ()):
        return True
    own, other = floor_of(home), floor_of(target)
    assert own is not None
    assert other is not None
    return other < own


def impurities(module: Module) -> Iterator[str]:
    if module.home not in PURE:
        return
    for line, name in imported(module):
        if any(f"{name}.".startswith(f"{impure}.") for impure in IMPURE_MODULES):
            yield f"{module.name}:{line} is pure and must not import {name}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and called(node) in IMPURE_CALLS:
            yield f"{module.name}:{node.lineno} is pure and must not call {called(node)}()"


def broad_catches(module: Module) -> Iterator[str]:
    """Catching all and raising it again loses nothing; every other broad catch does."""
    if module.name == "crm_sync.cli.main":
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler):
            caught = names_in(node.type) if node.type else {"BaseException"}
            raised_again = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            if "Exception" in caught or ("BaseException" in caught and not raised_again):
                yield f"{module.name}:{node.lineno} catches every error"
        elif (
            isinstance(node, ast.Call)
            and called(node) == "suppress"
            and names_in(node) & {"Exception", "BaseException"}
        ):
            yield f"{module.name}:{node.lineno} suppresses every error"


def names_in(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def forbidden_calls(module: Module) -> Iterator[str]:
    if module.home == "sheet_server":
        return
    prose = {id(node) for node in docstring_nodes(module.tree)}
    for node in ast.walk(module.tree):
        name = ""
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name) | ast.alias(name=name):
                name = name if name in FORBIDDEN_NAMES else ""
            case ast.keyword(arg=str(name)):
                name = name if name in FORBIDDEN_NAMES else ""
            case ast.Constant(value=str(text)) if id(node) not in prose:
                name = text if text in FORBIDDEN_NAMES or ":append" in text else ""
            case ast.Call() if is_values_append(node):
                name = "values().append"
        if name:
            yield f"{module.name}:{getattr(node, 'lineno', '?')} uses {name}"


def is_values_append(node: ast.Call) -> bool:
    """A list called `values` may grow; Google's `spreadsheets().values().append()` may not."""
    inner = getattr(node.func, "value", None)
    return called(node) == "append" and isinstance(inner, ast.Call) and called(inner) == "values"


def docstring_nodes(tree: ast.Module) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        match getattr(node, "body", None):
            case [ast.Expr(value=ast.Constant() as text), *_]:
                yield text


def sizes_over_the_limit(module: Module) -> Iterator[str]:
    lines = len(module.source.splitlines())
    if lines > MOST_LINES_IN_FILE:
        yield f"{module.name} has {lines} lines, {MOST_LINES_IN_FILE} are the most"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MOST_LINES_IN_FUNCTION:
                yield f"{module.name}.{node.name} has {length} lines, {MOST_LINES_IN_FUNCTION} may"


def names_that_say_nothing(module: Module) -> Iterator[str]:
    if DRAWERS & set(module.name.split(".")):
        yield f"{module.name} does not say what is in it"


def code_in_package_init(module: Module) -> Iterator[str]:
    if not module.is_package:
        return
    allowed = {"__all__"} | ({"__version__"} if module.name == "crm_sync" else set())
    for node in module.tree.body:
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_named = isinstance(node, ast.Assign) and all(
            isinstance(target, ast.Name) and target.id in allowed for target in node.targets
        )
        if not (isinstance(node, ast.Import | ast.ImportFrom) or is_docstring or is_named):
            yield f"{module.name}/__init__.py:{node.lineno} holds code"


RULES: tuple[Callable[[Module], Iterator[str]], ...] = (
    imports_upward_or_sideways,
    impurities,
    broad_catches,
    forbidden_calls,
    sizes_over_the_limit,
    names_that_say_nothing,
    code_in_package_init,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_no_module_breaks_the_rule(rule: Callable[[Module], Iterator[str]]) -> None:
    assert [fault for module in modules() for fault in rule(module)] == []


def test_each_package_has_an_init_so_that_it_is_installed_and_checked() -> None:
    folders = {path.parent for path in ROOT.rglob("*.py")}
    assert sorted(str(folder) for folder in folders if not (folder / "__init__.py").exists()) == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("crm_sync.core.merge", "from crm_sync.store.records import read"),
        ("crm_sync.core.merge", "from crm_sync.model import Client"),
        ("crm_sync.core.merge", "from crm_sync import store"),
        ("crm_sync.core.merge", "from ..services import sync"),
        ("crm_sync.core.merge", "def late():\n    import crm_sync.ports"),
        ("crm_sync.core.merge", "import importlib\nimportlib.import_module('crm_sync.cli')"),
        ("crm_sync.errors", "from crm_sync.core import grid"),
        ("crm_sync.services.sync", "from crm_sync.store import records"),
        ("crm_sync.services.sync", "from crm_sync.sheet_server import server"),
        ("crm_sync.store.records", "from crm_sync.workbooks import google"),
        ("crm_sync.reports.periods", "from crm_sync.ports import Store"),
        ("crm_sync.messages", "from crm_sync.templates import load"),
        ("crm_sync.templates", "from crm_sync.config import Config"),
        ("crm_sync.sheet_server.grid", "from crm_sync.errors import UserError"),
        ("crm_sync.cli.sync", "from crm_sync.store import records"),
        ("crm_sync.wiring", "from crm_sync.cli import main"),
        ("crm_sync.billing", "x = 1"),
    ],
)
def test_import_of_a_neighbour_or_a_floor_above_is_found(name: str, source: str) -> None:
    assert len(list(imports_upward_or_sideways(Module(name, source)))) == 1


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("crm_sync.core.merge", "import decimal\nfrom crm_sync.core.grid import Grid"),
        ("crm_sync.core.merge", "from . import grid\nfrom crm_sync.errors import UserError"),
        ("crm_sync.model.client", "from crm_sync.core.grid import Grid"),
        ("crm_sync.config", "from crm_sync.templates import load\nimport crm_sync.messages"),
        ("crm_sync.services.sync", "from crm_sync.ports import Store\nimport crm_sync"),
        ("crm_sync.wiring", "from crm_sync.store import records\nimport crm_sync.sheet_server"),
        ("crm_sync.cli.sync", "from crm_sync import wiring, __version__"),
    ],
)
def test_import_of_a_floor_below_is_allowed(name: str, source: str) -> None:
    assert list(imports_upward_or_sideways(Module(name, source))) == []


def test_relative_import_in_a_package_init_counts_from_the_package_itself() -> None:
    inside = Module("crm_sync.core", "from .merge import merge", is_package=True)
    outside = Module("crm_sync.core", "from ..store import records", is_package=True)
    assert list(imports_upward_or_sideways(inside)) == []
    assert len(list(imports_upward_or_sideways(outside))) == 1


@pytest.mark.parametrize(
    ("rule", "name", "source"),
    [
        (impurities, "crm_sync.core.ids", "import random"),
        (impurities, "crm_sync.reports.due", "from datetime import date\nx = date.today()"),
        (impurities, "crm_sync.model.client", "def f(p):\n    return open(p)"),
        (broad_catches, "crm_sync.store.db", "try:\n    f()\nexcept Exception:\n    raise"),
        (
            broad_catches,
            "crm_sync.store.db",
            "try:\n    f()\nexcept (OSError, Exception):\n    g()",
        ),
        (broad_catches, "crm_sync.store.db", "try:\n    f()\nexcept:\n    g()"),
        (broad_catches, "crm_sync.store.db", "with suppress(Exception):\n    g()"),
        (forbidden_calls, "crm_sync.workbooks.google", "sheet.append_row([1])"),
        (forbidden_calls, "crm_sync.workbooks.google", "from gspread import BackOffHTTPClient"),
        (forbidden_calls, "crm_sync.workbooks.google", "request = {'pasteData': {}}"),
        (forbidden_calls, "crm_sync.workbooks.google", "request = dict(pasteData={})"),
        (forbidden_calls, "crm_sync.workbooks.google", "url = f'{base}/values/{cells}:append'"),
        (forbidden_calls, "crm_sync.workbooks.google", "api.values().append(body=rows)"),
        (sizes_over_the_limit, "crm_sync.core.grid", "x = 1\n" * 401),
        (sizes_over_the_limit, "crm_sync.core.grid", "def f():\n" + "    x = 1\n" * 50),
        (names_that_say_nothing, "crm_sync.core.utils", "x = 1"),
        (names_that_say_nothing, "crm_sync.common.dates", "x = 1"),
    ],
)
def test_rule_finds_its_fault(
    rule: Callable[[Module], Iterator[str]], name: str, source: str
) -> None:
    assert len(list(rule(Module(name, source)))) == 1


@pytest.mark.parametrize(
    ("rule", "name", "source"),
    [
        (impurities, "crm_sync.services.sync", "import time"),
        (impurities, "crm_sync.core.ids", "import hashlib\nfrom datetime import date"),
        (broad_catches, "crm_sync.cli.main", "try:\n    f()\nexcept Exception:\n    g()"),
        (broad_catches, "crm_sync.store.db", "try:\n    f()\nexcept BaseException:\n    raise"),
        (broad_catches, "crm_sync.store.db", "try:\n    f()\nexcept OSError:\n    g()"),
        (forbidden_calls, "crm_sync.core.grid", "values = []\nvalues.append(1)"),
        (forbidden_calls, "crm_sync.core.grid", '"""Never pasteData or :append."""'),
        (forbidden_calls, "crm_sync.sheet_server.batch", "kinds = {'pasteData': 1}"),
        (sizes_over_the_limit, "crm_sync.core.grid", "x = 1\n" * 400),
        (sizes_over_the_limit, "crm_sync.core.grid", "def f():\n" + "    x = 1\n" * 49),
        (names_that_say_nothing, "crm_sync.model.manager_name", "x = 1"),
    ],
)
def test_rule_leaves_what_is_right(
    rule: Callable[[Module], Iterator[str]], name: str, source: str
) -> None:
    assert list(rule(Module(name, source))) == []


def test_code_in_a_package_init_is_found_and_names_handed_on_are_not() -> None:
    handed_on = '"""What it is."""\nfrom crm_sync.core.merge import merge\n__all__ = ["merge"]'
    assert list(code_in_package_init(Module("crm_sync.core", handed_on, is_package=True))) == []
    for source in ("LIMIT = 5", "def f():\n    pass", "__version__ = '1'"):
        assert len(list(code_in_package_init(Module("crm_sync.core", source, True)))) == 1
