"""Accounts that may call the server: people and service accounts with their public keys."""

import hashlib
import os
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

PROJECT = "crm-sync-local"
OWNER_EMAIL = "owner@crm-sync.localhost"
GOOGLE_TOKEN_URI = "https://oauth2.googleapis.com/token"

_SERVICE_DOMAIN = ".iam.gserviceaccount.com"
_KEY_BITS = 2048
_SCHEMA = """
CREATE TABLE IF NOT EXISTS account (
    email TEXT PRIMARY KEY,
    display_name TEXT NOT NULL,
    created TEXT NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS account_key (
    key_id TEXT PRIMARY KEY,
    email TEXT NOT NULL REFERENCES account (email),
    public_key TEXT NOT NULL,
    created TEXT NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may own and share files, known by an e-mail address in lower case."""

    email: str
    display_name: str
    disabled: bool = False

    @property
    def permission_id(self) -> str:
        """The number under which Drive lists this account in every file's permissions."""
        return permission_id(self.email)


@dataclass(frozen=True, slots=True)
class AccountKey:
    """The public half of a service account's key, as PEM."""

    key_id: str
    email: str
    public_key: str
    disabled: bool


class AccountBook:
    """The accounts of one data file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        create_tables(connection, _SCHEMA)

    def find(self, email: str) -> Account | None:
        """The account of an address, or None if it has never been used here."""
        row = self._connection.execute(
            "SELECT email, display_name, disabled FROM account WHERE email = ?", (email.lower(),)
        ).fetchone()
        return None if row is None else Account(row[0], row[1], bool(row[2]))

    def named(self, email: str) -> Account:
        """The account of an address; an address that is not known yet shows as its own name."""
        return self.find(email) or Account(email.lower(), _shown_name(email))

    def add(self, email: str, now: datetime, display_name: str | None = None) -> Account:
        """The account of an address, made if it was not there."""
        self._connection.execute(
            "INSERT OR IGNORE INTO account (email, display_name, created) VALUES (?, ?, ?)",
            (email.lower(), display_name or _shown_name(email), now.isoformat()),
        )
        return self.named(email)

    def add_key(self, key: AccountKey, now: datetime) -> None:
        """Registers a public key; its account must be there."""
        self._connection.execute(
            "INSERT INTO account_key (key_id, email, public_key, created) VALUES (?, ?, ?, ?)",
            (key.key_id, key.email.lower(), key.public_key, now.isoformat()),
        )

    def keys(self, email: str) -> tuple[AccountKey, ...]:
        """The keys of an account, disabled ones too, by key id."""
        rows = self._connection.execute(
            "SELECT key_id, email, public_key, disabled FROM account_key"
            " WHERE email = ? ORDER BY key_id",
            (email.lower(),),
        ).fetchall()
        return tuple(AccountKey(row[0], row[1], row[2], bool(row[3])) for row in rows)

    def disable_account(self, email: str, disabled: bool = True) -> None:
        """Closes (or opens again) an account: it gets no tokens while it is closed."""
        self._connection.execute(
            "UPDATE account SET disabled = ? WHERE email = ?", (int(disabled), email.lower())
        )

    def disable_key(self, key_id: str, disabled: bool = True) -> None:
        """Revokes (or restores) one key of a service account."""
        self._connection.execute(
            "UPDATE account_key SET disabled = ? WHERE key_id = ?", (int(disabled), key_id)
        )


def create_service_account(
    data: Path, key_file: Path, email: str | None = None, *, token_uri: str = GOOGLE_TOKEN_URI
) -> str:
    """The e-mail address of a new service account (or of `email`, with one more key).

    Its key pair is new: the public half goes into the data file, the private half into `key_file`
    in the format of Google's service-account keys, readable by its owner only. Raises
    FileExistsError rather than replace a key file. A server may be running on the data file.
    """
    address = (email or f"crm-sync-{secrets.token_hex(3)}@{PROJECT}{_SERVICE_DOMAIN}").lower()
    private = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
    key_id = secrets.token_hex(20)
    public_pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    private_pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    content = _key_file_content(address, key_id, private_pem.decode("ascii"), token_uri)
    _write_private(key_file, content)
    _register(data, AccountKey(key_id, address, public_pem.decode("ascii"), False))
    return address


def permission_id(grantee: str) -> str:
    """The permission id of an account, group or domain: 20 digits, the same in every file."""
    digest = hashlib.sha256(grantee.lower().encode()).digest()
    return f"{int.from_bytes(digest[:8], 'big'):020d}"


def create_tables(connection: sqlite3.Connection, schema: str) -> None:
    """Runs `CREATE TABLE IF NOT EXISTS` statements one by one.

    `executescript` would commit a transaction that is open.
    """
    for statement in schema.split(";\n"):
        if statement.strip():
            connection.execute(statement)


def _register(data: Path, key: AccountKey) -> None:
    descriptor = os.open(data, os.O_CREAT | os.O_RDWR, 0o600)
    os.close(descriptor)
    now = datetime.now(UTC)
    connection = sqlite3.connect(data, timeout=30)
    try:
        with connection:
            book = AccountBook(connection)
            book.add(key.email, now)
            book.add_key(key, now)
    finally:
        connection.close()


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)


def _key_file_content(email: str, key_id: str, private_key: str, token_uri: str) -> bytes:
    quoted = email.replace("@", "%40")
    content = {
        "type": "service_account",
        "project_id": PROJECT,
        "private_key_id": key_id,
        "private_key": private_key,
        "client_email": email,
        "client_id": permission_id(email),
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": token_uri,
        "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
        "client_x509_cert_url": f"https://www.googleapis.com/robot/v1/metadata/x509/{quoted}",
        "universe_domain": "googleapis.com",
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _shown_name(email: str) -> str:
    # Google shows service accounts by their whole address, people by the part before the @.
    return email if email.endswith(_SERVICE_DOMAIN) else email.partition("@")[0]
