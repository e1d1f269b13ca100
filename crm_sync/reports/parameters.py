"""What a comparison is asked for, and the cells on top of its tab in which staff may say so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from crm_sync.core.codecs import Conventions
from crm_sync.core.findings import Problem
from crm_sync.core.grid import Shown, Style
from crm_sync.core.schema import Column, Field, Kind
from crm_sync.core.values import N_, Cell, Scalar, Unreadable, cell_text, is_blank
from crm_sync.reports import cells, typed
from crm_sync.reports.cells import Say
from crm_sync.reports.periods import PeriodKind, Windows, custom_windows, windows
from crm_sync.reports.sales import Basis, Dimension
from crm_sync.reports.words import BASES, DIMENSIONS, PERIODS

TAB: Final = "comparison"
_CUSTOM: Final = "custom"
SEARCHED_ROWS: Final = 40
"""The parameters stand within so many rows from the top."""
_KINDS = {
    "customer": N_("customers"),
    "supplier": N_("suppliers who also buy"),
    "partner": N_("partners"),
}
_DAYS: Final = frozenset({"as_of", "since", "until"})
_HINTS: Final = {
    "as_of": N_("empty: yesterday"),
    "since": N_("only for chosen days"),
    "until": N_("only for chosen days; empty: as of the day above"),
    "dimensions": N_("several: with ; between them"),
    "kind": N_("empty: all"),
}


@dataclass(frozen=True)
class Question:
    """What is compared. `period` None means the days from `since` to `until`. An empty `as_of` is
    yesterday. `kind` keeps only the sales to clients of this kind, "" all.
    """

    period: PeriodKind | None = PeriodKind.MONTH
    as_of: date | None = None
    since: date | None = None
    until: date | None = None
    basis: Basis = Basis.FULFILLED
    dimensions: tuple[Dimension, ...] = (Dimension.PRODUCT_GROUP,)
    kind: str = ""


@dataclass(frozen=True)
class Asked:
    """The parameters as they were read. A cell that could not be read leaves its parameter as it is
    by default; `typed` keeps what stands in it, by name of the parameter.
    """

    question: Question
    problems: tuple[Problem, ...] = ()
    typed: Mapping[str, Cell] = field(default_factory=dict)


@dataclass(frozen=True)
class Overtyped:
    """Parameters that were typed after they had been read, and are no longer in their cells: what
    stood there by name, and the tokens of what was put there instead.
    """

    cells: Mapping[str, Cell] = field(default_factory=dict)
    tokens: tuple[str, ...] = ()


def windows_of(question: Question, yesterday: date, first_month: int = 1) -> Windows:
    """The windows that a question is about; the year begins on the first of `first_month`."""
    as_of = question.as_of or yesterday
    if question.period is not None:
        return windows(question.period, as_of, first_month)
    since = question.since or as_of
    return custom_windows(since, max(since, question.until or as_of), as_of)


def parameter_rows(asked: Asked, say: Say) -> Iterator[tuple[Shown, ...]]:
    """A row each: what it is, the cell to change, a hint."""
    yield (cells.note(say(N_("Change the cells of the second column; the next run counts anew."))),)
    values = _values(asked.question)
    for column in _columns(say):
        name = column.field.name
        if name in asked.typed:
            shown = typed.as_typed(asked.typed[name])
        else:
            shown = typed.show(values[name], column)
        hint = say(_HINTS[name]) if name in _HINTS else ", ".join(column.labels.values())
        is_date = column.field.kind is Kind.DATE
        shown = replace(
            shown,
            style=Style.ANSWER_DATE if is_date else Style.ANSWER,
            choices=tuple(column.labels.values()) if column.dropdown else (),
        )
        yield cells.header(column.heading), shown, cells.note(hint)


def read_parameters(
    rows: Sequence[Sequence[Cell]], say: Say, conventions: Conventions, today: date
) -> Asked:
    """The parameters of a tab that `parameter_rows` begins, as staff left them. A row that is gone
    and an empty cell mean the default. Every cell that will not do is a problem.
    """
    found: dict[str, Scalar] = {}
    problems: list[Problem] = []
    kept: dict[str, Cell] = {}
    for column in _columns(say):
        name = column.field.name
        row = _row_of(rows, column.heading)
        cell = typed.cell_at(rows, row, 1) if row is not None else None
        value = typed.read(cell, column, conventions)
        if not isinstance(value, Unreadable):
            value = _unfit(name, value, found, today) or value
        if isinstance(value, Unreadable):
            problems.append(typed.problem(value, typed.Place(TAB, row or 0, 1), name))
            kept[name] = cell
        elif value is not None:
            found[name] = value
    if found.get("period") == _CUSTOM and "since" not in found:
        kept["period"] = typed.cell_at(rows, _row_of(rows, _heading("period", say)) or 0, 1)
        if "since" not in kept:
            place = typed.Place(TAB, _row_of(rows, _heading("since", say)) or 0, 1)
            problems.append(typed.problem(_NO_FIRST_DAY, place, "since"))
    return Asked(_question(found), tuple(problems), kept)


def told_where_they_stand(
    problems: Iterable[Problem], rows: Sequence[Sequence[Cell]], say: Say
) -> tuple[Problem, ...]:
    """The problems, each with the row of its parameter in the tab as it is here."""
    places = _places(rows, say)
    return tuple(replace(item, row=places.get(item.field, item.row)) for item in problems)


def days_in(rows: Sequence[Sequence[Cell]], say: Say) -> Iterator[Cell]:
    """The cells of a tab that ask for days, as they stand."""
    for name, row in _places(rows, say).items():
        if name in _DAYS:
            yield typed.cell_at(rows, row, 1)


def tokens_of(asked: Asked) -> tuple[str, ...]:
    """What each parameter shows, as one text: read again, it gives the same text."""
    return tuple(_tokens(asked).values())


def _tokens(asked: Asked) -> dict[str, str]:
    values = _values(asked.question)
    return {name: f"{name}|{cell_text(asked.typed.get(name, values[name]))}" for name in HEADINGS}


def overtyped(
    rows: Sequence[Sequence[Cell]],
    tokens: Sequence[str],
    say: Say,
    conventions: Conventions,
    today: date,
) -> dict[str, Cell]:
    """The cells of those parameters of a tab, by name, that have other tokens than these."""
    met = _tokens(read_parameters(rows, say, conventions, today))
    return {
        name: typed.cell_at(rows, row, 1)
        for name, row in _places(rows, say).items()
        if met[name] not in tokens
    }


def with_overtyped(
    rows: Sequence[Sequence[Cell]],
    late: Overtyped,
    say: Say,
    conventions: Conventions,
    today: date,
) -> Sequence[Sequence[Cell]]:
    """The rows of a tab with those cells in their places; where somebody has typed since, that
    counts.
    """
    if not late.cells:
        return rows
    standing = _tokens(read_parameters(rows, say, conventions, today))
    found = list(rows)
    for name, row in _places(rows, say).items():
        if name in late.cells and standing[name] in late.tokens:
            found[row] = (rows[row][0], late.cells[name])
    return found


def _places(rows: Sequence[Sequence[Cell]], say: Say) -> dict[str, int]:
    """The row of each parameter that has one, by name."""
    found = ((name, _row_of(rows, _heading(name, say))) for name in HEADINGS)
    return {name: row for name, row in found if row is not None}


def _columns(say: Say) -> tuple[Column, ...]:
    def day(name: str) -> Column:
        return Column(Field(name, Kind.DATE), _heading(name, say))

    periods = {(kind or _CUSTOM): say(word) for kind, word in PERIODS.items()}
    bases = {basis.value: say(word) for basis, word in BASES.items()}
    dimensions = {each.value: say(word) for each, word in DIMENSIONS.items()}
    kinds = {key: say(word) for key, word in _KINDS.items()}
    return (
        typed.choice("period", _heading("period", say), periods),
        day("as_of"),
        day("since"),
        day("until"),
        typed.choice("basis", _heading("basis", say), bases),
        typed.choice("dimensions", _heading("dimensions", say), dimensions, many=True),
        typed.choice("kind", _heading("kind", say), kinds),
    )


HEADINGS: Final = {
    "period": N_("Compare by"),
    "as_of": N_("As of"),
    "since": N_("Chosen days from"),
    "until": N_("Chosen days to"),
    "basis": N_("Count sales"),
    "dimensions": N_("Split by"),
    "kind": N_("Only"),
}
_NO_FIRST_DAY: Final = Unreadable(
    "",
    "V02",
    N_("To compare chosen days, their first day is needed."),
    N_("Type it into this cell; until then a month is compared."),
)


def _heading(name: str, say: Say) -> str:
    return say(HEADINGS[name])


def _row_of(rows: Sequence[Sequence[Cell]], heading: str) -> int | None:
    wanted = heading.casefold()
    for number in range(min(len(rows), SEARCHED_ROWS)):
        cell = typed.cell_at(rows, number, 0)
        if not is_blank(cell) and cell_text(cell).strip().casefold() == wanted:
            return number
    return None


def _unfit(name: str, value: Scalar, found: Mapping[str, Scalar], today: date) -> Unreadable | None:
    """Why a readable value will not do."""
    text = str(value)
    if value is None:
        return None
    if name in ("as_of", "since") and text > today.isoformat():
        return Unreadable(
            text,
            "V08",
            N_("{typed} lies in the future."),
            N_("Type today's date or an earlier one."),
            {"typed": text},
        )
    since = str(found.get("since") or "")
    if name == "until" and text < since:
        return Unreadable(
            text,
            "V08",
            N_("The last of the chosen days ({typed}) lies before the first ({since})."),
            N_("Type a later date, or none."),
            {"typed": text, "since": since},
        )
    return None


def _question(found: Mapping[str, Scalar]) -> Question:
    def day(name: str) -> date | None:
        return date.fromisoformat(str(found[name])) if name in found else None

    period = str(found.get("period") or PeriodKind.MONTH)
    custom = period == _CUSTOM and "since" in found
    dimensions = str(found.get("dimensions") or Dimension.PRODUCT_GROUP).split("; ")
    return Question(
        period=None if custom else PeriodKind(period.replace(_CUSTOM, PeriodKind.MONTH)),
        as_of=day("as_of"),
        since=day("since"),
        until=day("until"),
        basis=Basis(str(found.get("basis") or Basis.FULFILLED)),
        dimensions=tuple(Dimension(each) for each in dimensions),
        kind=str(found.get("kind") or ""),
    )


def _values(question: Question) -> Mapping[str, Scalar]:
    def day(value: date | None) -> Scalar:
        return value.isoformat() if value else None

    return {
        "period": question.period or _CUSTOM,
        "as_of": day(question.as_of),
        "since": day(question.since),
        "until": day(question.until),
        "basis": question.basis.value,
        "dimensions": "; ".join(each.value for each in question.dimensions),
        "kind": question.kind or None,
    }
