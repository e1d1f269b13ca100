"""TOML files that people write, read with the line of each key, or the fault of syntax in them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeAlias

from crm_sync.core.values import N_
from crm_sync.messages.phrase import Phrase

Place: TypeAlias = tuple[str | int, ...]
"""A key's way from the top of the file: ("workbooks", 0, "name"); indices are zero-based."""


@dataclass(frozen=True)
class Document:
    """A TOML file that could be read, and its text.

    `elsewhere` says where values come from that the file does not hold.
    """

    data: Mapping[str, Any]
    text: str = field(repr=False)
    elsewhere: Mapping[Place, Phrase] = field(default_factory=dict)

    @cached_property
    def lines(self) -> Mapping[Place, int]:
        """The one-based line on which each key or section stands."""
        return dict(_lines(self.text))

    def place(self, place: Place) -> Phrase:
        """Where a key stands, as a phrase: its line, and the key as people write it."""
        if place in self.elsewhere:
            return self.elsewhere[place]
        name = "".join(
            f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place
        ).lstrip(".")
        if line := self.line(place):
            return Phrase(N_("line {line}, {key}"), {"line": line, "key": name})
        return Phrase("{key}", {"key": name})

    def line(self, place: Place) -> int:
        """The line of a key or, if it is missing, of the section it belongs to; else 0."""
        return next(
            (
                self.lines[place[:depth]]
                for depth in range(len(place), 0, -1)
                if place[:depth] in self.lines
            ),
            0,
        )


def parse(content: bytes) -> Document | Phrase:
    """The document, or the one fault of syntax that ended the reading."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return Phrase(N_("line {line}: the file is not UTF-8. Save it as UTF-8."), {"line": line})
    text = text.replace("\r\n", "\n")
    try:
        return Document(tomllib.loads(text), text)
    except tomllib.TOMLDecodeError as error:
        return _syntax_fault(str(error), text)


_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]")
_KEY: Final = re.compile(r"\s*([\w.\-\"' ]+?)\s*=")


def _lines(text: str) -> Iterator[tuple[Place, int]]:
    """Place and line of each section and key. Only for showing: a text over several lines that
    looks like keys may add places that nobody asks for.
    """
    section: Place = ()
    counts: dict[Place, int] = {}
    seen: set[Place] = set()
    for number, line in enumerate(text.split("\n"), 1):
        place: Place
        if header := _HEADER.match(line):
            section = _section(_parts(header[2]), counts, is_array=header[1] == "[[")
            place = section
        elif key := _KEY.match(line):
            place = (*section, *_parts(key[1]))
        else:
            continue
        if place not in seen:
            seen.add(place)
            yield place, number


def _section(names: tuple[str, ...], counts: dict[Place, int], *, is_array: bool) -> Place:
    """The place of a section; a part of it that is an array stands for the array's last entry."""
    place: Place = ()
    for name in names[:-1]:
        place = (*place, name)
        if place in counts:
            place = (*place, counts[place])
    place = (*place, names[-1])
    if is_array:
        counts[place] = counts.get(place, -1) + 1
        place = (*place, counts[place])
    return place


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in name.split("."))


_SYNTAX: Final = (
    (r"Unescaped|Invalid hex", N_("a path with \\ stands in single quotes: {path}")),
    (r"Cannot (declare|overwrite|mutate)", N_("this key or section stands here a second time.")),
    (r"Unterminated|'\\n'|Expected \"'\"", N_("the closing quote is missing.")),
    (r"Unclosed", N_("the closing bracket is missing, here or above.")),
    (r"Expected '='", N_("after the key comes = and then its value.")),
    (
        r"Invalid value",
        N_("this is no value: texts stand in quotes, yes and no are true and false."),
    ),
    (r"Expected newline", N_("there is more on this line than one key with its value.")),
    (r"Expected '\]|Invalid", N_("this is neither a key with its value nor a [section].")),
)
"""What to say by tomllib's own message; the first that fits."""


def _syntax_fault(message: str, text: str) -> Phrase:
    found = re.search(r"\(at line (\d+), column (\d+)\)", message)
    number = int(found[1]) if found else text.rstrip().count("\n") + 1
    line = text.split("\n")[number - 1].strip()
    what = Phrase(N_("this cannot be read as TOML."))
    for pattern, template in _SYNTAX:
        if re.search(pattern, message):
            what = Phrase(template, {"path": r"'C:\crm\crm.db'"})
            break
    shortened = line if len(line) <= 60 else line[:59] + "…"
    facts = {"line": number, "text": shortened, "what": what}
    return Phrase(N_("line {line} ({text}): {what}"), facts)
