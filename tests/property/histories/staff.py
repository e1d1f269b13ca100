"""What staff do to the sheet, told to the ledger."""

from __future__ import annotations

from typing import Any

from tests.property.histories import steps as s
from tests.property.histories.hand import MARK, OWN, Grid, Hand
from tests.property.histories.model import FIELDS, Model, plain


class Staff:
    """The staff of one office. Rows are counted among those that hold anything."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._deleted: list[tuple[str, list[Any]]] = []
        self._grid = Grid(0, [], {})
        self._hand: Hand | None = None

    def act(self, hand: Hand, step: s.Staff) -> None:
        """Does one step, if there is anything to do it to."""
        self._hand = hand
        self._grid = hand.grid()
        match step:
            case s.Type(row, name, bad):
                self._on(row, lambda at, mark: self._type(at, mark, name, self._value(name, bad)))
            case s.Blank(row, name):
                self._on(row, lambda at, mark: self._type(at, mark, name, None))
            case s.Formula(row, name):
                self._on(row, lambda at, mark: self._formula(at, mark, name))
            case s.OwnNote(row):
                self._on(row, self._own)
            case s.NewRow(names, says_new):
                self._new(names, says_new=says_new)
            case s.DeleteRow(row):
                self._on(row, self._delete)
            case s.PutBack():
                self._put_back()
            case s.ClearRow(row):
                self._on(row, self._clear)
            case s.CopyRow(row):
                self._on(row, self._copy)
            case s.SpoilId(row, text):
                self._on(row, lambda at, mark: self._spoil(at, mark, text))
            case _:
                self._rearrange(hand, step)

    def _rearrange(self, hand: Hand, step: s.Staff) -> None:
        grid = self._grid
        match step:
            case s.Sort(name, descending):
                by = grid.column(FIELDS[name])
                hand.sort(len(grid.rows), 0, grid.width, by, descending=descending)
            case s.InsertRows(row, count):
                hand.insert_rows(1 + row % max(len(grid.rows), 1), count)
            case s.MoveRow(row, to):
                filled = grid.filled()
                if filled:
                    source = filled[row % len(filled)]
                    target = 1 + to % len(grid.rows)
                    if target not in (source, source + 1):
                        hand.move_row(source, target)
            case s.MoveColumn(column, to):
                column, to = column % grid.width, to % grid.width
                if to not in (column, column + 1):
                    hand.move_column(column, to)
            case _:
                raise AssertionError(step)

    @property
    def hand(self) -> Hand:
        assert self._hand is not None
        return self._hand

    def _on(self, row: int, act: Any) -> None:
        filled = self._grid.filled()
        if filled:
            at = filled[row % len(filled)]
            # A row is left alone while a slip of ours stands in the place of its mark.
            if self._grid.mark(at) is not None or self._grid.cell(at, MARK) is None:
                act(at, self._mark(at))

    def _mark(self, row: int) -> str:
        """The mark of a row; a row that nobody has marked yet gets one."""
        mark = self._grid.mark(row)
        if mark is None:
            mark = f"m{self._model.now()}"
            self.hand.put(row, self._grid.column(MARK), mark)
            self._model.own[mark] = None
            for name, heading in FIELDS.items():
                self._model.found[mark, name] = plain(name, self._grid.cell(row, heading))
        return str(mark)

    def _value(self, name: str, bad: bool = False) -> str:
        number = self._model.now()
        if name == "phone":
            return f"bad{number:05}" if bad else f"+7912{number:07}"
        return f"typed{number:05}"

    def _type(self, row: int, mark: str, name: str, value: str | None) -> None:
        if self._grid.cell(row, FIELDS[name]) is None and value is None:
            return
        self._model.overwrite(plain(name, self._grid.cell(row, FIELDS[name])))
        self.hand.put(row, self._grid.column(FIELDS[name]), value)
        self._model.type(mark, name, value)
        self._filled(mark, value)

    def _filled(self, mark: str, value: str | None) -> None:
        """A row that was emptied and says something again is no longer removed."""
        if value is not None and self._model.removed.pop(mark, None):
            # A run may have parted this row from its record already.
            self._model.tampered.add(mark)
            self._model.doubtful.add(self._model.id_of.get(mark, ""))
            self._model.births += 1

    def _formula(self, row: int, mark: str, name: str) -> None:
        value = self._value(name)
        self._type(row, mark, name, f'="{value}"')
        self._model.tokens.discard(f'="{value}"')
        self._model.tokens.add(value)
        self._model.typed[mark, name].events[-1] = (self._model.now(), value)
        self._model.formulas[mark, name] = f'="{value}"'

    def _own(self, row: int, mark: str) -> None:
        value = f"own {self._model.now()}"
        self.hand.put(row, self._grid.column(OWN), value)
        self._model.own[mark] = value

    def _new(self, names: tuple[str, ...], *, says_new: bool) -> None:
        mark = f"m{self._model.now()}"
        row = max(len(self._grid.rows), 1)
        values = {name: self._value(name) for name in names}
        cells = {self._grid.column(FIELDS[name]): value for name, value in values.items()}
        cells[self._grid.column(MARK)] = mark
        if says_new:
            cells[self._grid.column("ID")] = "new"
        for name, value in values.items():
            self._model.type(mark, name, value)
        self._model.own[mark] = None
        self._model.births += 1
        self.hand.put_row(row, cells)

    def _contents(self, row: int) -> list[str | None]:
        return [plain(name, self._grid.cell(row, heading)) for name, heading in FIELDS.items()]

    def _delete(self, row: int, mark: str) -> None:
        cells = list(self._grid.rows[row])
        cells += [""] * (self._grid.column(MARK) + 1 - len(cells))
        cells[self._grid.column(MARK)] = mark
        headed = [
            (heading, cell) for heading, cell in zip(self._grid.headings, cells, strict=False)
        ]
        self._deleted.append((mark, headed))
        self._model.overwrite(*self._contents(row))
        for name in FIELDS:
            self._model.formulas.pop((mark, name), None)
        self._model.removed[mark] = self._model.now()
        self._model.returned.discard(mark)
        self.hand.delete_row(row)

    def _put_back(self) -> None:
        if not self._deleted:
            return
        mark, headed = self._deleted.pop()
        row = max(len(self._grid.rows), 1)
        cells = {
            self._grid.column(heading): cell for heading, cell in headed if cell not in ("", None)
        }
        for heading, cell in headed:
            for name, known in FIELDS.items():
                if known == heading and cell not in ("", None):
                    self._model.superseded.discard(str(plain(name, cell)))
                    self._model.type(mark, name, plain(name, cell))
        self._model.removed.pop(mark, None)
        self._model.returned.add(mark)
        self._model.tampered.add(mark)
        self._model.doubtful.add(str(dict(headed).get("ID")))
        self._model.births += 1
        self.hand.put_row(row, cells)

    def _clear(self, row: int, mark: str) -> None:
        kept = {self._grid.column(heading) for heading in ("ID", MARK, OWN)}
        self._model.overwrite(*self._contents(row))
        for name, heading in FIELDS.items():
            if self._grid.cell(row, heading) is not None:
                self._model.type(mark, name, None)
        self._model.removed[mark] = self._model.now()
        self.hand.put_row(
            row, {column: None for column in range(self._grid.width) if column not in kept}
        )

    def _copy(self, row: int, mark: str) -> None:
        model = self._model
        target = len(self._grid.rows)
        self.hand.copy_row(row, target, self._grid.width)
        copy = f"m{model.now()}"
        self.hand.put(target, self._grid.column(MARK), copy)
        for name, heading in FIELDS.items():
            value = plain(name, self._grid.cell(row, heading))
            if value is not None:
                model.type(copy, name, value)
                formula = self._grid.formula(row, heading)
                if formula is not None:
                    model.formulas[copy, name] = formula
        model.own[copy] = self._grid.cell(row, OWN)
        model.births += 1
        model.tampered |= {mark, copy}
        model.copied[copy] = mark
        model.doubtful.add(str(self._grid.cell(row, "ID")))

    def _spoil(self, row: int, mark: str, text: str) -> None:
        self.hand.put(row, self._grid.column("ID"), text or None)
        self._model.tampered.add(mark)
        self._model.doubtful.add(str(self._grid.cell(row, "ID")))
        # If the row was edited as well, nothing tells it from a new one.
        self._model.births += 1
