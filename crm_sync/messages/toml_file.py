"""TOML files that people write: read and checked, with all that is wrong in them as phrases.

Each fault says where (line and key), what stands there, and what would be right.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeAlias, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from crm_sync.core.values import N_
from crm_sync.messages.phrase import Phrase, Phrases

Place: TypeAlias = tuple[str | int, ...]
"""A key's way from the top of the file: ("workbooks", 0, "name"); indices are zero-based."""

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Document:
    """A TOML file that could be read, and its text."""

    data: dict[str, Any]
    text: str = field(repr=False)
    elsewhere: Mapping[Place, Phrase] = field(default_factory=dict)
    """Where values come from that the file does not hold."""

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


def check(
    model: type[Model],
    document: Document,
    hints: Mapping[str, str] | None = None,
    context: Mapping[str, Any] | None = None,
) -> Model | tuple[Phrase, ...]:
    """The document as a model, or all its faults in the order of the file.

    `hints` are templates that say what a key should hold, by key without indices
    ("workbooks.name"); `context` is handed to the model's validators.
    """
    try:
        return model.model_validate(document.data, context=dict(context or {}))
    except ValidationError as error:
        faults = [
            fault
            for item in error.errors()
            for fault in _faults(_Fault(document, model, item, hints or {}))
        ]
        return tuple(phrase for _, phrase in sorted(faults, key=lambda fault: fault[0]))


def wrong(template: str, **facts: object) -> PydanticCustomError:
    """The error for a validator to raise; its template is said to people as it is."""
    return PydanticCustomError("wrong", "wrong", {"phrase": Phrase(template, facts)})


def all_wrong(faults: Iterable[tuple[Place, Phrase]]) -> PydanticCustomError:
    """The error for a validator that found several faults, each with its place in the file."""
    return PydanticCustomError("wrong", "wrong", {"faults": tuple(faults)})


def nearest(word: object, words: Iterable[str]) -> str:
    """The one of the words that was probably meant, "" if none is like it."""
    by_fold = {item.casefold(): item for item in words}
    found = difflib.get_close_matches(str(word).casefold(), by_fold, n=1, cutoff=0.7)
    return by_fold[found[0]] if found else ""


def _faults(fault: _Fault) -> Iterator[tuple[int, Phrase]]:
    """Line and words of one error of pydantic, which may stand for several faults."""
    document = fault.document
    found = fault.error.get("ctx", {}).get("faults")
    if found is None:
        yield document.line(fault.place), fault.phrase
        return
    for place, what in found:
        facts = {"place": document.place(place), "what": what}
        yield document.line(place), Phrase("{place}: {what}", facts)


@dataclass(frozen=True)
class _Fault:
    document: Document
    model: type[BaseModel]
    error: ErrorDetails
    hints: Mapping[str, str]

    @cached_property
    def place(self) -> Place:
        """The error's way without the tags of unions, which the file does not show."""
        here: Any = self.document.data
        place: list[str | int] = []
        loc = self.error["loc"]
        for number, part in enumerate(loc):
            is_last = number == len(loc) - 1
            if isinstance(here, dict) and part not in here and not is_last:
                continue
            place.append(part)
            inside = isinstance(here, dict) and part in here
            if inside or (isinstance(here, list) and isinstance(part, int)):
                here = here[part]
            else:
                here = None
        if self.error["type"].startswith("union_tag"):
            place.append("kind")
        return tuple(place)

    @property
    def phrase(self) -> Phrase:
        key = ".".join(part for part in self.place if isinstance(part, str))
        said = [self._what()]
        # A validator of ours has said all there is to say.
        if key in self.hints and self.error["type"] != "wrong":
            said.append(Phrase(self.hints[key]))
        return Phrase(
            "{place}: {what}",
            {"place": self.document.place(self.place), "what": Phrases(tuple(said), " ")},
        )

    def _what(self) -> Phrase:
        kind = self.error["type"]
        facts = dict(self.error.get("ctx", {}))
        if isinstance(facts.get("phrase"), Phrase):
            return facts["phrase"]  # type: ignore[no-any-return]
        if kind == "extra_forbidden":
            return self._unknown_key()
        facts["typed"] = _typed(facts.get("tag", self.error["input"]))
        for name, fact in facts.items():
            if name in ("expected", "expected_tags"):
                facts[name] = ", ".join(re.findall(r"'([^']*)'", str(fact)))
            elif isinstance(fact, float):
                facts[name] = f"{fact:g}"
        for beginning, template in _TEMPLATES.items():
            if kind.startswith(beginning):
                return Phrase(template, facts)
        return Phrase(N_("{typed} will not do here."), facts)

    def _unknown_key(self) -> Phrase:
        meant = nearest(self.place[-1], _keys(self.model))
        if meant:
            return Phrase(N_("there is no such key. Did you mean {meant}?"), {"meant": meant})
        return Phrase(N_("there is no such key. Remove the line."))


_TEMPLATES: Final = {
    "missing": N_("it is missing."),
    "union_tag_not_found": N_("it is missing."),
    "union_tag_invalid": N_("{typed} is none of the possible: {expected_tags}."),
    "literal_error": N_("{typed} is none of the possible: {expected}."),
    "greater_than_equal": N_("{typed} is too small: {ge} is the least."),
    "greater_than": N_("{typed} is too small: it must be more than {gt}."),
    "less_than_equal": N_("{typed} is too large: {le} is the most."),
    "less_than": N_("{typed} is too large: it must be less than {lt}."),
    "int": N_("{typed} is not a whole number. Write it without quotes: 5"),
    "float": N_("{typed} is not a number. Write it without quotes, with a point: 0.05"),
    "bool": N_("{typed} is not yes or no. Write true or false, without quotes."),
    "string_pattern_mismatch": N_("{typed} is not written as it must be."),
    "finite_number": N_("{typed} is not a number of this kind."),
    "string_too_short": N_("it is empty."),
    "string_too_long": N_("{typed} is too long: {max_length} characters are the most."),
    "string": N_("{typed} is not a text. Write it in quotes."),
    "list": N_("{typed} is not a list. Write [[...]] above each entry."),
    "tuple": N_("{typed} is not a list."),
    "too_short": N_("it is empty: at least one entry is needed."),
    "model": N_("{typed} is not a section. Write its name as [...] on a line of its own."),
    "dict": N_("{typed} is not a section. Write its name as [...] on a line of its own."),
}
"""What to say by the beginning of pydantic's error type; the first that fits."""


def _typed(value: object) -> str:
    """What stands in the file, short enough for a message."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return "[...]" if isinstance(value, list) else "{...}"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _keys(model: type[BaseModel]) -> Iterator[str]:
    """Every key of a model and of the models inside it."""
    waiting, seen = [model], set()
    while waiting:
        current = waiting.pop()
        seen.add(current)
        for name, info in current.model_fields.items():
            yield name
            waiting.extend(item for item in _models_in(info.annotation) if item not in seen)


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models_in(argument)


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
    for pattern, template in _SYNTAX:
        if re.search(pattern, message):
            what = Phrase(template, {"path": r"'C:\crm\crm.db'"})
            break
    else:
        what = Phrase(N_("this cannot be read as TOML."))
    facts = {"line": number, "text": _shortened(line), "what": what}
    return Phrase(N_("line {line} ({text}): {what}"), facts)


def _shortened(line: str) -> str:
    return line if len(line) <= 60 else line[:59] + "…"
