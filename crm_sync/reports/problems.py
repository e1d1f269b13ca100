"""The Problems tab: what could not be taken as it stands, why, and what would do."""

from __future__ import annotations

from collections.abc import Sequence

from crm_sync.core.findings import Problem, Severity, Stop
from crm_sync.core.grid import Grid, Shown
from crm_sync.core.values import N_
from crm_sync.reports import cells
from crm_sync.reports.decisions import (
    DECISION,
    LABELS,
    NO_ANSWERS,
    NUMBER,
    Answers,
    about,
    choices_for,
)
from crm_sync.reports.findings import Reader, SeenProblem, place

DRAFT_RUNS = 2
"""A row that still lacks required cells is a draft; it is a problem once so many runs saw it."""

_LAST_SEEN = N_("Last seen")
_TIMES = N_("Times")
_COLUMNS = (
    (NUMBER, 50),
    (N_("Tab"), 110),
    (N_("Cell"), 60),
    (N_("Record"), 220),
    (N_("Column"), 130),
    (N_("Severity"), 90),
    (N_("Code"), 60),
    (N_("Typed"), 160),
    (N_("In the store"), 160),
    (N_("What to do"), 420),
    (DECISION, 150),
    (N_("Who mends it"), 130),
    (N_("First seen"), 130),
    (_LAST_SEEN, 130),
    (_TIMES, 60),
)
_SEVERITIES = {
    Severity.REJECT: N_("not taken"),
    Severity.WARN: N_("look at it"),
    Severity.DRAFT: N_("unfinished row"),
}
_ORDER = tuple(_SEVERITIES)


def shown_problems(problems: Sequence[SeenProblem]) -> tuple[SeenProblem, ...]:
    """Those that people are told of: all but drafts that only one run has seen, and what someone
    accepted as it is.
    """
    return tuple(
        each
        for each in problems
        if not each.accepted
        and (each.problem.severity is not Severity.DRAFT or each.times >= DRAFT_RUNS)
    )


def is_waiting(problems: Sequence[SeenProblem]) -> bool:
    """True if a draft is yet to be seen once more before people are told of it."""
    return any(
        each.problem.severity is Severity.DRAFT and each.times < DRAFT_RUNS for each in problems
    )


def problems_grid(
    problems: Sequence[SeenProblem],
    reader: Reader,
    answers: Answers = NO_ANSWERS,
    stops: Sequence[Stop] = (),
) -> Grid:
    """The tabs that wait, then one row a problem, in order of tab, row and column; a single remark
    if there is none of both. The number is the problem's own and stays while it lasts: by it what
    staff decide is known again. `answers` are what stays in the cells for decisions.
    """
    told = sorted(shown_problems(problems), key=lambda each: _order(each, reader))
    heading = tuple(cells.header(reader.say(name)) for name, _ in _COLUMNS)
    waiting = (_stopped(stop, reader) for stop in stops)
    rows = [heading, *waiting, *(_row(each, reader, answers) for each in told)]
    if len(rows) == 1:
        rows.append((cells.note(reader.say(N_("No problems: every cell was understood."))),))
    passing = frozenset(
        index for index, (name, _) in enumerate(_COLUMNS) if name in (_LAST_SEEN, _TIMES)
    )
    return Grid(tuple(rows), tuple(width for _, width in _COLUMNS), passing=passing)


def _order(each: SeenProblem, reader: Reader) -> tuple[object, ...]:
    problem = each.problem
    tables = list(reader.tabs)
    table = tables.index(problem.table) if problem.table in tables else len(tables)
    row = -1 if problem.row is None else problem.row
    column = -1 if problem.column is None else problem.column
    return table, problem.table, row, column, _ORDER.index(problem.severity), problem.key


def _advice(problem: Problem, reader: Reader) -> str:
    templates = (problem.message, problem.remedy)
    return " ".join(reader.sentence(each, problem.params) for each in templates if each)


def _told(each: SeenProblem, reader: Reader, answers: Answers) -> str:
    advice = answers.advice(each.id, _advice(each.problem, reader))
    if each.id in answers.remarks or not answers.outdated(each.id, about(each.problem)):
        return advice
    changed = N_("This has changed since “{decision}” was chosen: choose anew.")
    return f"{reader.say(changed, decision=answers.typed[each.id].decision)} {advice}"


def _stopped(stop: Stop, reader: Reader) -> tuple[Shown, ...]:
    """What whoever works in the tab is to know: nothing that they type there is taken meanwhile."""
    told = (reader.say(message, **facts) for message, facts in stop.reasons)
    advice = " ".join((*told, reader.say(stop.hint, **stop.params)))
    told_of = {
        "Tab": cells.text(reader.tab(stop.table)),
        "Severity": cells.text(reader.say(N_("the tab waits"))),
        "Code": cells.text(stop.code),
        "What to do": cells.text(advice),
    }
    return tuple(told_of.get(name, cells.BLANK) for name, _ in _COLUMNS)


def _row(each: SeenProblem, reader: Reader, answers: Answers) -> tuple[Shown, ...]:
    problem, say = each.problem, reader.say
    choices = [say(LABELS[choice]) for choice in choices_for(problem)]
    return (
        cells.integer(each.id),
        cells.text(reader.tab(problem.table)),
        place(problem.row, problem.column, reader.sheets.get(problem.table)),
        reader.record(problem.table, problem.record_id),
        cells.text(reader.heading(problem.table, problem.field)),
        cells.text(say(_SEVERITIES[problem.severity])),
        cells.text(problem.code),
        cells.text(reader.day(problem.typed)),
        reader.value(problem.table, problem.field, problem.stored),
        cells.text(_told(each, reader, answers)),
        answers.decision(each.id, choices, about(problem)),
        cells.text(reader.owner(problem.table, problem.record_id)),
        reader.time(each.first_seen),
        reader.time(each.last_seen),
        cells.integer(each.times),
    )
