"""The canonical store: one SQLite file, kept by sqlite-utils and plain SQL. See docs/store.md."""

from crm_sync.store.opening import is_whole, open_store, usual_backups
from crm_sync.store.sqlite_store import SqliteStore

__all__ = ["SqliteStore", "is_whole", "open_store", "usual_backups"]
