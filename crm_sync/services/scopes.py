"""The scopes of the configuration, their names turned into ids by what the store holds now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crm_sync.core.codecs import Conventions
from crm_sync.core.codecs.cleaning import fold
from crm_sync.core.schema import Column
from crm_sync.core.values import N_
from crm_sync.errors import ScopeError
from crm_sync.messages import Phrase, Phrases
from crm_sync.model.scope import Scope
from crm_sync.services.application import Application
from crm_sync.services.world import World

_MOST_LISTED = 12
_NAMED = ("branches", "employees", "statuses")
_INDEXES = {"branch": "branches", "employee": "employees", "status": "statuses:client"}
"""The part of a scope -> the index in which its names are looked up."""

_NOTHING_YET = {
    "branch": N_(
        "There are no branches yet: add them in the tab Branches of a workbook without scope."
    ),
    "employee": N_(
        "There are no employees yet: add them in the tab Employees of a workbook without scope."
    ),
    "status": N_("There are no statuses yet: sync a workbook that has no scope first."),
    "kind": "",
}


def scope_of(app: Application, name: str) -> Scope:
    """The scope of a workbook by ids and keys. Raises ScopeError with every name in it that there
    is not, or that may mean several.
    """
    words = app.bound[name].scope
    return words if words.whole else _scope(_reader(app), name, words)


def scopes_of(app: Application, names: Iterable[str]) -> dict[str, Scope]:
    """The scopes of these workbooks. One that cannot be used is left out: it waits for its own run
    to say so.
    """
    reader = None
    found = {}
    for name in names:
        words = app.bound[name].scope
        if not words.whole:
            reader = reader or _reader(app)
            try:
                words = _scope(reader, name, words)
            except ScopeError:
                continue
        found[name] = words
    return found


def _scope(reader: _Names, name: str, words: Scope) -> Scope:
    if name in reader.known:
        return reader.known[name]
    reader.faults = []
    found = {part: tuple(reader.values(part, getattr(words, part))) for part in (*_INDEXES, "kind")}
    if reader.faults:
        raise ScopeError(
            N_("The scope of “{workbook}” cannot be used:\n{faults}"),
            N_(
                "Correct scope in config.toml, or the tabs Employees, Branches and Statuses. "
                "Nothing was changed in this workbook."
            ),
            workbook=name,
            faults=Phrases(tuple(reader.faults)),
        )
    reader.known[name] = Scope(**found)
    return reader.known[name]


def _reader(app: Application) -> _Names:
    """What looks names up; the same one as long as none of them changed in the store."""
    known: _Names | None = app.memo.get(__name__)
    now = app.store.records.sequence()
    if known is not None and known.sequence != now:
        touched = app.store.records.touched(known.sequence).keys()
        known = None if touched & set(_NAMED) or now < known.sequence else known
    if known is None:
        known = app.memo[__name__] = _Names(app, now)
    known.sequence = now
    return known


class _Names:
    """Looks names up as the store has them at a `sequence`; `faults` gathers those that will not
    do, `known` are the scopes found so far, by workbook.
    """

    def __init__(self, app: Application, sequence: int) -> None:
        self.sequence = sequence
        self.known: dict[str, Scope] = {}
        self._tabs = {tab.table.name: tab for tab in app.whole}
        records = {name: app.store.records.all(self._tabs[name].table) for name in _NAMED}
        self._world = World(
            app.whole,
            records,
            Conventions(app.locale, app.region),
            app.language,
            app.currency,
            app.local_now(),
        )
        self.faults: list[Phrase] = []

    def values(self, part: str, names: tuple[str, ...]) -> Iterator[str]:
        """The id or key of each name."""
        for name in names:
            found = self._kinds(name) if part == "kind" else self._referred(part, name)
            if len(found) == 1:
                yield found[0]
            else:
                self.faults.append(self._fault(part, name, found))

    def _kinds(self, name: str) -> tuple[str, ...]:
        return tuple(key for key, label in self._labels() if fold(name) in (fold(key), fold(label)))

    def _labels(self) -> tuple[tuple[str, str], ...]:
        column: Column = self._tabs["clients"].by_field["kind"]
        return tuple((key, column.labels.get(key, key)) for key in column.field.choices)

    def _referred(self, part: str, name: str) -> tuple[str, ...]:
        return tuple(entry.value for entry in self._world.index(_INDEXES[part]).find(name))

    def _fault(self, part: str, name: str, found: tuple[str, ...]) -> Phrase:
        if found:
            index = self._world.index(_INDEXES[part])
            shown = ", ".join(index.shown_with_id(value) for value in found)
            text = N_("{part}: “{typed}” may mean {matches}. Write the id.")
            return Phrase(text, {"part": part, "typed": name, "matches": shown})
        there_are = self._there_are(part)
        if not there_are:
            text = N_("{part}: “{typed}” is not known. {nothing}")
            return Phrase(
                text, {"part": part, "typed": name, "nothing": Phrase(_NOTHING_YET[part], {})}
            )
        more = ", …" if len(there_are) > _MOST_LISTED else ""
        return Phrase(
            N_("{part}: “{typed}” is not known. There are: {names}."),
            {"part": part, "typed": name, "names": ", ".join(there_are[:_MOST_LISTED]) + more},
        )

    def _there_are(self, part: str) -> tuple[str, ...]:
        if part == "kind":
            return tuple(label for _, label in self._labels())
        return self._world.index(_INDEXES[part]).labels()
