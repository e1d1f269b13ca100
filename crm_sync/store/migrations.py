"""The bookkeeping tables, made and changed by numbered steps.

The number of the last step done is the file's `user_version`. A step is never edited once it has
been released: a change is a new step. The tables of records are not here; they follow the model
(`store.tables`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crm_sync.core.values import N_
from crm_sync.errors import StoreError, StoreNewer
from crm_sync.store.connection import Connection
from crm_sync.store.copying import copy_to
from crm_sync.store.searching import SEARCH_TABLES, SEARCH_UPDATES

APPLICATION_ID = 0x43524D53
"""The bytes "CRMS" in the file's header: a database without them is another program's."""


@dataclass(frozen=True)
class Migration:
    """One step: statements that are run one by one, then a function, if any, for what SQL cannot
    say.
    """

    number: int
    name: str
    statements: tuple[str, ...] = ()
    function: Callable[[Connection], None] | None = None

    def run(self, connection: Connection) -> None:
        """Takes the step and notes its number. Call it within a transaction."""
        for statement in self.statements:
            connection.run(statement)
        if self.function is not None:
            self.function(connection)
        connection.run(f"PRAGMA user_version = {self.number}")


_FIRST = (
    f"PRAGMA application_id = {APPLICATION_ID}",
    """CREATE TABLE history (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  table_name TEXT NOT NULL,
  record_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  op TEXT NOT NULL,
  changes TEXT NOT NULL,
  at TEXT NOT NULL,
  source TEXT NOT NULL,
  "by" TEXT NOT NULL,
  run INTEGER
)""",
    "CREATE INDEX history_record ON history (record_id, table_name)",
    """CREATE VIEW changes AS
SELECT h.at, h.table_name, h.record_id, h.version, h.op, e.key AS field,
  json_extract(e.value, '$[0]') AS old_value, json_extract(e.value, '$[1]') AS new_value,
  h.source, h."by" AS changed_by, h.run, h.seq
FROM history AS h, json_each(h.changes) AS e""",
    """CREATE TABLE context (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  at TEXT NOT NULL,
  source TEXT NOT NULL,
  "by" TEXT NOT NULL,
  run INTEGER
)""",
    "CREATE TABLE ids (table_name TEXT PRIMARY KEY, last INTEGER NOT NULL)",
    """CREATE TABLE workbooks (
  workbook TEXT PRIMARY KEY,
  spreadsheet_id TEXT NOT NULL,
  sheets TEXT NOT NULL,
  version INTEGER,
  sequence INTEGER,
  day TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  locale TEXT NOT NULL,
  fields TEXT NOT NULL
)""",
    """CREATE TABLE bases (
  workbook TEXT NOT NULL,
  table_name TEXT NOT NULL,
  record_id TEXT NOT NULL,
  "values" TEXT NOT NULL,
  cells TEXT NOT NULL,
  version INTEGER NOT NULL,
  unsettled INTEGER NOT NULL,
  PRIMARY KEY (workbook, table_name, record_id)
) WITHOUT ROWID""",
    """CREATE TABLE own_columns (
  workbook TEXT NOT NULL,
  table_name TEXT NOT NULL,
  record_id TEXT NOT NULL,
  heading TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (workbook, table_name, record_id, heading)
) WITHOUT ROWID""",
    """CREATE TABLE runs (
  run INTEGER PRIMARY KEY AUTOINCREMENT,
  workbook TEXT NOT NULL,
  started_at TEXT NOT NULL,
  finished_at TEXT,
  outcome TEXT,
  summary TEXT
)""",
    """CREATE TABLE operations (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workbook TEXT NOT NULL,
  run INTEGER NOT NULL,
  intent TEXT NOT NULL,
  opened_at TEXT NOT NULL,
  settled_at TEXT
)""",
    "CREATE INDEX operations_unsettled ON operations (workbook) WHERE settled_at IS NULL",
    """CREATE TABLE conflicts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  workbook TEXT NOT NULL,
  table_name TEXT NOT NULL,
  record_id TEXT NOT NULL,
  field TEXT NOT NULL,
  clash TEXT NOT NULL,
  base TEXT NOT NULL,
  ours TEXT NOT NULL,
  theirs TEXT NOT NULL,
  opened_at TEXT NOT NULL,
  closed_at TEXT,
  resolution TEXT
)""",
    "CREATE INDEX conflicts_open ON conflicts (workbook, table_name) WHERE closed_at IS NULL",
    """CREATE TABLE problems (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  workbook TEXT NOT NULL,
  table_name TEXT NOT NULL,
  problem_key TEXT NOT NULL,
  code TEXT NOT NULL,
  severity TEXT NOT NULL,
  record_id TEXT NOT NULL,
  field TEXT NOT NULL,
  row_index INTEGER,
  column_index INTEGER,
  typed TEXT NOT NULL,
  stored TEXT NOT NULL,
  message TEXT NOT NULL,
  remedy TEXT NOT NULL,
  params TEXT NOT NULL,
  first_seen TEXT NOT NULL,
  last_seen TEXT NOT NULL,
  times INTEGER NOT NULL,
  closed_at TEXT
)""",
    "CREATE INDEX problems_open ON problems (workbook, table_name) WHERE closed_at IS NULL",
)

_MARKS = (
    """CREATE TABLE marks (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  workbook TEXT NOT NULL,
  table_name TEXT NOT NULL,
  mark_key TEXT NOT NULL,
  says TEXT NOT NULL,
  colour TEXT NOT NULL,
  lines TEXT NOT NULL,
  settled INTEGER NOT NULL
)""",
    "CREATE INDEX marks_workbook ON marks (workbook)",
    "ALTER TABLE problems ADD COLUMN accepted TEXT",
)

_IDENTITY = (
    "ALTER TABLE workbooks ADD COLUMN operation TEXT NOT NULL DEFAULT ''",
    "CREATE TABLE identity (one INTEGER PRIMARY KEY CHECK (one = 1), store TEXT NOT NULL)",
    "INSERT INTO identity (one, store) VALUES (1, lower(hex(randomblob(8))))",
)

_SCOPES = (
    "ALTER TABLE workbooks ADD COLUMN scope TEXT NOT NULL DEFAULT ''",
    "CREATE TABLE feeds (feed TEXT PRIMARY KEY, token TEXT NOT NULL)",
)

_SEEN = (
    """CREATE TABLE seen (
  workbook TEXT NOT NULL,
  table_name TEXT NOT NULL,
  prints BLOB NOT NULL,
  ids TEXT NOT NULL,
  header_row INTEGER NOT NULL,
  known INTEGER NOT NULL,
  loose TEXT NOT NULL,
  stale INTEGER NOT NULL,
  PRIMARY KEY (workbook, table_name)
)""",
    "CREATE INDEX bases_open ON bases (workbook, table_name) WHERE unsettled OR version <= 0",
)

_HEADINGS = ("ALTER TABLE workbooks ADD COLUMN headings TEXT NOT NULL DEFAULT '{}'",)

_EXPORTS = (
    """CREATE TABLE exports (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  "by" TEXT NOT NULL,
  what TEXT NOT NULL,
  target TEXT NOT NULL,
  records TEXT NOT NULL,
  digest TEXT NOT NULL
)""",
    """CREATE TRIGGER exports_kept BEFORE DELETE ON exports
BEGIN SELECT RAISE(ABORT, 'what was handed out stays written down'); END""",
    """CREATE TRIGGER exports_unchanged BEFORE UPDATE ON exports
BEGIN SELECT RAISE(ABORT, 'what was handed out stays written down'); END""",
)

_MERGES = (
    """CREATE TABLE merges (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  table_name TEXT NOT NULL,
  kept TEXT NOT NULL,
  gone TEXT NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  at TEXT NOT NULL,
  "by" TEXT NOT NULL,
  undone_at TEXT
)""",
)

_CHAIN = (
    """CREATE TABLE seals (
  number INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  key INTEGER NOT NULL,
  salt BLOB,
  digest BLOB NOT NULL
)""",
    """CREATE TABLE chain (
  number INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  last_seal INTEGER NOT NULL,
  last_history INTEGER NOT NULL,
  last_export INTEGER NOT NULL,
  last_erasure INTEGER NOT NULL,
  hash BLOB NOT NULL
)""",
    """CREATE TABLE erasures (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  "by" TEXT NOT NULL,
  records TEXT NOT NULL,
  entries TEXT NOT NULL,
  counts TEXT NOT NULL
)""",
)

_DECIDED = ("ALTER TABLE problems ADD COLUMN decided TEXT",)

# Without a rowid, rows of a kilobyte made a tree of four rows a page, or took a page each.
_ROWS_OF_BASES = (
    "ALTER TABLE bases RENAME TO bases_before",
    """CREATE TABLE bases (
  workbook TEXT NOT NULL,
  table_name TEXT NOT NULL,
  record_id TEXT NOT NULL,
  "values" TEXT NOT NULL,
  cells TEXT NOT NULL,
  version INTEGER NOT NULL,
  unsettled INTEGER NOT NULL,
  PRIMARY KEY (workbook, table_name, record_id)
)""",
    """INSERT INTO bases (workbook, table_name, record_id, "values", cells, version, unsettled)
SELECT workbook, table_name, record_id, "values", cells, version, unsettled FROM bases_before
ORDER BY workbook, table_name, record_id""",
    "DROP TABLE bases_before",
    "CREATE INDEX bases_open ON bases (workbook, table_name) WHERE unsettled OR version <= 0",
)

_BEGUN = (
    """CREATE TABLE begun (
  number INTEGER PRIMARY KEY,
  workbook TEXT NOT NULL,
  table_name TEXT NOT NULL,
  first TEXT NOT NULL,
  last TEXT NOT NULL,
  records TEXT NOT NULL
)""",
)

MIGRATIONS: tuple[Migration, ...] = (
    Migration(1, "bookkeeping", _FIRST),
    Migration(2, "marks in cells", _MARKS),
    Migration(3, "identity", _IDENTITY),
    Migration(4, "scopes of workbooks, feeds of changes", _SCOPES),
    Migration(5, "seen", _SEEN),
    Migration(6, "headings of sheets that were taken over", _HEADINGS),
    Migration(7, "exports", _EXPORTS),
    Migration(8, "words of records", SEARCH_TABLES),
    Migration(9, "merged records", _MERGES),
    Migration(10, "chain over the history", _CHAIN),
    Migration(11, "decisions about problems", _DECIDED),
    Migration(12, "words of a record changed in their place", SEARCH_UPDATES),
    Migration(13, "bases found in fewer pages", _ROWS_OF_BASES),
    Migration(14, "bases of new rows written once", _BEGUN),
)


def migrate(connection: Connection, migrations: tuple[Migration, ...] = MIGRATIONS) -> None:
    """Takes the steps that the file has not seen, each in a transaction of its own; a new one takes
    all in one, so that nobody sees it half made. Before the first of them an existing store is
    copied to PATH.before-NUMBER.

    Raises StoreNewer for a file that knows more steps than this program, StoreError for a database
    of another program. A file that is up to date is not written.
    """
    done = _steps_done(connection, migrations)
    connection.use_safe_journal()
    if done and done < len(migrations):
        path = connection.path
        copy_to(connection, path.with_name(f"{path.name}.before-{done + 1}"))
    together = len(migrations) if not done else 1
    for first in range(done, len(migrations), together):
        with connection.transaction():
            for migration in migrations[first : first + together]:
                # Another process may have taken the step while this one waited for the lock.
                if connection.value("PRAGMA user_version") < migration.number:
                    migration.run(connection)


def _steps_done(connection: Connection, migrations: tuple[Migration, ...]) -> int:
    # One read transaction: another process may be making the store at this moment.
    connection.run("BEGIN")
    try:
        done = int(connection.value("PRAGMA user_version"))
        application = connection.value("PRAGMA application_id")
        is_empty = connection.value("SELECT count(*) FROM sqlite_master") == 0
    finally:
        connection.run("COMMIT")
    if application != APPLICATION_ID and not (is_empty and done == 0):
        raise StoreError(
            N_("{path} is a database of another program, not a store of crm-sync."),
            N_("Give the store another path in config.toml."),
            path=str(connection.path),
        )
    if done > len(migrations):
        raise StoreNewer(
            N_("The store {path} was written by a newer crm-sync (form {found}, this is {known})."),
            N_("Install the newer version: pip install --upgrade crm-sync"),
            path=str(connection.path),
            found=done,
            known=len(migrations),
        )
    return done
