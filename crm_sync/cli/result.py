"""A run as people read it: what moved which way, then what waits for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crm_sync.cli.findings import Teller
from crm_sync.cli.screen import Screen, cell, listing
from crm_sync.cli.settings import Settings
from crm_sync.core.values import N_
from crm_sync.services.result import RunResult, TabResult, planned_changes

MOST_LINES = 10
"""How many findings of a kind are listed after a run; the lists of their own have all."""


@dataclass(frozen=True)
class ResultPrinter:
    """Prints runs on one screen."""

    screen: Screen
    settings: Settings
    teller: Teller

    def print_resting(self, results: Sequence[RunResult]) -> None:
        """Prints the runs that need not be made; of very many, their number."""
        if len(results) <= MOST_LINES:
            for result in results:
                self.print(result)
            return
        text = N_("Nothing has changed on either side in {count} workbooks.")
        count = self.settings.messages.integer(len(results))
        self.screen.line(self._say(text, count=count), mark=("✓", "green"))
        conflicts = sum(len(result.conflicts) for result in results)
        problems = sum(len(result.problems) for result in results)
        self._print_waiting(conflicts, problems)

    def print(self, result: RunResult, *, again: bool = False) -> None:
        """Prints one run over one workbook, its second one if `again`."""
        if result.outcome == "unchanged":
            text = N_("{workbook}: nothing has changed on either side; nothing was written.")
            self.screen.line(self._say(text, workbook=result.workbook), mark=("✓", "green"))
            self._print_waiting(len(result.conflicts), len(result.problems))
            return
        if result.outcome == "postponed":
            text = N_("{workbook}: no time was left; it comes first in the next run.")
            self.screen.line(self._say(text, workbook=result.workbook), mark=("■", "yellow"))
            return
        title = {
            "planned": N_("{workbook}: what a run would do (nothing was done)"),
            "stopped": N_("{workbook}: synced, but for the tabs named below"),
        }.get(result.outcome, N_("{workbook}: synced"))
        if again and result.outcome == "synced":
            title = N_("{workbook}: synced once more, with what came from other workbooks")
        stopped = bool(result.stops)
        mark = ("■", "yellow") if stopped else ("✓", "green")
        self.screen.line(self._say(title, workbook=result.workbook), "bold", mark=mark)
        moved = [tab for tab in result.tabs if not tab.quiet and tab.stop is None]
        if moved:
            self._print_counts(moved)
        elif not stopped:
            self._line(self._say(N_("Nothing to carry over in either direction.")))
        self._print_stops(result)
        self._print_findings(result)

    def _print_counts(self, tabs: Iterable[TabResult]) -> None:
        counts = listing(
            self._say(N_("Tab")), self._say(N_("Into the store")), self._say(N_("Into the sheet"))
        )
        for tab in tabs:
            store = self._counted(
                (N_("{count} new"), tab.created),
                (N_("{count} changed"), tab.updated),
                (N_("{count} archived"), tab.archived),
                (N_("{count} restored"), tab.restored),
            )
            sheet = self._counted(
                (N_("{count} new"), tab.rows_added),
                (N_("{count} changed"), tab.rows_changed),
                (N_("{count} taken out"), tab.rows_removed),
            )
            counts.add(cell(tab.title), cell(store), cell(sheet))
        self.screen.table(counts)

    def _counted(self, *numbers: tuple[str, int]) -> str:
        integer = self.settings.messages.integer
        parts = [self._say(text, count=integer(count)) for text, count in numbers if count]
        return ", ".join(parts) or "·"

    def _print_stops(self, result: RunResult) -> None:
        for stop in result.stops:
            message = " ".join(self._say(text, **facts) for text, facts in stop.reasons)
            self.screen.line(message, mark=(stop.code, "bold red"), indent=2)
            hint = self.settings.typed(self._say(stop.hint, **stop.params))
            self.screen.line(hint, mark=("→", "bold"), indent=2, keep=True)

    def _print_findings(self, result: RunResult) -> None:
        notices = [self._say(item.message, **item.params) for item in result.notices]
        self._list(notices, "cyan", N_("… and {count} more of this kind."))
        plan, tell = result.plan, self.teller
        if plan is not None:
            changes = [tell.change(item) for item in planned_changes(tell.app, plan)]
            self._list(changes, "", N_("… and {count} more changes."))
            conflicts = [tell.conflict(item) for item in plan.conflicts]
            problems = [tell.problem(item) for item in plan.problems]
        else:
            conflicts = [tell.conflict(item.conflict, item.id) for item in result.conflicts]
            problems = [tell.problem(item.problem) for item in result.problems]
        more = N_("… and {count} more: crm-sync conflicts list")
        self._list(conflicts, "blue", more)
        self._list(problems, "yellow", N_("… and {count} more: crm-sync problems list"))
        if result.waiting:
            text = N_("Rows that go as soon as other workbooks have their records: {count}.")
            self._line(self._say(text, count=result.waiting), "dim", "")
        if result.published:
            tabs = ", ".join(result.published)
            self._line(self._say(N_("Rewritten: {tabs}."), tabs=tabs), "dim", "")

    def _print_waiting(self, conflicts: int, problems: int) -> None:
        if conflicts or problems:
            text = N_("Still waiting: conflicts {conflicts}, problems {problems}.")
            self._line(self._say(text, conflicts=conflicts, problems=problems), "dim", "")

    def _list(self, lines: Sequence[str], style: str, more: str) -> None:
        for line in lines[:MOST_LINES]:
            self._line(line, style)
        left = len(lines) - MOST_LINES
        if left > 0:
            text = self.settings.typed(self._say(more, count=left))
            self._line(text, "dim", "")

    def _line(self, text: str, style: str = "", mark: str = "•") -> None:
        self.screen.line(text, style, mark=(mark, style), indent=2)

    def _say(self, template: str, **facts: object) -> str:
        return self.settings.messages.text(template, **facts)
