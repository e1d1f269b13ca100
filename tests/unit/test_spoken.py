"""Nothing that people see goes past the catalogue of messages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import crm_sync
from crm_sync import errors

CLI = Path(crm_sync.__file__).parent / "cli"
PACKAGE = CLI.parent
SHOWING = frozenset({"line", "confirm", "prompt", "echo", "secho", "working"})
ERRORS = frozenset(
    name
    for name, item in vars(errors).items()
    if isinstance(item, type) and issubclass(item, errors.UserError)
)


def words(node: ast.expr) -> str:
    """The words that a literal shows as they stand; texts in a call are somebody else's matter."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        texts = [node.value]
    elif isinstance(node, ast.JoinedStr):
        texts = [str(part.value) for part in node.values if isinstance(part, ast.Constant)]
    else:
        return ""
    return " ".join(re.findall(r"[^\W\d_]{3,}", " ".join(texts)))


def unspoken(source: str) -> Iterator[tuple[int, str]]:
    """Line and words of each text that is shown, or put into an error, untranslated."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        shows = isinstance(node.func, ast.Attribute) and node.func.attr in SHOWING
        fails = isinstance(node.func, ast.Name) and node.func.id in ERRORS
        for argument in node.args[: 2 if fails else 1]:
            if (shows or fails) and words(argument):
                yield node.lineno, words(argument)


def test_a_text_that_goes_past_the_catalogue_is_found() -> None:
    source = """
out.line("Nothing was found")
out.line(f"{count} rows were written")
raise NotFound("There is no such thing", N_("Try again."))
out.line(say(N_("Nothing was found")))
out.line(f"{count}: {text}", mark=("!", "red"))
"""
    assert [line for line, _ in unspoken(source)] == [2, 3, 4]


def test_no_text_goes_past_the_catalogue() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{line} {text}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if "sheet_server" not in path.parts
        for line, text in unspoken(path.read_text(encoding="utf-8"))
    ]
    assert found == []
