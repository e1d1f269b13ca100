"""Holds an office that has come to rest against the ledger: what is wrong, in sentences."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from crm_sync.core.findings import Clash, Severity
from tests.property.histories.crowd import standing_answers
from tests.property.histories.hand import MARK, OWN, Grid
from tests.property.histories.model import FIELDS, NEEDED, Model, Told, plain
from tests.property.histories.stage import Scene

Key = tuple[str, str]


@dataclass
class Rest:
    """The office at rest: the sheet, the store, and what waits for a person."""

    grid: Grid
    live: dict[str, dict[str, str | None]]
    archived: set[str]
    conflicts: dict[Key, Any]
    problems: dict[Key, Any]
    drafts: list[str]
    held: set[str]
    text: str
    kept: str
    created: dict[str, dict[str, str | None]]
    """What each record held when a program inserted it, by id."""
    rows: dict[str, int] = field(default_factory=dict)
    """Row number by id."""
    doubled: list[str] = field(default_factory=list)
    nameless: list[int] = field(default_factory=list)

    @property
    def waiting(self) -> set[Any]:
        """Ids that are held, keys of open conflicts."""
        return {*self.held, *self.conflicts}

    def mark(self, row: int) -> str | None:
        return self.grid.mark(row)

    def typed(self, row: int, name: str) -> bool:
        """Whether somebody filled this cell; what a formula shows is nobody's word."""
        no_formula = self.grid.formula(row, FIELDS[name]) is None
        return no_formula and self.cell(row, name) is not None

    def cell(self, row: int, name: str) -> str | None:
        return plain(name, self.grid.cell(row, FIELDS[name]))


def at_rest(scene: Scene) -> Rest:
    """Looks at everything."""
    grid = scene.staff(lambda hand: hand.grid())
    names = ", ".join(FIELDS)
    live, archived = {}, set()
    for record_id, gone, *values in scene.sql(f"select id, archived_at, {names} from clients"):
        if gone is None:
            pairs = zip(FIELDS, values, strict=True)
            live[record_id] = {name: plain(name, value) for name, value in pairs}
        else:
            archived.add(record_id)
    findings = scene.app.store.findings
    conflicts = {
        (item.conflict.record_id, item.conflict.field): item.conflict
        for item in findings.conflicts("main")
        if item.conflict.table == "clients"
    }
    problems = [item.problem for item in findings.problems("main")]
    kept = _texts(scene, f"select {names} from clients", "select changes from history")
    elsewhere = _texts(
        scene,
        "select base, ours, theirs from conflicts",
        "select typed, stored, params from problems",
    )
    sheet = "|".join(str(cell) for row in grid.rows for cell in row)
    # What staff typed for a conflict and what will not do yet stands in the tab of conflicts.
    sheets = scene.stage.sheets
    answers = scene.staff(lambda hand: standing_answers(hand, sheets["conflicts"]))
    sheet += "|".join(answers.values())
    rest = Rest(
        grid,
        live,
        archived,
        conflicts,
        {
            (item.record_id, item.field): item
            for item in problems
            # A warning holds nothing up: the cell was taken.
            if item.record_id and item.severity is Severity.REJECT
        },
        [item.typed for item in problems if not item.record_id],
        {item.record_id for item in problems if item.code == "V12"},
        _bare(f"{kept}|{elsewhere}|{sheet}"),
        _bare(kept),
        _created(scene),
    )
    known = {record_id for (record_id,) in scene.sql("select record_id from history")}
    for row in grid.filled():
        record_id = str(grid.cell(row, "ID") or "")
        if record_id not in known:
            if any(rest.typed(row, name) for name in FIELDS):
                rest.nameless.append(row)
        elif record_id in rest.rows:
            rest.doubled.append(record_id)
        else:
            rest.rows[record_id] = row
    return rest


def _created(scene: Scene) -> dict[str, dict[str, str | None]]:
    entries = scene.sql(
        "select record_id, changes from history"
        " where table_name = 'clients' and op = 'create' and source = 'sql'"
    )
    return {
        record_id: {
            name: plain(name, value[1])
            for name, value in json.loads(changes).items()
            if name in FIELDS
        }
        for record_id, changes in entries
    }


def _texts(scene: Scene, *queries: str) -> str:
    return "|".join(str(value) for query in queries for row in scene.sql(query) for value in row)


def _bare(text: str) -> str:
    return text.translate(dict.fromkeys(map(ord, " ()-"), None))


def wrongs(model: Model, rest: Rest) -> Iterator[str]:
    """All that the promises forbid and the office shows."""
    yield from _lost(model, rest)
    yield from _identities(model, rest)
    yield from _own_things(model, rest)
    for record_id, row in rest.rows.items():
        if record_id in rest.live and {record_id, (record_id, "")}.isdisjoint(rest.waiting):
            for name in FIELDS:
                yield from _field(model, rest, record_id, row, name)
    for mark, record_id in model.id_of.items():
        if mark not in model.tampered and record_id not in model.doubtful:
            yield from _existence(model, rest, mark, record_id)
    yield from _newcomers(model, rest)


def _lost(model: Model, rest: Rest) -> Iterator[str]:
    for token in sorted(model.tokens - model.superseded):
        if _bare(token) not in rest.text:
            yield f"lost: {token}"
    for token in sorted(model.seen):
        if _bare(token) not in rest.kept:
            yield f"lost from store and history: {token}"
    model.seen |= {token for token in model.tokens if _bare(token) in rest.kept}


def _identities(model: Model, rest: Rest) -> Iterator[str]:
    for record_id in rest.doubled:
        if record_id not in rest.held:
            yield f"id twice: {record_id}"
    marks = Counter(filter(None, (rest.mark(row) for row in rest.grid.filled())))
    for mark, count in marks.items():
        # A record that a manager brought back while its row had lost its id has its cells, too.
        is_back = mark in model.tampered and model.id_of.get(mark) in model.unsure
        if count > 1 and not is_back:
            yield f"row twice: {mark}"
    for record_id in rest.live.keys() - rest.rows.keys():
        if (record_id, "") not in rest.conflicts and record_id not in rest.held:
            yield f"record without a row: {record_id}"
    for record_id in rest.rows.keys() - rest.live.keys():
        if (record_id, "") not in rest.conflicts and record_id not in rest.held:
            yield f"row without a record: {record_id}"
    for row in rest.nameless:
        if not _is_draft(rest, row) and not rest.held:
            yield f"row without an id: {rest.grid.rows[row]}"
    records = len(rest.live) + len(rest.archived)
    if records > model.births:
        yield f"{records} records, but only {model.births} were ever typed or inserted"
    yield from _moved(model, rest)


def _moved(model: Model, rest: Rest) -> Iterator[str]:
    """Ids that stand in another row than the one that staff know them in."""
    for mark, record_id in model.id_of.items():
        row = rest.rows.get(record_id)
        if row is None or mark in model.tampered or record_id in model.doubtful:
            continue
        stands = rest.mark(row)
        if stands != mark and (stands is not None or mark not in model.removed):
            yield f"{record_id} moved from row {mark} to row {stands}"


def _is_draft(rest: Rest, row: int) -> bool:
    return any(rest.cell(row, name) is None for name in NEEDED) or str(
        rest.cell(row, "phone")
    ).startswith("bad")


def _own_things(model: Model, rest: Rest) -> Iterator[str]:
    standing = {rest.mark(row): row for row in rest.grid.filled()}
    for row in rest.grid.filled():
        if (cell := rest.grid.cell(row, MARK)) is not None and rest.mark(row) is None:
            yield f"{cell!r} stands where staff keep their marks"
    for mark, value in model.own.items():
        row = standing.get(mark)
        if row is not None and rest.grid.cell(row, OWN) != value:
            yield f"own cell of {mark} is {rest.grid.cell(row, OWN)!r}, not {value!r}"
    for (mark, name), text in model.formulas.items():
        if model.id_of.get(mark) in model.unsure:
            # A row that went and was brought back holds what its formulas showed.
            continue
        row = standing.get(mark)
        if row is not None and rest.grid.formula(row, FIELDS[name]) != text:
            yield f"formula of {mark}.{name} is {rest.grid.formula(row, FIELDS[name])}"


def _field(model: Model, rest: Rest, record_id: str, row: int, name: str) -> Iterator[str]:
    """One field of a record that stands on both sides."""
    mark = rest.mark(row)
    sheet, store = rest.cell(row, name), rest.live[record_id][name]
    told = f"{record_id}.{name} (row {mark}): sheet {sheet!r}, store {store!r}"
    s = model.typed.get((str(mark), name))
    o = model.stored.get((record_id, name))
    begun = model.agreed.get(record_id) or rest.created.get(record_id, {})
    base = begun.get(name)
    key = (record_id, name)
    if key in rest.conflicts:
        model.met["conflict"] += 1
        conflict = rest.conflicts[key]
        if conflict.clash is Clash.FORMULA:
            model.met["conflict with a formula"] += 1
        elif not (s and o) and mark not in model.tampered and record_id not in model.unsure:
            yield f"{told}: a conflict that nobody made"
        if plain(name, conflict.ours) != store or plain(name, conflict.theirs) != sheet:
            yield f"{told}: the conflict says {conflict.ours!r}, {conflict.theirs!r}"
        return
    if key in rest.problems:
        model.met["problem"] += 1
        if s and sheet != s.last:
            yield f"{told}: typed was {s.last!r}"
        return
    if sheet != store:
        yield f"{told}: they differ, and nothing says why"
        return
    if model.unsure & {record_id, model.id_of.get(str(mark))}:
        return
    # A row that a decision brought back has no mark, or one that staff gave it since.
    returned = model.id_of.get(str(mark)) != record_id and record_id in model.doubtful
    if returned and record_id not in model.agreed:
        return
    if (mark in model.tampered or returned) and store in _possible(
        model, rest, str(mark), record_id, name
    ):
        return
    yield from _value(model, told, store, (base, s, o))


def _possible(model: Model, rest: Rest, mark: str, record_id: str, name: str) -> set[str | None]:
    """All that a row may hold that was copied, or whose id was: what was ever said of either. A
    write of ours may have hit a cell before its row was copied; which of two rows that look the
    same is then put right, nobody can say.
    """
    former = model.id_of.get(mark, "")
    source = model.copied.get(mark)
    sources = _possible(model, rest, source, record_id, name) if source else set()
    told = (
        model.typed.get((mark, name)),
        model.overruled.get((mark, name)),
        model.stored.get((record_id, name)),
        model.stored.get((former, name)),
        *(model.typed.get((old, name)) for old, known in model.id_of.items() if known == record_id),
        # Such a row may have shown any record of today, one after the other.
        *(said for (_, field), said in model.stored.items() if field == name),
    )
    said = {value for each in told if each for _, value in each.events}
    agreed, found = model.agreed.get(former, {}).get(name), model.found.get((mark, name))
    made = {values.get(name) for values in rest.created.values()}
    return said | made | sources | {agreed, found}


def _value(
    model: Model,
    told: str,
    value: str | None,
    sides: tuple[str | None, Told | None, Told | None],
) -> Iterator[str]:
    """Which value may stand, given the base and what staff and programs said since."""
    base, s, o = sides
    if s is None or o is None:
        allowed = {side.last for side in (s, o) if side} or {base}
    elif s.last == o.last:
        allowed = {s.last}
    else:
        # To type the old value again is no edit that anybody could see.
        told = (*s.events, *o.events)
        allowed = {
            one.last
            for one, other in ((s, o), (o, s))
            if other.last in (base, model.stood(told, other.at, base))
        }
        if model.ran_between(s.at, o.at):
            allowed.add(s.last if s.at > o.at else o.last)
    model.met["agreement"] += 1
    if value not in allowed:
        yield f"{told}: {value!r} is none of {sorted(map(str, allowed))}"


def _existence(model: Model, rest: Rest, mark: str, record_id: str) -> Iterator[str]:
    removed, gone = model.removed.get(mark), model.gone.get(record_id)
    in_store, in_sheet = record_id in rest.live, record_id in rest.rows
    told = f"{record_id} (row {mark}): in store {in_store}, in sheet {in_sheet}"
    if (record_id, "") in rest.conflicts:
        model.met["conflict of a record"] += 1
        clash = rest.conflicts[record_id, ""].clash
        justified = (
            removed is not None and model.changed(record_id)
            if clash is Clash.EDIT_DELETE
            else gone is not None and model.touched(mark)
        )
        if not justified:
            yield f"{told}: {clash} that nobody made"
    elif removed is None and gone is None:
        if not (in_store and in_sheet):
            yield f"{told}: nobody removed it"
    elif in_store and in_sheet and model.changed(record_id) and gone is None:
        # Staff emptied the row while a program's value was written into it: it is not empty.
        model.met["emptied and written"] += 1
    elif in_store or in_sheet:
        yield f"{told}: it was to go"
    else:
        model.met["removed"] += 1
        if removed is not None and gone is None:
            edits = {name: told for (who, name), told in model.stored.items() if who == record_id}
            yield from _unseen(model, record_id, removed, edits)
        if gone is not None and removed is None:
            edits = {name: told for (who, name), told in model.typed.items() if who == mark}
            yield from _unseen(model, record_id, gone, edits)


def _unseen(model: Model, record_id: str, when: int, edits: dict[str, Told]) -> Iterator[str]:
    """A removal that could not know of the other side's edits must be a conflict."""
    base = model.agreed.get(record_id, {})
    for name, edit in edits.items():
        if edit.last != base.get(name) and not model.ran_between(edit.at, when):
            yield f"{record_id}: removed in spite of an edit of {name}"


def _newcomers(model: Model, rest: Rest) -> Iterator[str]:
    for row in rest.nameless:
        if _is_draft(rest, row):
            model.met["draft"] += 1
            if not rest.drafts and not rest.held:
                yield f"a draft that nobody is told of: {rest.grid.rows[row]}"
            mark = rest.mark(row)
            for name in FIELDS:
                s = model.typed.get((str(mark), name))
                if (
                    s
                    and mark in model.tampered
                    and any(
                        rest.cell(row, name) == said.last
                        for (_, field), said in model.stored.items()
                        if field == name
                    )
                ):
                    # The store's value came there before the row lost its id.
                    continue
                if s and rest.cell(row, name) != s.last:
                    yield f"draft {mark}.{name} is {rest.cell(row, name)!r}, typed {s.last!r}"
    standing = {rest.mark(row) for row in rest.grid.filled()}
    for mark in model.returned:
        if mark not in standing and not model.gone:
            yield f"row {mark} was put back and is gone again"
    names = {values["full_name"] for values in rest.live.values()}
    for name in model.inserted:
        if name in model.superseded:
            continue
        if name not in names and _bare(name) not in rest.text:
            yield f"inserted and not there: {name}"


def agreed_rows(
    rest: Rest,
) -> tuple[dict[str, dict[str, str | None]], dict[str, str]]:
    """What both sides agree on now: values by record id, and mark -> id."""
    marks = {
        str(rest.mark(row)): record_id
        for record_id, row in rest.rows.items()
        if rest.mark(row) is not None and record_id in rest.live
    }
    return dict(rest.live), marks
