"""Documents checked against pydantic models: the model, or every fault as a phrase.

Each fault says where (line and key), what stands there, and what would be right.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from crm_sync.core.values import N_
from crm_sync.messages.phrase import Phrase, Phrases
from crm_sync.messages.toml_file import Document, Place

Model = TypeVar("Model", bound=BaseModel)
Entry = TypeVar("Entry")


class Wrong(ValueError):
    """For a validator to raise: what is wrong with the value, in words for people."""

    def __init__(self, template: str, **facts: object) -> None:
        super().__init__(template)
        self.phrase = Phrase(template, facts)


class AllWrong(ValueError):
    """For a validator that finds several faults, each with its place in the file."""

    def __init__(self, faults: Iterable[tuple[Place, Phrase]]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(phrase) for _, phrase in self.faults))


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
        keys = tuple(_keys(model))
        found: list[tuple[int, Phrase]] = []
        for item in error.errors():
            reported = _Reported(item["type"], item["loc"], item["input"], item.get("ctx", {}))
            found.extend(_faults(reported, document, keys, hints or {}))
        return tuple(phrase for _, phrase in sorted(found, key=lambda fault: fault[0]))


def not_empty(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The entries, for a validator. (pydantic's own check of a length leaves out what is wrong.)"""
    if not entries:
        raise Wrong(N_("it is empty: at least one entry is needed."))
    return entries


def nearest(word: object, words: Iterable[str]) -> str:
    """The one of the words that was probably meant, "" if none is like it."""
    by_fold = {item.casefold(): item for item in words}
    found = difflib.get_close_matches(str(word).casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else ""


@dataclass(frozen=True)
class _Reported:
    """An error as pydantic reports it."""

    kind: str
    loc: Place
    input: object
    facts: Mapping[str, Any]

    def place(self, data: object) -> Place:
        """The error's way without the tags of unions, which the file does not show."""
        here: object = data
        place: list[str | int] = []
        for number, part in enumerate(self.loc, 1):
            if isinstance(here, Mapping) and part not in here and number < len(self.loc):
                continue
            place.append(part)
            if isinstance(here, Mapping):
                here = here.get(part)
            elif isinstance(here, list) and isinstance(part, int):
                here = here[part]
        if self.kind.startswith("union_tag"):
            place.append("kind")
        return tuple(place)

    @cached_property
    def phrase(self) -> Phrase:
        """What is wrong with the value."""
        own = self.facts.get("error")
        if isinstance(own, Wrong):
            return own.phrase
        facts = {name: _fact(name, fact) for name, fact in self.facts.items()}
        facts["typed"] = _typed(self.facts.get("tag", self.input))
        for beginning, template in _TEMPLATES.items():
            if self.kind.startswith(beginning):
                return Phrase(template, facts)
        return Phrase(N_("{typed} will not do here."), facts)


def _faults(
    reported: _Reported, document: Document, keys: tuple[str, ...], hints: Mapping[str, str]
) -> Iterator[tuple[int, Phrase]]:
    """Line and words of an error, which may stand for several faults."""
    own = reported.facts.get("error")
    if isinstance(own, AllWrong):
        for place, phrase in own.faults:
            yield at_place(document, place, phrase)
        return
    place = reported.place(document.data)
    if reported.kind == "extra_forbidden":
        yield at_place(document, place, _unknown_key(place[-1], keys))
        return
    key = ".".join(part for part in place if isinstance(part, str))
    if key in hints and not isinstance(own, Wrong):
        said = Phrases((reported.phrase, Phrase(hints[key])), " ")
        yield at_place(document, place, said)
    else:
        yield at_place(document, place, reported.phrase)


def at_place(document: Document, place: Place, what: Phrase | Phrases) -> tuple[int, Phrase]:
    """The line of a fault, and the fault with where it stands."""
    facts = {"place": document.place(place), "what": what}
    return document.line(place), Phrase("{place}: {what}", facts)


def _unknown_key(key: object, keys: tuple[str, ...]) -> Phrase:
    meant = nearest(key, keys)
    if meant:
        return Phrase(N_("there is no such key. Did you mean {meant}?"), {"meant": meant})
    return Phrase(N_("there is no such key. Remove the line."))


_TEMPLATES: Final = {
    "missing": N_("it is missing."),
    "union_tag_not_found": N_("it is missing."),
    "union_tag_invalid": N_("{typed} is none of: {expected_tags}."),
    "literal_error": N_("{typed} is none of: {expected}."),
    "greater_than_equal": N_("{typed} is too small: {ge} is the least."),
    "greater_than": N_("{typed} is too small: it must be more than {gt}."),
    "less_than_equal": N_("{typed} is too large: {le} is the most."),
    "less_than": N_("{typed} is too large: it must be less than {lt}."),
    "int": N_("{typed} is not a whole number. Write it without quotes: 5"),
    "float": N_("{typed} is not a number. Write it without quotes, with a point: 0.05"),
    "bool": N_("{typed} is not yes or no. Write true or false, without quotes."),
    "string_pattern_mismatch": N_("{typed} is not written as it must be."),
    "string_too_short": N_("it is empty."),
    "string_too_long": N_("{typed} is too long: {max_length} characters are the most."),
    "string": N_("{typed} is not a text. Write it in quotes."),
    "tuple": N_("{typed} is not a list."),
    "model": N_("{typed} is not a section. Write its name as [...] on a line of its own."),
    "dict": N_("{typed} is not a section. Write its name as [...] on a line of its own."),
}
"""What to say by the beginning of pydantic's error type; the first that fits."""


def _fact(name: str, fact: object) -> object:
    """A fact of pydantic's without its English: 'a' or 'b' -> a, b."""
    if name in ("expected", "expected_tags"):
        return ", ".join(re.findall(r"'([^']*)'", str(fact)))
    return f"{fact:g}" if isinstance(fact, float) else fact


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
    for name, info in model.model_fields.items():
        yield name
        for inside in _models_in(info.annotation):
            yield from _keys(inside)


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models_in(argument)
