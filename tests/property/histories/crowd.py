"""Staff who do more at once: blocks of cells cut and pasted, columns sorted by themselves, filters,
and decisions in the tabs of findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tests.property.histories import steps as s
from tests.property.histories.hand import Hand
from tests.property.histories.model import FIELDS, Decision, Model, plain
from tests.property.histories.staff import Staff
from tests.property.histories.stage import Scene

MERGE = "Merge duplicates"

NUMBER, DECISION, VALUE = "No.", "Decision", "Or another value"


class Crowd(Staff):
    """The staff of one office, who see the tabs of findings too."""

    def __init__(self, model: Model, scene: Scene) -> None:
        super().__init__(model)
        self._scene = scene

    def act(self, hand: Hand, step: s.Staff) -> None:
        """Does one step, if there is anything to do it to."""
        if not isinstance(step, (s.CutRows, s.PasteDown, s.SortColumn, s.Filter, s.Decide)):
            super().act(hand, step)
            return
        self._hand = hand
        self._grid = hand.grid()
        match step:
            case s.CutRows(row, count, None):
                self._on(row, lambda at, _: self._cut(at, count))
            case s.CutRows(row, _, int(onto)):
                self._on(row, lambda at, _: self._cut_over(at, onto))
            case s.PasteDown(row, name, count):
                self._on(row, lambda at, _: self._paste_down(at, name, count))
            case s.SortColumn(name, descending):
                self._sort_column(name, descending=descending)
            case s.Filter(row, name):
                self._on(row, lambda at, _: self._filter(at, name))
            case s.Decide():
                self._decide(step)

    def _block(self, row: int, count: int) -> list[int]:
        """So many rows from this one on, as far as there is no gap between them."""
        filled = set(self._grid.filled())
        found = [row]
        while len(found) < count and found[-1] + 1 in filled:
            found.append(found[-1] + 1)
        return found

    def _cut(self, row: int, count: int) -> None:
        rows = self._block(row, count)
        target = len(self._grid.rows)
        self.hand.cut(rows[0], rows[-1] + 1, target, self._grid.width)

    def _cut_over(self, row: int, onto: int) -> None:
        filled, model = self._grid.filled(), self._model
        target = filled[onto % len(filled)]
        if target == row:
            return
        gone = self._mark(target)
        model.overwrite(*self._contents(target))
        for name in FIELDS:
            model.formulas.pop((gone, name), None)
        model.removed[gone] = model.now()
        model.returned.discard(gone)
        self._mark(row)
        self.hand.cut(row, row + 1, target, self._grid.width)

    def _paste_down(self, row: int, name: str, count: int) -> None:
        rows = self._block(row, count + 1)
        if len(rows) < 2:
            return
        marks = [self._mark(each) for each in rows]
        column = self._grid.column(FIELDS[name])
        self.hand.copy_cells(rows[0], rows[-1], column, rows[1])
        self._known_by(name, marks)
        for above, below, mark in zip(rows, rows[1:], marks[1:], strict=False):
            self._became(mark, name, below, above)

    def _known_by(self, name: str, marks: Iterable[str]) -> None:
        """What a row without its id is known by comes to stand in other rows."""
        if name in ("full_name", "phone"):
            ids = self._grid.marks()
            for mark in marks:
                self._model.tampered.add(mark)
                self._model.doubtful.add(ids.get(mark, self._model.id_of.get(mark, "")))

    def _became(self, mark: str, name: str, row: int, source: int) -> None:
        """A cell came to hold what another one holds."""
        heading = FIELDS[name]
        was, value = (plain(name, self._grid.cell(each, heading)) for each in (row, source))
        if was == value:
            return
        self._model.overwrite(was)
        self._model.superseded.discard(str(value))
        self._model.type(mark, name, value)
        self._filled(mark, value)
        formula = self._grid.formula(source, heading)
        if formula is not None:
            self._model.formulas[mark, name] = formula

    def _sort_column(self, name: str, *, descending: bool) -> None:
        column = self._grid.column(FIELDS[name])
        rows = self._grid.filled()
        marks = {row: self._mark(row) for row in rows}
        before = {row: self._grid.cell(row, FIELDS[name]) for row in rows}
        self._known_by(name, marks.values())
        last = len(self._grid.rows)
        self.hand.sort(last, column, column + 1, column, descending=descending)
        self._grid = self.hand.grid()
        for row in sorted({*rows, *self._grid.filled()}):
            value = plain(name, self._grid.cell(row, FIELDS[name]))
            if value == plain(name, before.get(row)):
                continue
            if row not in marks:
                # A value that fell into a blank row is a new row.
                marks[row] = self._mark(row)
                self._model.births += 1
                self._model.tampered.add(marks[row])
                self._model.found |= {(marks[row], other): None for other in FIELDS}
            self._model.type(marks[row], name, value)
            self._filled(marks[row], value)
            formula = self._grid.formula(row, FIELDS[name])
            if formula is not None:
                self._model.formulas[marks[row], name] = formula

    def _filter(self, row: int, name: str) -> None:
        hidden = self._grid.cell(row, FIELDS[name])
        criteria = {"hiddenValues": [] if hidden is None else [str(hidden)]}
        column = self._grid.column(FIELDS[name])
        self.hand.filter(len(self._grid.rows), self._grid.width, column, criteria)

    def _decide(self, step: s.Decide) -> None:
        tab = Hand(self.hand.desk, self.hand.book, self._scene.stage.sheets[step.tab])
        grid = tab.grid()
        lines = [row for row in grid.filled() if isinstance(grid.cell(row, NUMBER), (int, float))]
        if not lines:
            return
        row = lines[step.line % len(lines)]
        number = int(grid.cell(row, NUMBER))
        if step.decision:
            tab.put(row, grid.column(DECISION), step.decision)
            value = None
        elif step.tab == "conflicts" and (name := self._field_of(number)):
            value = self._value(name)
            self._model.overwrite(plain(name, grid.cell(row, VALUE)))
            tab.put(row, grid.column(VALUE), value)
        else:
            return
        self._model.met["decided in the sheet"] += 1
        self._told(step, number, value)

    def _field_of(self, number: int) -> str:
        """The field that an open conflict is about, if a value may be typed for it."""
        found = self._scene.sql(
            "select field from conflicts where id = ? and closed_at is null", number
        )
        return found[0][0] if found and found[0][0] in FIELDS else ""

    def _told(self, step: s.Decide, number: int, value: str | None) -> None:
        """Who decided has the last word on the field: the records concerned may hold either."""
        model = self._model
        if step.tab == "conflicts":
            found = self._scene.sql("select record_id, field from conflicts where id = ?", number)
            ids = {record_id for record_id, _ in found}
        else:
            found = self._scene.sql(
                "select record_id, field, typed, params from problems where id = ?", number
            )
            ids = {each for row in found for each in re.findall(r"C-\d+", str(row))}
            if step.decision == "Take the store's":
                model.overwrite(*(plain("", typed) for _, _, typed, _ in found))
        for record_id in ids:
            model.doubt(record_id, self._grid.marks())
        if step.decision == MERGE:
            model.unsure |= ids
        if value is not None:
            model.tokens.add(value)
            model.unsure |= ids
        # What is chosen anew, or typed beside it, takes the place of what was chosen before.
        model.decisions = [
            each for each in model.decisions if (each.tab, each.number) != (step.tab, number)
        ]
        about = f"{found[0][-2:]}" if found and step.tab == "problems" else ""
        # What is accepted is told again as soon as anything about it has changed.
        if step.decision != "Accept as it is":
            text = step.decision or str(value)
            model.decisions.append(Decision(step.tab, number, text, about, model.now()))


def vanished(scene: Scene, model: Model) -> Iterator[str]:
    """Decisions that were neither carried out nor stand where they were typed."""
    for tab, closed in (
        ("conflicts", "closed_at is not null"),
        ("problems", "closed_at is not null or accepted is not null"),
    ):
        decisions = [each for each in model.decisions if each.tab == tab]
        if not decisions:
            continue
        standing = scene.staff(
            lambda hand, tab=tab: standing_answers(hand, scene.stage.sheets[tab])
        )
        done = {number for (number,) in scene.sql(f"select id from {tab} where {closed}")}
        told = scene.sql("select id, typed, params from problems") if tab == "problems" else ()
        about = {number: f"{tuple(rest)}" for number, *rest in told}
        for each in decisions:
            if each.about and about.get(each.number) != each.about:
                # The line is about something else now, or about others: that was not decided.
                continue
            if '"one"' in each.about and (each.text != MERGE or model.shared_anew(each.at)):
                # It may have been about others in between, and goes then if it cannot be done.
                continue
            if each.number not in done and each.text not in standing.get(each.number, ""):
                yield f"the decision “{each.text}” about {tab} {each.number} is gone"


def standing_answers(hand: Hand, sheet_id: int) -> dict[int, str]:
    """What stands in the cells for decisions of a tab of findings, by the number of the line."""
    grid = Hand(hand.desk, hand.book, sheet_id).grid()
    found: dict[int, str] = {}
    for row in grid.filled():
        number = grid.cell(row, NUMBER)
        if isinstance(number, (int, float)):
            answers = [grid.cell(row, name) for name in (DECISION, VALUE) if name in grid.headings]
            found[int(number)] = "|".join(str(each) for each in answers if each is not None)
    return found
