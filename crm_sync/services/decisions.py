"""Carries out what staff decided in the tabs Problems and Conflicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from crm_sync.core.findings import Clash, Conflict, Notice, Problem, Severity, Side
from crm_sync.core.values import N_, Unreadable, cell_text, is_blank
from crm_sync.errors import UserError
from crm_sync.ports import Binding, OpenConflict, OpenProblem
from crm_sync.reports.decisions import (
    Answers,
    Decision,
    Overwritten,
    Typed,
    about,
    choices_for,
    choices_of,
    decision_in,
    typed_answers,
)
from crm_sync.services.application import Application
from crm_sync.services.problems import merge_duplicates
from crm_sync.services.reading import Pending, Reading
from crm_sync.services.review import take_side, take_value
from crm_sync.services.world import World, load_world

PROBLEMS: Final = "problems"
CONFLICTS: Final = "conflicts"
_SIDES = {Decision.STORE: Side.STORE, Decision.SHEET: Side.SHEET}


@dataclass(frozen=True)
class Decided:
    """What was decided: whose value the merge is to take, by table, record id and field; what
    stays in the cells of both tabs; what people should know of; the `late` values, those for
    conflicts that had been settled when they were read; those that were `outdone` by an answer that
    was typed where they stood no longer; and the numbers of the conflicts whose decisions a formula
    `hindered`.
    """

    sides: Mapping[str, Mapping[tuple[str, str], Pending]] = field(default_factory=dict)
    problems: Answers = field(default_factory=Answers)
    conflicts: Answers = field(default_factory=Answers)
    notices: tuple[Notice, ...] = ()
    late: tuple[Typed, ...] = ()
    outdone: tuple[Typed, ...] = ()
    hindered: frozenset[int] = frozenset()

    @property
    def answered(self) -> bool:
        """True if anything stands in the cells for answers."""
        return bool(self.problems.typed or self.conflicts.typed)


def carry_out(
    app: Application,
    binding: Binding,
    reading: Reading,
    late: Mapping[str, Overwritten],
    before: Callable[[], object],
) -> Decided:
    """Does what the answers in the workbook say, before its rows are merged. An answer that cannot
    be carried out stays in its cell, with the reason beside it. To do it twice is harmless: a run
    that dies meanwhile leaves the answers where they stand. `late` ones are no longer in their
    cells, by tab; where somebody answered anew, that counts. `before` is called before the first
    effect, if there are answers at all.
    """
    standing = {
        name: typed_answers(read.rows, app.say)
        for name in (PROBLEMS, CONFLICTS)
        if (read := reading.reads.get(name)) is not None
    }
    tabs = {name: late.get(name, Overwritten()).among(found) for name, found in standing.items()}
    if not any(tabs.values()):
        return Decided()
    before()
    work = _Work(app, binding)
    problems = work.answered(tabs.get(PROBLEMS, ()), work.problem)
    problems = replace(problems, about=work.about(problems.typed))
    conflicts = work.answered(tabs.get(CONFLICTS, ()), work.conflict)
    hindered = frozenset(
        number
        for number in conflicts.remarks
        if (found := work.open_conflicts.get(number)) and found.conflict.clash is Clash.FORMULA
    )
    outdone = late.get(CONFLICTS, Overwritten()).outdone(standing.get(CONFLICTS, ()))
    return Decided(
        work.sides,
        problems,
        conflicts,
        tuple(work.notices),
        tuple(work.late),
        tuple(each for each in outdone if work.is_unheard(each)),
        hindered,
    )


def can_be_done_now(app: Application, workbook: str, decided: Decided) -> bool:
    """True for a decision that a formula hindered which is no longer there."""
    return any(
        item.id in decided.hindered and item.conflict.clash is not Clash.FORMULA
        for item in app.store.findings.conflicts(workbook)
    )


def tell_unused(app: Application, workbook: str, decided: Decided) -> None:
    """Notes, as a problem each, the values that were typed for conflicts and come to nothing, since
    the conflict is settled: with their line they would go. So are those that a write of ours had
    hit and over which somebody then typed another answer. They stay until somebody accepts them.
    """
    findings = app.store.findings
    open_ = {item.id for item in findings.conflicts(workbook)}
    answers = decided.conflicts
    refused = (answers.typed[number] for number in answers.remarks if number not in open_)
    settled = [*decided.late, *(typed for typed in refused if not is_blank(typed.value))]
    unused = [_unused(typed, _SETTLED) for typed in settled]
    unused += [_unused(typed, _OUTDONE) for typed in decided.outdone]
    if not unused:
        return
    waiting = [
        item.problem
        for item in findings.problems(workbook)
        if item.problem.table == CONFLICTS and not item.accepted
    ]
    known = {problem.key for problem in waiting}
    new = [problem for problem in unused if problem.key not in known]
    findings.put_problems(workbook, CONFLICTS, [*waiting, *new], app.clock.now())


_SETTLED = N_("Conflict {number} was settled before “{typed}” was read.")
_OUTDONE = N_(
    "“{typed}” was typed for conflict {number} while the tab was written anew, and then another "
    "answer in its place."
)


def _unused(typed: Typed, message: str) -> Problem:
    text = cell_text(typed.value)
    return Problem(
        CONFLICTS,
        "V16",
        Severity.WARN,
        message,
        N_("Type it into the cell itself if it is to stand; else choose “Accept as it is”."),
        typed=text,
        params={"number": str(typed.number), "typed": text},
    )


def about_problems(
    app: Application, workbook: str, decided: Decided
) -> dict[str, dict[tuple[str, str], Pending]]:
    """What was decided about the problems of a workbook, outside it or in it, by table, record and
    field.
    """
    found: dict[str, dict[tuple[str, str], Pending]] = {}
    for item in app.store.findings.problems(workbook):
        if item.decided:
            problem = item.problem
            place = (problem.record_id, problem.field)
            found.setdefault(problem.table, {})[place] = Pending(Side(item.decided), problem.typed)
    for table, sides in decided.sides.items():
        found.setdefault(table, {}).update(sides)
    return found


class _Refused(Exception):
    """An answer that will not do; the text says why, in the workbook's language."""


class _Work:
    def __init__(self, app: Application, binding: Binding) -> None:
        self.app, self.binding = app, binding
        findings, name = app.store.findings, binding.workbook
        self.open_problems = {item.id: item for item in findings.problems(name)}
        self.open_conflicts = {item.id: item for item in findings.conflicts(name)}
        self.sides: dict[str, dict[tuple[str, str], Pending]] = {}
        self.notices: list[Notice] = []
        self.late: list[Typed] = []

    def answered(self, typed: Sequence[Typed], do: Callable[[Typed], None]) -> Answers:
        """Does each answer. All of them stay in their cells for as long as their line does: what
        was done takes its line away.
        """
        remarks: dict[int, str] = {}
        for each in typed:
            try:
                do(each)
            except _Refused as exc:
                remarks[each.number] = str(exc)
            except UserError as exc:
                remarks[each.number] = self._text(exc)
        return Answers({each.number: each for each in typed}, remarks)

    def about(self, numbers: Iterable[int]) -> dict[int, str]:
        """What the lines of these problems are about, by number."""
        found = {number: self.open_problems.get(number) for number in numbers}
        return {number: about(item.problem) for number, item in found.items() if item}

    def problem(self, typed: Typed) -> None:
        """Carries out the answer to a problem; one that is mended needs none."""
        found = self.open_problems.get(typed.number)
        if found is None:
            return
        decision = self._decision(typed, choices_for(found.problem))
        problem = found.problem
        if decision is Decision.ACCEPT:
            self.app.store.findings.accept_problem(found.id)
        elif decision is Decision.MERGE:
            self._merge(found)
        else:
            place = (problem.record_id, problem.field)
            self.sides.setdefault(problem.table, {})[place] = Pending(
                _SIDES[decision], problem.typed
            )

    def conflict(self, typed: Typed) -> None:
        """Carries out the answer to a conflict."""
        found = self.open_conflicts.get(typed.number)
        if found is None:
            self._too_late(typed)
            return
        has_value = not is_blank(typed.value)
        if has_value and typed.decision:
            raise _Refused(self.app.say(N_("Choose from the list or type a value, not both.")))
        if has_value:
            self._value(found, typed)
        else:
            decision = self._decision(typed, choices_of(found.conflict))
            take_side(self.app, found.id, _SIDES[decision], self._world())

    def _decision(self, typed: Typed, offered: tuple[Decision, ...]) -> Decision:
        decision = decision_in(typed.decision, self.app.say)
        if decision is None or decision not in offered:
            raise _Refused(
                self.app.say(
                    N_("“{typed}” cannot be done here: choose from the list, or mend the cell."),
                    typed=typed.decision,
                )
                if offered
                else self.app.say(
                    N_("“{typed}” cannot be done here: mend the cell itself."), typed=typed.decision
                )
            )
        return decision

    def _value(self, found: OpenConflict, typed: Typed) -> None:
        if not found.conflict.field:
            raise _Refused(
                self.app.say(N_("This is about a whole row, not one value: choose from the list."))
            )
        source = f"sheet:{self.binding.workbook}"
        take_value(self.app, found.id, typed.value, self._world(), source=source)

    def _merge(self, found: OpenProblem) -> None:
        source = f"sheet:{self.binding.workbook}"
        notice = merge_duplicates(self.app, found, self._world(), source=source)
        if notice is not None:
            self.notices.append(notice)

    def _too_late(self, typed: Typed) -> None:
        """A value for a conflict that was settled before it was read: nobody knows which of the two
        is the last word, so it is told in Problems, unless the record holds it or has done so.
        """
        if not is_blank(typed.value) and self.is_unheard(typed):
            self.late.append(typed)

    def is_unheard(self, typed: Typed) -> bool:
        """True for a value that the record in conflict neither holds nor has ever held."""
        found = self.open_conflicts.get(typed.number)
        conflict = found.conflict if found else self.app.store.findings.settled(typed.number)
        return conflict is not None and not self._held(conflict, typed)

    def _held(self, conflict: Conflict, typed: Typed) -> bool:
        world, name = self._world(), conflict.field
        record = world.records[conflict.table].get(conflict.record_id)
        codec = world.codecs(self.app.tab(conflict.table)).get(name)
        if record is None or codec is None:
            return False
        known = {record.values.get(name)}
        for entry in self.app.store.records.history(record.id):
            known |= set(entry.changes.get(name, ()))
        value = codec.parse(typed.value)
        return not isinstance(value, Unreadable) and value in known

    def _world(self) -> World:
        """The records as they are now: an answer before this one may have changed them."""
        return load_world(self.app, self.binding)

    def _text(self, exc: UserError) -> str:
        return " ".join(self.app.say(part, **exc.facts) for part in (exc.message, exc.hint) if part)
