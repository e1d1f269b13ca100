"""Switches the engine's guards off one by one and counts the histories until each is missed.

    python -m tests.property.guards            the table of guards, then the comparison
    python -m tests.property.guards --most 50  fewer histories for each

A guard is switched off by changing a line of its source in this process alone.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

from crm_sync.errors import UserError
from crm_sync.services.result import RunResult
from tests.property.histories.check import at_rest
from tests.property.histories.hand import MARK
from tests.property.histories.lot import history
from tests.property.histories.model import FIELDS, plain
from tests.property.histories.play import Player, Syncing
from tests.property.histories.rivals import LastWriterWins
from tests.property.histories.stage import (
    FIRST_CLIENTS,
    Scene,
    Stage,
    first_client,
    open_stage,
)
from tests.property.histories.steps import History


@dataclass(frozen=True)
class Guard:
    """A guard, and the change of a line that switches it off."""

    name: str
    module: str
    line: str
    instead: str


GUARDS = (
    Guard(
        "a row's id is compared when a write has landed",
        "core.verifying",
        "return row_id != item.row_id or (",
        "return (",
    ),
    Guard(
        "a row without an id is compared whole",
        "core.verifying",
        "item.row_id != item.record_id and not _same(item.cells, seen)",
        "False",
    ),
    Guard(
        "a cell is compared with what the plan saw",
        "core.verifying",
        "or not (cell is put.before or same_cell(cell, put.before))",
        "or False",
    ),
    Guard(
        "a deleted row is compared with what the plan saw",
        "core.verifying",
        "if _same(item.cells, seen) and",
        "if True or _same(item.cells, seen) and",
    ),
    Guard(
        "columns are compared when a write has landed",
        "core.verifying",
        "if not columns.stand:",
        "if False:",
    ),
    Guard(
        "what a write hit is put back",
        "core.mending",
        "if row.number not in leaving:",
        "if False:",
    ),
    Guard(
        "a hit cell is merged as it had been",
        "core.repairs",
        "cells[name] = repair.found",
        "cells[name] = repair.wrote",
    ),
    Guard(
        "bases of what was hit do not move",
        "services.sync",
        "if verdict.settles(plan.table, key)}",
        "if True}",
    ),
    Guard(
        "the base moves last where the sheet is yet to be written",
        "services.apply",
        "elif record_id not in pending:",
        "elif True:",
    ),
    Guard(
        "the base moves with the store where nothing is left to write",
        "services.apply",
        "app.store.bases.put(workbook, plan.table, _provisional(plan, known))",
        "pass",
    ),
    Guard(
        "a copied row gets an id of its own",
        "core.matching",
        "self.fresh.extend((row, record_id) for row in rows if row is not originals[0])",
        "pass",
    ),
    Guard(
        "a row without its id is known by its content",
        "core.matching",
        "if found:\n                self._recognised(found.pop(0), row, vanished)",
        "if False:\n                self._recognised(found.pop(0), row, vanished)",
    ),
    Guard(
        "a row without its id is known by its phone, e-mail or name",
        "core.matching",
        "if not is_blank(text) and mine[text] == 1 and len(same) == 1:",
        "if False:",
    ),
    Guard(
        "both sides changed is a conflict",
        "core.merge",
        "return Decision.TO_STORE\n    return Decision.CONFLICT",
        "return Decision.TO_STORE\n    return Decision.TO_SHEET",
    ),
    Guard(
        "an edit of a record whose row is gone is a conflict",
        "core.planner",
        "elif edited := _edited_fields(work, record, base):",
        "elif edited := ():",
    ),
    Guard(
        "an edit in the row of a record that is gone is a conflict",
        "core.merging",
        "if let_go or base.version in FOR_GOOD or equals_base(work.tab, row, base):",
        "if True:",
    ),
    Guard(
        "a formula is never overwritten",
        "core.merging",
        "if name in self.row.formulas:\n            self._conflict",
        "if False:\n            self._conflict",
    ),
    Guard(
        "an unreadable cell says nothing",
        "core.merge",
        "if theirs is ABSENT or isinstance(theirs, Unreadable):\n        return Decision.UNREAD",
        "if theirs is ABSENT or isinstance(theirs, Unreadable):\n        return Decision.TO_SHEET",
    ),
    Guard(
        "a rule refuses a value that breaks it",
        "core.merging",
        "if finding.severity is Severity.REJECT and culprits:",
        "if False:",
    ),
    Guard(
        "the store must not have moved since the plan",
        "services.apply",
        "if app.store.records.sequence() != sequence:",
        "if False:",
    ),
    Guard(
        "after a death the journal tab is looked into",
        "services.recover",
        "if landed else Outstanding()",
        "if False else Outstanding()",
    ),
    Guard(
        "a lost answer is looked up in the journal tab",
        "services.apply",
        "if operation == batch.operation:",
        "if True:",
    ),
    Guard(
        "a write that another one of ours has overtaken is refused",
        "workbooks.fence",
        "if after is None:",
        "if True:",
    ),
    Guard(
        "a repair that missed its row is owed on",
        "services.apply",
        "if not missed:",
        "if True:",
    ),
    Guard(
        "no record goes while an unnamed row comes back",
        "core.planner",
        "elif work.unnamed_returns or _is_awaited",
        "elif _is_awaited",
    ),
    Guard(
        "what was hit and then typed over is kept",
        "services.recover",
        "if isinstance(value, Unreadable) or value in known:",
        "if True:",
    ),
    Guard(
        "the next run looks again when others edited meanwhile",
        "services.sync",
        "settled = version == run.version + writes and",
        "settled = True and",
    ),
    Guard(
        "rows are added above what stands there, never over it",
        "core.swap",
        "insert_at=max(len(read.rows), binding.header_row + 1),",
        "insert_at=1,",
    ),
    Guard(
        "a row put back by staff brings its record back",
        "core.merging",
        "if archived is None:\n        return None",
        "return None",
    ),
)


def module_of(guard: Guard) -> ModuleType:
    return importlib.import_module(f"crm_sync.{guard.module}")


@contextmanager
def switched_off(guard: Guard) -> Iterator[None]:
    """The engine without a guard. Raises ValueError if its line is not there just once."""
    module = module_of(guard)
    source = inspect.getsource(module)
    if source.count(guard.line) != 1:
        raise ValueError(f"{guard.module} has not just one line: {guard.line}")
    changed: dict[str, Any] = {"__name__": module.__name__}
    code = compile(source.replace(guard.line, guard.instead), str(module.__file__), "exec")
    exec(code, changed)
    saved = list(_replaced(module.__dict__, changed, module.__name__))
    try:
        yield
    finally:
        for function, was in saved:
            function.__code__ = was


def _replaced(
    names: dict[str, Any], changed: dict[str, Any], home: str
) -> Iterator[tuple[FunctionType, CodeType]]:
    """Gives the functions of a module the code of the changed one; yields what they had."""
    for name, new in changed.items():
        old = names.get(name)
        if isinstance(new, FunctionType) and isinstance(old, FunctionType):
            if new.__module__ == home and old.__code__.co_freevars == new.__code__.co_freevars:
                yield old, old.__code__
                old.__code__ = new.__code__
        elif isinstance(new, type) and isinstance(old, type) and new.__module__ == home:
            yield from _replaced(vars(old), dict(vars(new)), home)  # type: ignore[arg-type]


def plays(stage: Stage, steps: History, syncing: Syncing = Scene.sync) -> Player:
    """A player who has played a history; its scene is closed."""
    scene = stage.scene()
    try:
        player = Player(scene, syncing)
        player.play(steps)
    finally:
        scene.close()
    return player


def histories_until_missed(stage: Stage, guard: Guard, most: int) -> tuple[int, str] | None:
    """After how many histories the guard's absence shows, and how."""
    with switched_off(guard):
        for number in range(most):
            wrong = plays(stage, history(number)).outcome.wrong
            if wrong:
                return number + 1, wrong[0]
    return None


@dataclass
class Figures:
    """What came of many histories."""

    typed: int = 0
    lost: int = 0
    doubled: int = 0
    foreign: int = 0


class Counting(Player):
    """Goes on whatever breaks, and counts."""

    figures: Figures

    def _rest(self) -> None:
        for _ in range(2):
            self.model.run()
            self._quietly(self._sync)

    def _quietly(self, sync: Callable[[], RunResult]) -> None:
        try:
            result = sync()
            allowed = frozenset(stop.allow for stop in result.stops if stop.allow)
            if allowed:
                self._syncing(self.scene, allowed)
        except UserError:
            self.model.met["ended badly"] += 1

    def count(self) -> Figures:
        """The figures of the history that was played."""
        rest = at_rest(self.scene)
        asked = self.model.tokens - self.model.superseded
        bare = {token: token.translate({ord(sign): None for sign in " ()-"}) for token in asked}
        lost = sum(text not in rest.text for text in bare.values())
        marks = Counter(filter(None, (rest.mark(row) for row in rest.grid.filled())))
        # Of rows that staff copied or took out and put back, nobody else made two.
        again = sum(count - 1 for mark, count in marks.items() if mark not in self.model.tampered)
        # Two changed rows with one id are held and told: a person says which is which.
        doubled = again + sum(record_id not in rest.held for record_id in rest.doubled)
        return Figures(len(asked), lost, doubled, self._foreign(rest.grid))

    def _foreign(self, grid: Any) -> int:
        """Cells that hold what was typed into another row, and never into theirs."""
        owners: dict[str, set[str]] = {}
        for number in range(1, FIRST_CLIENTS + 1):
            for value in first_client(number).values():
                owners.setdefault(value, set()).add(f"first {number}")
        for (mark, _), told in self.model.typed.items():
            for _, value in told.events:
                if value is not None:
                    owners.setdefault(value, set()).add(mark)
        return sum(
            1
            for row in grid.filled()
            for name, heading in FIELDS.items()
            if (value := plain(name, grid.cell(row, heading))) in owners
            and (mark := str(grid.cell(row, MARK) or ""))
            and mark not in owners[value]
            and mark not in self.model.tampered
        )


def compared(stage: Stage, make: Callable[[], Syncing], most: int) -> Figures:
    """The figures of the first histories under one way of syncing."""
    total = Figures()
    for number in range(most):
        scene = stage.scene()
        try:
            player = Counting(scene, make())
            player.play(history(number))
            found = player.count()
        finally:
            scene.close()
        total.typed += found.typed
        total.lost += found.lost
        total.doubled += found.doubled
        total.foreign += found.foreign
    return total


def main() -> None:
    """Prints both tables as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=300, help="histories for each guard")
    parser.add_argument("--only", default="", help="only guards whose name holds this text")
    most, only = vars(parser.parse_args()).values()
    say = sys.stdout.write
    with open_stage() as stage:
        say("| guard | switched off in | histories until missed | what was missed |\n")
        say("|---|---|---|---|\n")
        for guard in GUARDS:
            if only in guard.name:
                found = histories_until_missed(stage, guard, most)
                told = f"{found[0]} | {found[1][:80]}" if found else f"not in {most} | "
                say(f"| {guard.name} | `{guard.module}` | {told} |\n")
                sys.stdout.flush()
        if only:
            return
        say(f"\nThe same {most} histories:\n\n")
        say("| | crm-sync | last writer wins |\n|---|---|---|\n")
        ours = compared(stage, lambda: Scene.sync, most)
        theirs = compared(stage, LastWriterWins, most)
        for label, name in (
            ("values typed and not taken back", "typed"),
            ("of these lost", "lost"),
            ("rows or ids doubled", "doubled"),
            ("values in rows of others", "foreign"),
        ):
            say(f"| {label} | {getattr(ours, name)} | {getattr(theirs, name)} |\n")


if __name__ == "__main__":
    main()
