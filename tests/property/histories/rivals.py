"""The usual way to keep a sheet and a table in step: whoever wrote last wins. To compare with."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from crm_sync.core.batch import Batch, Put, SheetBatch
from crm_sync.core.grid import TabRead
from crm_sync.ports import Workbook
from crm_sync.services.result import RunResult
from tests.property.histories.model import FIELDS
from tests.property.histories.stage import Scene

Values = dict[str, Any]


@dataclass
class LastWriterWins:
    """Rows are known by id, cells by their number; what differs from the last run is carried over,
    the sheet's word first. Nothing is compared at the moment of the write.
    """

    known: dict[str, Values] = field(default_factory=dict)

    def __call__(self, scene: Scene, allowed: frozenset[str]) -> RunResult:
        scene.clock.later()
        workbook = scene.app.workbooks.open("main", scene.book)
        workbook.probe()
        sheet_id = scene.stage.clients
        read = workbook.read([sheet_id])[sheet_id]
        columns = {str(cell): number for number, cell in enumerate(read.rows[0])}
        if not self.known:
            self.known = self._store(scene)
        puts, deletes = self._merge(scene, read, columns)
        self._send(workbook, read, (puts, deletes))
        self.known = self._store(scene)
        return RunResult("main", "synced")

    def _store(self, scene: Scene) -> dict[str, Values]:
        names = ", ".join(FIELDS)
        rows = scene.sql(
            f"select id, {names} from clients where archived_at is null and id <> '' order by id"
        )
        return {record_id: dict(zip(FIELDS, values, strict=True)) for record_id, *values in rows}

    def _merge(
        self, scene: Scene, read: TabRead, columns: dict[str, int]
    ) -> tuple[list[Put], list[int]]:
        puts: list[Put] = []
        deletes: list[int] = []
        self._name_new_records(scene)
        store = self._store(scene)
        seen = set()
        for number in range(1, len(read.rows)):
            record_id = str(read.cell(number, columns["ID"]) or "")
            cells = {name: read.cell(number, columns[text]) for name, text in FIELDS.items()}
            if not any(cells.values()):
                continue
            if record_id in self.known and record_id not in store:
                deletes.append(number)
            elif record_id in store:
                seen.add(record_id)
                puts += self._row(scene, number, (record_id, cells, store[record_id]), columns)
            else:
                new = self._create(scene, cells)
                seen.add(new)
                puts.append(Put(number, columns["ID"], new))
        for record_id in self.known.keys() - seen:
            scene.sql("delete from clients where id = ?", record_id)
        bottom = len(read.rows)
        for record_id in sorted(store.keys() - seen - self.known.keys()):
            puts.append(Put(bottom, columns["ID"], record_id))
            puts += [
                Put(bottom, columns[text], store[record_id][name]) for name, text in FIELDS.items()
            ]
            bottom += 1
        return puts, deletes

    def _row(
        self,
        scene: Scene,
        number: int,
        row: tuple[str, Values, Values],
        columns: dict[str, int],
    ) -> list[Put]:
        record_id, cells, stored = row
        puts = []
        for name, text in FIELDS.items():
            before = self.known.get(record_id, {}).get(name)
            if cells[name] != before:
                scene.sql(f"update clients set {name} = ? where id = ?", cells[name], record_id)
            elif stored[name] != before:
                puts.append(Put(number, columns[text], stored[name]))
        return puts

    def _create(self, scene: Scene, cells: Values) -> str:
        new = f"C-9{secrets.randbelow(10**8):08}"
        names = ", ".join(cells)
        marks = ", ".join("?" * (len(cells) + 3))
        scene.sql(
            f"insert into clients (id, kind, status, {names}) values ({marks})",
            new,
            "customer",
            "cold",
            *cells.values(),
        )
        return new

    def _name_new_records(self, scene: Scene) -> None:
        for (number,) in scene.sql("select rowid from clients where id is null or id = ''"):
            new = f"C-8{secrets.randbelow(10**8):08}"
            scene.sql("update clients set id = ? where rowid = ?", new, number)

    def _send(self, workbook: Workbook, read: TabRead, writes: tuple[list[Put], list[int]]) -> None:
        puts, deletes = writes
        if puts or deletes:
            sheet = SheetBatch(
                read.sheet_id,
                read.row_count,
                1,
                puts=tuple(puts),
                deletes=tuple(sorted(deletes)),
                column_count=read.column_count,
            )
            workbook.swap(Batch(secrets.token_hex(8), _journal_of(workbook), (sheet,)))


def _journal_of(workbook: Workbook) -> int:
    return next(
        sheet.sheet_id for sheet in workbook.outline().sheets if sheet.title == "_crm_journal"
    )
