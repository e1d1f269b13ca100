"""Who may do what with a file: roles, and the permissions that give them."""

import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum

from crm_sync.sheet_server.accounts import create_tables, permission_id
from crm_sync.sheet_server.oauth import Caller

ANYONE_ID = "anyoneWithLink"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS permission (
    file_id TEXT NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    role TEXT NOT NULL,
    grantee TEXT NOT NULL,
    discoverable INTEGER NOT NULL DEFAULT 0,
    expires TEXT,
    position INTEGER NOT NULL,
    pending INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (file_id, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS permission_by_grantee ON permission (grantee);
"""
_COLUMNS = "file_id, id, type, role, grantee, discoverable, expires, pending"


class Role(IntEnum):
    """What a permission allows; each role includes those below it."""

    READER = 1
    COMMENTER = 2
    WRITER = 3
    OWNER = 4

    @property
    def label(self) -> str:
        """The role as Drive writes it."""
        return self.name.lower()


ROLES = {role.label: role for role in Role}
GRANTEE_TYPES = frozenset({"user", "group", "domain", "anyone"})


@dataclass(frozen=True, slots=True)
class Permission:
    """One line of a file's sharing. `grantee`: an address, a domain, or "" for anyone.

    `pending_owner`: the owner has offered the file to this person, who may take it.
    """

    file_id: str
    id: str
    type: str
    role: Role
    grantee: str = ""
    discoverable: bool = False
    expires: datetime | None = None
    pending_owner: bool = False

    def covers(self, email: str, now: datetime) -> bool:
        """Whether an account gets this permission's role. Who is in a group is not known here."""
        if self.expires is not None and self.expires <= now:
            return False
        match self.type:
            case "user":
                return self.grantee == email
            case "domain":
                return email.endswith("@" + self.grantee)
            case "anyone":
                return True
            case _:
                return False


def new_permission(
    file_id: str, kind: str, role: Role, grantee: str = "", *, discoverable: bool = False
) -> Permission:
    """A permission with the id that Drive would give it: one per grantee, stable over files."""
    name = grantee.lower()
    match kind:
        case "anyone":
            identity = "anyone" if discoverable else ANYONE_ID
        case "domain":
            identity = permission_id(name) + "k"
        case _:
            identity = permission_id(name)
    return Permission(file_id, identity, kind, role, name, discoverable)


class PermissionTable:
    """The permissions of all files of one data file. Writes nothing but its own table."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        create_tables(connection, _SCHEMA)
        known = connection.execute("SELECT name FROM pragma_table_info('permission')").fetchall()
        if ("pending",) not in known:
            connection.execute(
                "ALTER TABLE permission ADD COLUMN pending INTEGER NOT NULL DEFAULT 0"
            )

    def of_file(self, file_id: str) -> tuple[Permission, ...]:
        """The permissions of a file in the order in which they were given."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM permission WHERE file_id = ? ORDER BY position, id",
            (file_id,),
        ).fetchall()
        return tuple(_from_row(row) for row in rows)

    def find(self, file_id: str, identity: str) -> Permission | None:
        """One permission, or None."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM permission WHERE file_id = ? AND id = ?", (file_id, identity)
        ).fetchone()
        return None if row is None else _from_row(row)

    def role_of(self, file_id: str, caller: Caller, now: datetime) -> Role | None:
        """The highest role that the caller has on a file, or None."""
        if caller.everywhere:
            return Role.OWNER
        roles = [
            permission.role
            for permission in self.of_file(file_id)
            if permission.covers(caller.email, now)
        ]
        return max(roles, default=None)

    def listed_for(self, email: str, now: datetime) -> frozenset[str]:
        """The ids of the files that a search by this account finds."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM permission WHERE grantee = ? OR discoverable",
            (email,),
        ).fetchall()
        found = [_from_row(row) for row in rows]
        return frozenset(line.file_id for line in found if line.covers(email, now))

    def put(self, permission: Permission) -> None:
        """Gives a permission, or changes the one with the same id (it keeps its place)."""
        expires = None if permission.expires is None else permission.expires.isoformat()
        self._connection.execute(
            f"INSERT INTO permission ({_COLUMNS}, position) VALUES (?, ?, ?, ?, ?, ?, ?, ?,"
            " (SELECT COALESCE(MAX(position), 0) + 1 FROM permission WHERE file_id = ?))"
            " ON CONFLICT (file_id, id) DO UPDATE SET"
            " role = excluded.role, discoverable = excluded.discoverable,"
            " expires = excluded.expires, pending = excluded.pending",
            (
                permission.file_id,
                permission.id,
                permission.type,
                permission.role.label,
                permission.grantee,
                int(permission.discoverable),
                expires,
                int(permission.pending_owner),
                permission.file_id,
            ),
        )

    def remove(self, file_id: str, identity: str) -> None:
        """Takes one permission away."""
        self._connection.execute(
            "DELETE FROM permission WHERE file_id = ? AND id = ?", (file_id, identity)
        )

    def remove_all(self, file_id: str) -> None:
        """Takes every permission of a file away, as when it is deleted."""
        self._connection.execute("DELETE FROM permission WHERE file_id = ?", (file_id,))

    def transfer(self, file_id: str, owner: str) -> None:
        """Makes an account the owner of a file; who owned it stays as a writer."""
        for permission in self.of_file(file_id):
            if permission.role is Role.OWNER:
                self.put(replace(permission, role=Role.WRITER))
        self.put(new_permission(file_id, "user", Role.OWNER, owner))


def _from_row(row: tuple[str, str, str, str, str, int, str | None, int]) -> Permission:
    file_id, identity, kind, role, grantee, discoverable, expires, pending = row
    return Permission(
        file_id,
        identity,
        kind,
        ROLES[role],
        grantee,
        bool(discoverable),
        None if expires is None else datetime.fromisoformat(expires),
        bool(pending),
    )
