"""What programs and managers do to the store, told to the ledger."""

from __future__ import annotations

from typing import Any

from crm_sync.core.findings import Clash, Conflict
from tests.property.histories import steps as s
from tests.property.histories.model import FIELDS, Model, Told, plain
from tests.property.histories.stage import Scene


class Programs:
    """Any client of SQLite at the store of a scene."""

    def __init__(self, scene: Scene, model: Model) -> None:
        self._scene = scene
        self._model = model

    def act(self, step: s.Update | s.Insert | s.Archive | s.Delete) -> None:
        """Does one step, if there is anything to do it to."""
        model = self._model
        if isinstance(step, s.Insert):
            number = model.now()
            name, phone = f"Stored {number:05}", f"+7922{number:07}"
            self._scene.sql(
                "insert into clients (full_name, phone, kind, status) values (?, ?, ?, ?)",
                name,
                phone,
                "customer",
                "cold",
            )
            model.births += 1
            model.inserted.add(name)
            model.tokens |= {name, phone}
            return
        found = self._record(step.record)
        if found is None:
            return
        record_id, values = found
        match step:
            case s.Update(_, name):
                value = self._value(name)
                self._scene.sql(f"update clients set {name} = ? where id = ?", value, record_id)
                model.store(record_id, name, value)
                self._replaced(values["full_name"])
            case s.Archive():
                self._scene.sql(
                    "update clients set archived_at = '2026-01-01' where id = ?", record_id
                )
                model.gone[record_id] = model.now()
                # Its row may not bear the id yet: edited since, it is another record.
                model.births += record_id not in model.id_of.values()
                self._replaced(values["full_name"])
            case s.Delete():
                self._scene.sql("delete from clients where id = ?", record_id)
                model.gone[record_id] = model.now()
                model.births -= 1
                self._replaced(values["full_name"])

    def decided(self, conflict: Conflict, side: str) -> None:
        """A manager chose a side: that is the last word on the field or the record."""
        model, record_id = self._model, conflict.record_id
        mark = next((mark for mark, known in model.id_of.items() if known == record_id), "")
        # The decision is carried out by the next run; what is done before that may clash with it.
        model.tampered.add(mark)
        model.doubtful.add(record_id)
        if conflict.clash is Clash.DELETE_EDIT:
            if side == "sheet":
                model.gone.pop(record_id, None)
                model.doubtful.add(record_id)
                model.births += 1
                # The last word is the row as it stands, and a dead run may have written to it.
                model.tampered.add(mark)
            else:
                # The row stays if more was typed into it since the conflict was found.
                model.typed = {key: told for key, told in model.typed.items() if key[0] != mark}
                model.unsure.add(record_id)
        elif conflict.clash is Clash.EDIT_DELETE:
            if side == "store":
                model.removed.pop(mark, None)
                model.doubtful.add(record_id)
            else:
                model.stored = {
                    key: told for key, told in model.stored.items() if key[0] != record_id
                }
        else:
            name = conflict.field
            if name not in FIELDS:
                return
            if side == "sheet":
                model.stored.pop((record_id, name), None)
                # What was typed there since the conflict was found counts as well.
                model.typed.setdefault((mark, name), _said(model, plain(name, conflict.theirs)))
            else:
                if told := model.typed.pop((mark, name), None):
                    model.overruled[mark, name] = told
                model.formulas.pop((mark, name), None)
                # What programs wrote since then counts as well.
                model.stored.setdefault((record_id, name), _said(model, plain(name, conflict.ours)))
                model.overwrite(plain(name, conflict.theirs))

    def _replaced(self, name: Any) -> None:
        self._model.inserted.discard(str(name))

    def _record(self, number: int) -> tuple[str, dict[str, Any]] | None:
        names = ", ".join(FIELDS)
        rows = self._scene.sql(
            f"select id, {names} from clients where archived_at is null and id <> ''"
            " order by length(id), id"
        )
        if not rows:
            return None
        record_id, *values = rows[number % len(rows)]
        return record_id, dict(zip(FIELDS, values, strict=True))

    def _value(self, name: str) -> str:
        number = self._model.now()
        return f"+7933{number:07}" if name == "phone" else f"stored{number:05}"


def _said(model: Model, value: str | None) -> Told:
    return Told([(model.now(), value)])
