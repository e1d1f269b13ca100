"""The templates in the source that people see, and the catalogues that translate them.

`python -m tests.catalogue` brings every catalogue up to date: it adds templates with an empty
translation, drops those that are gone, and lists what is still to be translated.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

import crm_sync
from crm_sync.cli.commands import cli
from crm_sync.cli.help import spoken_texts

PACKAGE = Path(crm_sync.__file__).parent
LOCALE = PACKAGE / "locale"

HEADER = r"""# Messages for people. Renewed by: python -m tests.catalogue
msgid ""
msgstr ""
"Project-Id-Version: crm-sync\n"
"Language: {language}\n"
"Plural-Forms: {plurals}\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"""

Key = str | tuple[str, str]
"""A template, or a pair of one and many."""


@dataclass(frozen=True)
class Use:
    """A template and where it stands: "crm_sync/errors.py:12"."""

    key: Key
    place: str


class NotLiteral(ValueError):
    """A template that is put together in the code cannot be translated."""


def templates_in(source: str, name: str) -> Iterator[Use]:
    """Every template of a module: `N_("...")`, `x.text("...")`, `x.plural("...", "...", n)`."""
    tree = ast.parse(source)
    in_plural: set[int] = set()
    aliases = text_aliases(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        place = f"{name}:{node.lineno}"
        called = node.func.attr if isinstance(node.func, ast.Attribute) else None
        plain = node.func.id if isinstance(node.func, ast.Name) else None
        if called == "plural" and len(node.args) >= 3:
            forms = [literal(item) for item in node.args[:2]]
            in_plural |= {id(item) for item in node.args[:2]}
            if None not in forms:
                yield Use((str(forms[0]), str(forms[1])), place)
        elif plain == "N_":
            if id(node) in in_plural:
                continue
            text = literal(node)
            if text is None:
                raise NotLiteral(f"{place}: N_ takes one text as it is")
            yield Use(text, place)
        elif node.args and (called == "text" or plain in aliases):
            text = literal(node.args[0])
            # A template in N_ is met by itself.
            if text and not isinstance(node.args[0], ast.Call):
                yield Use(text, place)


def text_aliases(tree: ast.Module) -> set[str]:
    """Names that stand for `messages.text`: `say = messages.text`."""
    return {
        node.targets[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "text"
        and "messages" in ast.unparse(node.value.value)
    }


def literal(node: ast.expr) -> str | None:
    """The text of a literal, or of `N_` around one; None for anything else."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_":
        node = node.args[0]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def uses() -> dict[Key, list[str]]:
    """Every template of the program with its places, in the order of the files."""
    found: dict[Key, list[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE.parent).as_posix()
        for use in templates_in(path.read_text(encoding="utf-8"), name):
            found.setdefault(use.key, []).append(use.place)
    return found


def help_uses() -> dict[Key, list[str]]:
    """Every text of `--help` with the commands that say it."""
    found: dict[Key, list[str]] = {}
    for text, command in spoken_texts(cli):
        found.setdefault(text, []).append(command)
    return found


def catalogues() -> dict[str, Path]:
    """The catalogue of each language that has one."""
    return {path.parts[-3]: path for path in sorted(LOCALE.glob("*/LC_MESSAGES/crm_sync.po"))}


def read(path: Path, language: str) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language)


def renewed(old: Catalog, found: dict[Key, list[str]], language: str) -> Catalog:
    """The catalogue with exactly the templates found, translations kept."""
    new = Catalog(locale=language, charset="utf-8")
    known = {message.id: message.string for message in old if message.id}
    for key in found:
        new.add(key, known.get(key, ""))
    return new


def as_written(catalogue: Catalog) -> bytes:
    """The file of a catalogue, with a header of our own: babel's holds the time of day."""
    body = BytesIO()
    write_po(body, catalogue, width=98, omit_header=True, no_location=True, sort_output=True)
    header = HEADER.format(language=catalogue.locale, plurals=catalogue.plural_forms)
    return header.encode() + b"\n" + body.getvalue()


def main() -> None:
    """Renews all catalogues in place."""
    found = help_uses() | uses()
    for language, path in catalogues().items():
        catalogue = renewed(read(path, language), found, language)
        path.write_bytes(as_written(catalogue))
        empty = [item.id for item in catalogue if item.id and not is_translated(item.string)]
        print(f"{path}: {len(found)} templates, {len(empty)} to be translated")  # noqa: T201
        for key in empty:
            print(f"  {found[key][0]}  {key!r}")  # noqa: T201


def is_translated(string: object) -> bool:
    forms = string if isinstance(string, list | tuple) else (string,)
    return bool(forms) and all(forms)


if __name__ == "__main__":
    sys.exit(main())
