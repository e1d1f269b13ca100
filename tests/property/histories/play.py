"""Plays a history on a scene and says what it broke."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from crm_sync.errors import CrmSyncError, UserError
from crm_sync.services.result import RunResult
from crm_sync.services.review import Side, resolve
from crm_sync.sheet_server.faults import Fault, FaultKind, When
from tests.property.histories import steps as s
from tests.property.histories.check import agreed_rows, at_rest, wrongs
from tests.property.histories.crowd import Crowd, vanished
from tests.property.histories.hand import Hand
from tests.property.histories.managers import Managers
from tests.property.histories.model import Model
from tests.property.histories.mortal import Killed, Life
from tests.property.histories.programs import Programs
from tests.property.histories.stage import FIRST_CLIENTS, Scene

Syncing = Callable[[Scene, frozenset[str]], RunResult]
"""One run of whatever keeps both sides in step; the second argument are limits that are allowed."""


@dataclass
class Outcome:
    """What came of a history: `wrong` is what no promise allows; `met` counts what was met."""

    wrong: list[str] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)


class Player:
    """One history under way."""

    def __init__(self, scene: Scene, syncing: Syncing = Scene.sync) -> None:
        self.scene = scene
        self._syncing = syncing
        self.model = Model(births=FIRST_CLIENTS)
        self.staff = Crowd(self.model, scene)
        self.programs = Programs(scene, self.model)
        self.managers = Managers(scene, self.model)
        self.outcome = Outcome(met=self.model.met)
        self._rows()

    def play(self, history: s.History) -> Outcome:
        """The outcome; ends at the first wrong."""
        for step in history:
            self.model.met[type(step).__name__] += 1
            self._step(step)
            if self.outcome.wrong:
                break
        return self.outcome

    def _step(self, step: s.Step) -> None:
        match step:
            case s.Run():
                self._run(step)
            case s.Rest():
                self._rest()
            case s.Resolve(number, side):
                self._resolve(number, side)
            case s.Update() | s.Insert() | s.Archive() | s.Delete():
                self.programs.act(step)
            case s.Undo() | s.Restore() | s.Merge() | s.Unmerge():
                self.managers.act(step)
            case _:
                act: s.Staff = step
                self.scene.staff(lambda hand: self.staff.act(hand, act))

    def _run(self, run: s.Run) -> None:
        server = self.scene.stage.server
        for race in run.races:
            self._arm(race)
        for trouble in run.troubles:
            server.fault(
                FaultKind(trouble.kind),
                nth=trouble.request,
                status=trouble.status or 503,
                when=When.AFTER if trouble.after else When.BEFORE,
            )
        self.model.run()
        try:
            if run.kill and self._syncing is Scene.sync:
                self._go(lambda: self.scene.sync_mortally(Life(run.kill)))
            else:
                self._go(self._sync)
        except Killed:
            self.model.met["killed"] += 1
        except UserError as exc:
            self.model.met[f"ended with {exc.code}"] += 1
        server.clear_faults()

    def _sync(self) -> RunResult:
        return self._syncing(self.scene, frozenset())

    def _arm(self, race: s.Race) -> None:
        fault = Fault(
            FaultKind.STAFF,
            nth=race.request,
            when=When.AFTER if race.after else When.BEFORE,
        )

        def act(hand: Hand) -> None:
            self.model.met["raced"] += 1
            for each in race.acts:
                if isinstance(each, (s.Update, s.Archive)):
                    self.programs.act(each)
                else:
                    self.staff.act(hand, each)
            # The run may read again after this.
            self.model.run()

        self.scene.staff_at(fault, act)

    def _go(self, sync: Callable[[], RunResult]) -> RunResult | None:
        """One run; whatever it raises must be words for a person."""
        try:
            result = sync()
        except (UserError, Killed):
            raise
        except CrmSyncError as exc:
            self.outcome.wrong.append(f"raised {exc!r}")
            return None
        except Exception as exc:
            self.outcome.wrong.append(f"broke with {type(exc).__name__}: {exc}")
            if self.raising:
                raise
            return None
        if result.stops:
            self.model.met["stopped"] += 1
        return result

    raising = False
    """Lets an error of the engine through, to see where it comes from."""

    def _rest(self) -> None:
        for _ in range(2):
            self.model.run()
            try:
                result = self._go(self._sync)
            except UserError as exc:
                self.outcome.wrong.append(f"an undisturbed run ended with {exc.code}: {exc}")
                return
            if result is None:
                return
            if result.stops:
                self._allow(result)
        third = self._third()
        if third:
            self.outcome.wrong.append(third)
        self._look()

    def _allow(self, result: RunResult) -> None:
        allowed = frozenset(stop.allow for stop in result.stops if stop.allow)
        self._go(lambda: self._syncing(self.scene, allowed))

    def _third(self) -> str:
        """What is wrong with the run after the two: it makes one request and reads no cell."""
        made: list[Any] = []
        requests = self.scene.requests(lambda: made.append(self._sync()))
        methods = [method for method, path in requests if not path.endswith("/token")]
        if made[0].outcome != "unchanged" or methods != ["GET"]:
            return f"the third run was {made[0].outcome} with {requests}"
        return ""

    def _look(self) -> None:
        rest = at_rest(self.scene)
        self.outcome.wrong.extend(wrongs(self.model, rest))
        self.outcome.wrong.extend(vanished(self.scene, self.model))
        waiting = rest.conflicts.keys() | rest.problems.keys()
        rows, marks = agreed_rows(rest)
        drafts = {rest.mark(row) for row in rest.nameless}
        ids = {str(rest.mark(row)): rest.grid.cell(row, "ID") for row in rest.grid.filled()}
        self.model.typed = {
            (mark, name): told
            for (mark, name), told in self.model.typed.items()
            if mark in drafts
            or not waiting.isdisjoint({(ids.get(mark), name), (ids.get(mark), "")})
        }
        self.model.stored = {
            (record_id, name): told
            for (record_id, name), told in self.model.stored.items()
            if not waiting.isdisjoint({(record_id, name), (record_id, "")})
        }
        keep_gone = {key: when for key, when in self.model.gone.items() if (key, "") in waiting}
        keep_removed = {
            mark: when
            for mark, when in self.model.removed.items()
            if (self.model.id_of.get(mark, ids.get(mark, "")), "") in waiting
        }
        lost_marks = {mark: self.model.id_of.get(mark, ids.get(mark, "")) for mark in keep_removed}
        gone_marks = {mark: key for mark, key in self.model.id_of.items() if key in keep_gone}
        agreed = {key: values for key, values in self.model.agreed.items() if key in keep_gone}
        self.model.settle(rows | agreed, lost_marks | gone_marks | marks)
        self.model.gone.update(keep_gone)
        self.model.removed.update(keep_removed)
        self.model.doubtful.update(rest.held)
        # A decision has overruled what was stored while the record itself waits on.
        self.model.unsure.update(
            record_id
            for (record_id, name), told in self.model.stored.items()
            if rest.live.get(record_id, {}).get(name, told.last) != told.last
        )
        self._rows()

    def _rows(self) -> None:
        """Notes where the office begins, or goes on, from."""
        if not self.model.agreed:
            rest = at_rest(self.scene)
            rows, marks = agreed_rows(rest)
            self.model.settle(rows, marks)
            for row in rest.rows.values():
                self.model.own[str(rest.mark(row))] = rest.grid.cell(row, "Mine")

    def _resolve(self, number: int, side: str) -> None:
        found = [
            item
            for item in self.scene.app.store.findings.conflicts("main")
            if item.conflict.table == "clients"
        ]
        if not found:
            return
        chosen = found[number % len(found)]
        try:
            resolve(self.scene.app, chosen.id, Side(side))
        except UserError:
            return
        self.programs.decided(chosen.conflict, side)
