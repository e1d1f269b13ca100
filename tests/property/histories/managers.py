"""What managers do by the command line between two runs, told to the ledger."""

from __future__ import annotations

from collections.abc import Iterable

from crm_sync.core.plan import Op, StoreChange
from crm_sync.errors import UserError
from crm_sync.services.entry import Author
from crm_sync.services.undo import restore, undo_run
from crm_sync.services.uniting import Choice, merge, plan_merge, unmerge
from tests.property.histories import steps as s
from tests.property.histories.model import Model
from tests.property.histories.stage import Scene

MANAGER = Author("manager", "cli")


class Managers:
    """Whoever may take back, restore and merge."""

    def __init__(self, scene: Scene, model: Model) -> None:
        self._scene = scene
        self._model = model

    def act(self, step: s.Manager) -> None:
        """Does one step, if there is anything to do it to; what is refused changes nothing."""
        try:
            match step:
                case s.Undo(number):
                    self._undo(number)
                case s.Restore(number):
                    self._restore(number)
                case s.Merge(number, other):
                    self._merge(number, other)
                case s.Unmerge(number):
                    self._unmerge(number)
        except UserError as exc:
            self._model.met[f"a manager met {exc.code}"] += 1
        else:
            self._model.met[f"done: {type(step).__name__}"] += 1

    def _ids(self, where: str) -> list[str]:
        found = self._scene.sql(f"select id from clients where {where} order by length(id), id")
        return [record_id for (record_id,) in found if record_id]

    def _undo(self, number: int) -> None:
        runs = self._scene.sql("select run from runs order by run desc")
        if len(runs) > number:
            self._changed(undo_run(self._scene.app, runs[number][0]).changes)

    def _restore(self, number: int) -> None:
        ids = self._ids("archived_at is not null")
        if ids:
            self._changed([restore(self._scene.app, ids[number % len(ids)])])

    def _merge(self, number: int, other: int) -> None:
        app, ids = self._scene.app, self._ids("archived_at is null")
        if len(ids) < 2:
            return
        first = ids[number % len(ids)]
        second = [each for each in ids if each != first][other % (len(ids) - 1)]
        table = app.tab("clients").table
        found = app.store.records.some(table, [first, second])
        plan = plan_merge(app, table, found[first], (found[second],), Choice(usual=first))
        merge(app, plan, MANAGER)
        self._changed(plan.changes)

    def _unmerge(self, number: int) -> None:
        app = self._scene.app
        kept = [each for each in self._ids("id <> ''") if app.store.merges.of(each) is not None]
        if kept:
            _, done = unmerge(app, kept[number % len(kept)], MANAGER)
            self._changed(done.changes)

    def _changed(self, changes: Iterable[StoreChange]) -> None:
        """What these records hold now is not for the ledger to say, only that it is the same on
        both sides and that no value is lost.
        """
        standing = self._scene.staff(lambda hand: hand.grid().marks())
        for change in changes:
            if change.table != "clients":
                continue
            self._model.doubt(change.record_id, standing)
            self._model.unsure.add(change.record_id)
            if change.op is Op.ARCHIVE:
                self._model.gone[change.record_id] = self._model.now()
