"""One sync of one workbook: the way that everything in this program serves."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import partial

from crm_sync.core.locked import NO_LOCKS, Locks
from crm_sync.core.seeing import Seen
from crm_sync.core.verifying import Verdict
from crm_sync.errors import Locked, Overtaken, ShapeError, StoreMoved
from crm_sync.ports import Binding, RunReport, Workbook
from crm_sync.reports.answers import TAB as FOLLOWUPS
from crm_sync.reports.problems import is_waiting
from crm_sync.services.access import check_access
from crm_sync.services.answers import Answered, settle_answers, take_answers, tell_places
from crm_sync.services.application import JOURNAL, Application
from crm_sync.services.apply import (
    Prepared,
    apply_to_store,
    gave_way,
    journal,
    prepare,
    stamped,
    with_generated,
)
from crm_sync.services.approvals import with_approved
from crm_sync.services.backup import back_up_before_run
from crm_sync.services.catching_up import caught_up
from crm_sync.services.charting import plan_charts, settle_charts
from crm_sync.services.collector import collector_at_rest
from crm_sync.services.decisions import (
    Decided,
    about_problems,
    can_be_done_now,
    carry_out,
    tell_unused,
)
from crm_sync.services.dry_run import dry_run_of
from crm_sync.services.identity import check_identity, own_stamp
from crm_sync.services.locale import with_locale
from crm_sync.services.locked import beside_locks, known_locks, locked_tabs, locks_met, unlocked
from crm_sync.services.marking import Marked, note_marks, plan_marks, settle_marks, with_marks
from crm_sync.services.narrowing import columns_left, left_behind, may_recalculate
from crm_sync.services.own_columns import keep_own_columns
from crm_sync.services.parts import Part, parted
from crm_sync.services.plan_run import plan_run
from crm_sync.services.planning import Planned
from crm_sync.services.publish import finding_grids, generated_tabs, workbook_reports
from crm_sync.services.reading import Reading, is_changed, read_as, read_workbook
from crm_sync.services.recover import Outstanding, close_operations, keep_typed_over, outstanding
from crm_sync.services.result import RunResult, run_result
from crm_sync.services.scopes import scope_of
from crm_sync.services.sending import send, version_after
from crm_sync.services.setup import open_workbook
from crm_sync.services.standing import last_reports, reports_seen, standing_reports
from crm_sync.services.views import for_workbook, scope_text, shown_world
from crm_sync.services.watching import Late, late_in, watching
from crm_sync.services.wiping import blank_write, must_wipe, settle_blank

ROUNDS = 3
"""How often a run plans anew when staff move rows under its hands, or someone edits the store."""


@dataclass(frozen=True)
class Met:
    """What a write met: its verdict, the marks that it set, the answers that it emptied, what was
    typed into the generated tabs since they were read, and the workbook's `version` after it.
    """

    verdict: Verdict
    marked: Marked
    answered: Answered
    late: Late
    version: int


@dataclass
class Run:
    """One run under way. `version` is the workbook's before the last read, `before` what was found
    by earlier runs; `reports` are the tabs of reports if it looked at them or wrote them, `locks`
    what is protected against us, as far as it was met.
    """

    app: Application
    workbook: Workbook
    binding: Binding
    number: int
    allowed: frozenset[str]
    version: int = 0
    before: frozenset[str] = frozenset()
    reports: dict[str, Seen] | None = None
    locks: Locks = NO_LOCKS


def sync(
    app: Application,
    name: str,
    *,
    dry_run: bool = False,
    allowed: frozenset[str] = frozenset(),
    version: int | None = None,
) -> RunResult:
    """Brings one workbook and the store to agreement.

    1.  probe    neither side changed since the last run: done, one request, no cell read; none
                 if the list of changes has told the `version` (`fleet.look`)
    2.  read     all tabs in one request, as they stand
    3.  merge    cells -> records and problems; base, ours, theirs -> changes, conflicts
    4.  plan     ordered and within the limits; a dry run ends here
    5.  journal  the store is backed up, and the operation written down before its first effect
    6.  apply    the store in one transaction, then the sheet in one atomic request,
                 with the generated tabs that differ (publish)
    7.  verify   the answer holds what stood in each row at that moment
    8.  settle   bases advance for what was verified; what was hit by mistake is put back: from 2
    9.  report   what happened

    Raises UserError of many kinds; whatever happened by then, the next run goes on from it.
    """
    with app.store.lease():
        app = for_workbook(app, name)
        if dry_run:
            return dry_run_of(app, name, allowed)
        workbook, binding = open_workbook(app, name)
        binding = caught_up(app, (binding,))[name]
        if version is None or binding.version != version:
            version = workbook.probe()  # 1
        if not is_changed(app, binding, version):
            return RunResult(name, "unchanged", address=workbook.address)
        check_access(app, name, workbook)
        number = app.store.journal.start_run(name, app.clock.now())
        run = Run(app, workbook, binding, number, allowed, version)
        run.locks = known_locks(app, workbook, name)
        with collector_at_rest():
            result = _work(run)
        summary = json.dumps(result.counts, sort_keys=True)
        report = RunReport(name, result.outcome, summary)
        app.store.journal.finish_run(number, report, app.clock.now())
        return result


def _work(run: Run) -> RunResult:
    """Steps 2 to 9, again while the ground moves: a round that settled a part of its write does not
    count among those that came to nothing.
    """
    owed: dict[str, Outstanding] = {}
    rounds = ROUNDS
    is_first = True
    while rounds:
        if not is_first:
            run.version = run.workbook.probe()
        try:
            done = _round(run, owed, is_first=is_first)
        except (Overtaken, StoreMoved):
            done = 0
        if isinstance(done, RunResult):
            return done
        rounds -= not done
        is_first = False
    raise gave_way(run.binding.workbook)


def _round(run: Run, owed: dict[str, Outstanding], *, is_first: bool) -> RunResult | int:
    """One round: the result of the run, or how many parts of the write were settled before one met
    what it did not expect. Raises Overtaken, StoreMoved.
    """
    reading, decided, answered = _read(run, owed)  # 2
    reading, planned, sequence = plan_run(
        run.app, run.workbook, run.binding, reading, run.allowed
    )  # 3, 4
    planned = beside_locks(planned, run.locks)
    prepared, marked = _prepared(run, planned, reading)
    if is_first and (planned.plan.changes or not prepared.batch.empty):
        back_up_before_run(run.app, run.number)
    parts = list(parted(prepared, planned, reading, run.workbook.most))
    journal(run.app, run.binding.workbook, run.number, parts[0].prepared)  # 5
    run.before = _findings(run)
    sequence = apply_to_store(run.app, run.binding.workbook, run.number, planned, sequence)  # 6
    tell_unused(run.app, run.binding.workbook, decided)
    last = parts[-1].prepared
    if answered.is_new or decided.answered or _worth_publishing(run, planned, prepared):
        last = _publish(run, planned, last, reading, (decided, answered))
    last = watching(run.app, unlocked(last, run.locks), reading, decided, answered)
    parts[-1] = replace(parts[-1], prepared=last)
    version = run.version
    for number, part in enumerate(parts):
        if number or part.prepared.intent.lists:
            journal(run.app, run.binding.workbook, run.number, part.prepared, again=not number)
        try:
            met = _meet(run, part, number, marked, answered)
        except Locked as exc:
            run.locks = locks_met(run.workbook, run.locks, exc)
            return number
        except ShapeError:
            if JOURNAL not in run.binding.sheets:
                raise
            # Somebody took a tab away that nobody reads, like the journal: look where all are.
            known = {key: sheet for key, sheet in run.binding.sheets.items() if key != JOURNAL}
            run.binding = replace(run.binding, sheets=known)
            return number
        _settle(run, reading, planned, part, met)  # 8
        if not met.verdict.clean or met.late:
            debts = part.prepared.intent.debts(met.verdict)
            owed[part.prepared.batch.operation] = Outstanding(debts, met.late)
            return number
        version = met.version
    version, writes = _wiped(run, planned, last, version)
    writes += len(parts) - 1
    is_owed = marked.waits or can_be_done_now(run.app, run.binding.workbook, decided)
    _remember(run, planned, sequence, None if is_owed else version, writes)
    return _report(run, planned, last, decided)  # 9


def _meet(run: Run, part: Part, number: int, marked: Marked, answered: Answered) -> Met:
    """Sends a part of the write, the one after `number` others, and says what it met. Raises
    Overtaken, and ShapeError for a tab that is gone.
    """
    workbook, name, prepared = run.workbook, run.binding.workbook, part.prepared
    images = send(workbook, name, prepared)
    version = version_after(workbook, name, run.version + number, prepared)
    verdict = prepared.intent.verdict(images)  # 7
    late = late_in(run.app, run.binding, prepared.intent, images)
    return Met(verdict, marked, answered, late, version)


def _read(run: Run, owed: dict[str, Outstanding]) -> tuple[Reading, Decided, Answered]:
    """The workbook, and what staff decided and answered in it: that is done before anything is
    merged. What the write that landed last is to put right is found out, unless it is `owed`
    already by that operation. Raises Overtaken.
    """
    reading = read_workbook(run.app, run.workbook, run.binding, run.allowed)
    run.binding = replace(run.binding, locale=run.binding.locale or reading.locale)

    before = partial(back_up_before_run, run.app, run.number)
    check_identity(run.app, run.binding, reading)
    standing = reading.stamp.operation
    if standing not in owed:
        owed[standing] = outstanding(run.app, run.workbook, run.binding, reading)
    late = owed[standing].late
    reading = with_locale(run.app, run.workbook, reading, owed[standing])
    binding = read_as(run.binding, reading)
    decided = carry_out(run.app, binding, reading, late.decisions, before)
    answered = take_answers(run.app, binding, reading, late.unread, before, run.number)
    reading = replace(
        reading,
        repairs=owed[standing].repairs,
        decided=about_problems(run.app, run.binding.workbook, decided),
    )
    reading = with_approved(run.app, run.binding.workbook, reading)
    keep_typed_over(run.app, binding, run.number, reading)
    return reading, decided, answered


def _prepared(run: Run, planned: Planned, reading: Reading) -> tuple[Prepared, Marked]:
    """The write of the plan with the marks of what it found."""
    app, name = run.app, run.binding.workbook
    marked = plan_marks(app, run.workbook, name, planned, reading, run.locks)
    prepared = with_marks(prepare(app, name, planned, reading), planned, marked)
    prepared = stamped(prepared, own_stamp(app, run.binding), planned, reading)
    with app.store.transaction():
        note_marks(app, marked)
    return prepared, marked


def _findings(run: Run) -> frozenset[str]:
    findings, name = run.app.store.findings, run.binding.workbook
    return frozenset(item.problem.key for item in findings.problems(name)) | frozenset(
        repr(item.conflict) for item in findings.conflicts(name)
    )


def _worth_publishing(run: Run, planned: Planned, prepared: Prepared) -> bool:
    """A run that found nothing new leaves generated tabs alone: times are no reason to write."""
    return (
        bool(planned.plan.changes or planned.plan.stops)
        or not prepared.batch.empty
        or _findings(run) != run.before
        or is_changed(run.app, run.binding, run.binding.version or 0)
    )


def _publish(
    run: Run,
    planned: Planned,
    prepared: Prepared,
    reading: Reading,
    found: tuple[Decided, Answered],
) -> Prepared:
    """The write with those generated tabs that differ."""
    decided, answered = found
    standing = frozenset[str]()
    if not (answered.is_new or decided.answered):
        question, is_news = answered.asked.question, _findings(run) != run.before
        standing = standing_reports(
            run.app, run.binding, reading, planned.world, question, is_news=is_news
        )
    told = shown_world(run.app, planned.world, reading.scoping)
    reports = workbook_reports(run.app, told, answered, standing)
    tell_places(run.app, run.binding, answered, reports, run.locks)
    grids = finding_grids(run.app, run.binding.workbook, planned, decided)
    grids |= {name: report.grid for name, report in reports.items()}
    charts = {name: report.charts for name, report in reports.items()}
    tabs = generated_tabs(run.app, reading, grids, charts)
    run.reports = reports_seen(run.app, run.binding.workbook, reading, reports, tabs)
    charting = plan_charts(run.app, run.workbook, run.binding.workbook, reading, tabs, reports)
    return with_generated(prepared, tabs, charting)


def _settle(
    run: Run,
    reading: Reading,
    planned: Planned,
    part: Part,
    met: Met,
) -> None:
    """Moves the bases of what was verified. An operation that hit something, or that carries what
    an earlier one hit, stays open until the write that puts it right is settled itself.
    """
    store, verdict, prepared = run.app.store, met.verdict, part.prepared
    name = run.binding.workbook
    landed = "" if prepared.batch.empty else prepared.batch.operation
    run.binding = replace(
        run.binding,
        sheets=dict(reading.attached.sheets),
        version=None,
        operation=landed or run.binding.operation,
    )
    with store.transaction():
        for plan in planned.plan.tabs:
            moved, dropped = part.settles(plan)
            done = {key: plan.bases[key] for key in moved if verdict.settles(plan.table, key)}
            begun = plan.created & done.keys()
            store.bases.settle(name, plan.table, begun)
            others = {key: base for key, base in done.items() if key not in begun}
            store.bases.put(name, plan.table, others)
            gone = [key for key in dropped if verdict.settles(plan.table, key)]
            store.bases.drop(name, plan.table, gone)
        if part.is_last:
            if run.app.bound[name].keep_extra:
                keep_own_columns(run.app, name, planned)
            settle_marks(run.app, met.marked, verdict)
            lists = {item.sheet_id for item in prepared.batch.generated}
            emptied = run.binding.sheets.get(FOLLOWUPS) in lists
            settle_answers(run.app, name, met.answered, emptied=emptied)
            settle_charts(run.app, name, prepared.charting)
        owing = bool(met.late) or not verdict.clean or bool(prepared.intent.owed)
        close_operations(run.app, name, reading, prepared, owing=owing)
        store.bases.bind(run.binding)


def _wiped(run: Run, planned: Planned, prepared: Prepared, version: int) -> tuple[int, int]:
    """The workbook's version after the run, and how many writes the run made."""
    if prepared.batch.empty or not must_wipe(run.app, run.binding.workbook, planned):
        return version, int(not prepared.batch.empty)
    blank = blank_write(run.app, run.binding.workbook, run.number, prepared)
    send(run.workbook, run.binding.workbook, blank)
    run.binding = settle_blank(run.app, run.binding, blank)
    return run.workbook.probe(), 2


def _remember(run: Run, planned: Planned, sequence: int, version: int | None, writes: int) -> None:
    """Notes the state in which both sides agree, for the next run's probe. Should anyone have
    edited the workbook since it was read, `version` has risen by more than our own `writes`, and
    the next run looks again; so it does while a tab is stopped, to tell of a draft, and where
    formulas may give something else for what we wrote.
    """
    revived = any(found.revived for found in planned.readings.values())
    moved = not planned.plan.stops and not any(plan.waiting for plan in planned.plan.tabs)
    draft = is_waiting(run.app.store.findings.problems(run.binding.workbook))
    is_moving = bool(writes) and may_recalculate(planned)
    at_rest = moved and not (revived or draft or is_moving)
    settled = version == run.version + writes and at_rest
    rules = run.app.bound[run.binding.workbook].rules
    run.binding = replace(
        run.binding,
        version=version if settled else None,
        sequence=sequence,
        day=run.app.local_now().date().isoformat(),
        fingerprint=run.app.fingerprint,
        scope=scope_text(scope_of(run.app, run.binding.workbook)) if moved else run.binding.scope,
        fields=columns_left(planned, rules, run.binding.fields),
    )
    seen = {} if revived else left_behind(planned)
    with run.app.store.transaction():
        run.app.store.bases.bind(run.binding)
        last = last_reports(run.app, run.binding.workbook)
        reports = last if run.reports is None else run.reports
        run.app.store.sightings.note(run.binding.workbook, {**seen, **reports})


def _report(run: Run, planned: Planned, prepared: Prepared, decided: Decided) -> RunResult:
    written = {item.sheet_id for item in prepared.batch.generated}
    sheets = run.binding.sheets
    notices = (*decided.notices, *locked_tabs(run.app, run.binding, run.locks))
    result = run_result(run.app, run.binding.workbook, planned.plan, notices)
    tabs = tuple(title for key, title in run.app.titles.items() if sheets.get(key) in written)
    return replace(result, published=tabs, address=run.workbook.address)
