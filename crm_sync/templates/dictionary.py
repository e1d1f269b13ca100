"""The statuses, reasons and lost reasons that a new store begins with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictInt, StringConstraints

from crm_sync.core.values import N_, Scalar
from crm_sync.messages import Phrase
from crm_sync.messages.faults import not_empty
from crm_sync.model import table
from crm_sync.templates.folder import Reader, TemplateFile, Words, languages

STATUSES_FILE = "statuses.toml"

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Entity = Literal["client", "contact", "agreement", "reason", "lost_reason"]
Count = Annotated[StrictInt, Field(ge=0)]


class StatusFile(TemplateFile):
    """A `[[status]]`: its place among those of its entity is its place in the file."""

    entity: Entity
    key: Key
    names: dict[str, Words]
    type: Literal["open", "on_hold", "won", "lost"] = "open"
    colour: Annotated[str, StringConstraints(pattern=r"^#[0-9A-F]{6}$")] | None = None
    probability: Annotated[StrictInt, Field(ge=0, le=100)] | None = None
    final: StrictBool = False
    no_back: StrictBool = False
    allowed_next: tuple[Key, ...] = ()
    required_fields: tuple[Words, ...] = ()
    max_days: Count | None = None


class StatusesFile(TemplateFile):
    """`statuses.toml`."""

    status: Annotated[tuple[StatusFile, ...], AfterValidator(not_empty)]


def default_statuses(folder: Path | None = None) -> tuple[dict[str, Scalar], ...]:
    """Rows for the table of statuses, without ids, in the order of the file.

    An empty `allowed_next` lets every status follow. Raises ConfigError with all faults.
    """
    reader = Reader(folder)
    found = reader.read(STATUSES_FILE, StatusesFile)
    statuses: tuple[StatusFile, ...] = ()
    if found:
        content, document = found
        statuses = content.status
        named = [code for code in languages(folder) if code in table("statuses").by_name]
        faults = [*_key_faults(statuses), *_name_faults(statuses, named)]
        for number, fault in sorted(faults, key=itemgetter(0)):
            facts = {"place": document.place(("status", number)), "what": fault}
            reader.fault(STATUSES_FILE, Phrase("{place}: {what}", facts))
    reader.finish()
    return tuple(_row(status, number) for number, status in enumerate(statuses, 1))


def _row(status: StatusFile, number: int) -> dict[str, Scalar]:
    return {
        **status.names,
        "entity": status.entity,
        "key": status.key,
        "type": status.type,
        "sort_order": number * 10,
        "colour": status.colour,
        "probability": status.probability,
        "final": int(status.final),
        "no_back": int(status.no_back),
        "allowed_next": "; ".join(status.allowed_next) or None,
        "required_fields": "; ".join(status.required_fields) or None,
        "max_days": status.max_days,
        "active": 1,
    }


def _key_faults(statuses: Iterable[StatusFile]) -> Iterator[tuple[int, Phrase]]:
    """What is wrong with the keys that statuses have and name."""
    keys: dict[str, set[str]] = {}
    for number, status in enumerate(statuses):
        if status.key in keys.setdefault(status.entity, set()):
            yield number, _fault(N_("the status {key} of {entity} stands there twice."), status)
        keys[status.entity].add(status.key)
    for number, status in enumerate(statuses):
        for key in status.allowed_next:
            if key not in keys[status.entity]:
                template = N_("the status {key} of {entity} leads to {next}, which is not there.")
                yield number, _fault(template, status, next=key)
        for name in status.required_fields:
            if name not in _fields(status.entity):
                template = N_("the status {key} of {entity} asks for the unknown field {name}.")
                yield number, _fault(template, status, name=name)


def _name_faults(
    statuses: Iterable[StatusFile], named: Sequence[str]
) -> Iterator[tuple[int, Phrase]]:
    """What is wrong with the names for people. `named` are the languages that must have one."""
    taken: set[tuple[str, str, str]] = set()
    for number, status in enumerate(statuses):
        for language in named:
            if language not in status.names:
                template = N_("the status {key} of {entity} has no name in {language}.")
                yield number, _fault(template, status, language=language)
        for language, word in status.names.items():
            if language not in table("statuses").by_name:
                template = N_("the status {key} of {entity}: there is no language {language}.")
                yield number, _fault(template, status, language=language)
            if (status.entity, language, word.casefold()) in taken:
                template = N_("“{word}” stands for two statuses of {entity}.")
                yield number, _fault(template, status, word=word)
            taken.add((status.entity, language, word.casefold()))


def _fault(template: str, status: StatusFile, **facts: str) -> Phrase:
    return Phrase(template, {"entity": status.entity, "key": status.key, **facts})


def _fields(entity: Entity) -> frozenset[str]:
    """The fields that a status of this entity may ask for."""
    match entity:
        case "client" | "contact" | "agreement":
            return frozenset(table(f"{entity}s").by_name)
        case "reason":
            return frozenset(table("contacts").by_name)
        case "lost_reason":
            return frozenset(table("agreements").by_name)
