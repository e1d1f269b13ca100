"""Whether the store agrees with itself: file, references, history, records, bases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crm_sync.core.chain import Fault
from crm_sync.core.schema import Table
from crm_sync.core.values import N_
from crm_sync.store.connection import Connection
from crm_sync.store.tables import watched
from crm_sync.store.taking_in import differences
from crm_sync.store.triggers import quoted


def file_faults(connection: Connection) -> Iterator[Fault]:
    """What SQLite finds wrong with the file, and references that lead nowhere."""
    answer = connection.value("PRAGMA quick_check(1)")
    if answer != "ok":
        yield N_("The file is damaged: {reason}."), {"reason": answer}
        return
    for table, rowid, target, _ in connection.rows("PRAGMA foreign_key_check"):
        record = connection.value(f"SELECT id FROM {quoted(table)} WHERE rowid = ?", (rowid,))
        facts = {"table": table, "record": record or rowid, "target": target}
        yield N_("{record} in {table} refers to a record of {target} that is not there."), facts


def replay_faults(connection: Connection, tables: Sequence[Table]) -> Iterator[Fault]:
    """Records that are not what their history makes of them, and gaps in its versions."""
    for table_name, record_id, version, count in connection.rows(
        "SELECT table_name, record_id, max(version), count(*) FROM history"
        " GROUP BY table_name, record_id HAVING max(version) <> count(*)"
    ):
        facts = {"table": table_name, "record": record_id, "version": version, "count": count}
        yield (
            N_("The history of {record} in {table} has {count} entries and ends at {version}."),
            facts,
        )
    for table in tables:
        for entry in differences(connection, table.name, watched(connection, table)):
            facts = {
                "table": table.name,
                "record": entry.record_id,
                "fields": ", ".join(entry.changes) or entry.op,
            }
            yield N_("{record} in {table} is not what its history says: {fields}."), facts


def base_faults(connection: Connection, tables: Sequence[Table]) -> Iterator[Fault]:
    """Bases that cannot be: unreadable, of a later version than the record, of none at all."""
    for workbook, table, record_id in connection.rows(
        "SELECT workbook, table_name, record_id FROM bases"
        ' WHERE NOT (json_valid("values") AND json_valid(cells))'
    ):
        facts = {"workbook": workbook, "table": table, "record": record_id}
        yield N_("What {workbook} agreed on about {record} in {table} cannot be read."), facts
    for table_name in (table.name for table in tables):
        for workbook, record_id in connection.rows(
            f"SELECT b.workbook, b.record_id FROM bases AS b LEFT JOIN {quoted(table_name)} AS r"
            " ON r.id = b.record_id WHERE b.table_name = ? AND (r.id IS NULL AND NOT EXISTS"
            " (SELECT 1 FROM history AS h WHERE h.record_id = b.record_id"
            " AND h.table_name = b.table_name) OR b.version > r.version)"
            " ORDER BY b.workbook, b.record_id",
            (table_name,),
        ):
            facts = {"workbook": workbook, "table": table_name, "record": record_id}
            yield (
                N_("{workbook} agreed on a state of {record} in {table} that the store never had."),
                facts,
            )
