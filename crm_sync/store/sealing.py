"""Encryption of backups with age (https://age-encryption.org/v1): a public key closes them, and
only the private key, which need not lie on this computer, opens them; or a passphrase does both.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crm_sync.core.keeping import Opener
from crm_sync.core.values import N_
from crm_sync.errors import StoreError

_INSTALL = N_("Install it: pip install 'crm-sync[crypt]'")
_BY_PASSPHRASE = b"\n-> scrypt "


def seal(content: bytes, recipient: str) -> bytes:
    """The content, to be read by the holder of the recipient's private key alone."""
    pyrage = _pyrage()
    try:
        return bytes(pyrage.encrypt(content, [pyrage.x25519.Recipient.from_str(recipient)]))
    except pyrage.RecipientError as exc:
        raise StoreError(
            N_("The backup's recipient in config.toml is no public key of age."),
            N_("It begins with age1; age-keygen makes one together with its private key."),
        ) from exc


def seal_with_passphrase(content: bytes, passphrase: str) -> bytes:
    """The content, to be read by whoever knows the passphrase."""
    return bytes(_pyrage().passphrase.encrypt(content, passphrase))


def wants_passphrase(content: bytes) -> bool:
    """True if a passphrase opens what begins so."""
    return _BY_PASSPHRASE in content[:200]


def unseal(content: bytes, opener: Opener) -> bytes:
    """The plain content. The opener's key is a file as age-keygen writes it."""
    if wants_passphrase(content):
        return _with_passphrase(content, opener)
    pyrage = _pyrage()
    if not opener.key:
        raise StoreError(
            N_("This backup is encrypted."),
            N_("Name the file with the private key: --key FILE"),
        )
    lines = Path(opener.key).read_text(encoding="utf-8").splitlines()
    try:
        keys = [
            pyrage.x25519.Identity.from_str(line.strip())
            for line in lines
            if line.strip().startswith("AGE-SECRET-KEY-")
        ]
        return bytes(pyrage.decrypt(content, keys))
    except (pyrage.IdentityError, pyrage.DecryptError, ValueError) as exc:
        raise StoreError(
            N_("The key {file} does not open this backup."),
            N_("Look for the private key that belongs to the recipient in config.toml then."),
            file=opener.key,
        ) from exc


def _with_passphrase(content: bytes, opener: Opener) -> bytes:
    pyrage = _pyrage()
    if not opener.passphrase:
        raise StoreError(
            N_("This backup is encrypted with a passphrase."),
            N_("Say --passphrase-file FILE, or put it into CRM_SYNC_PASSPHRASE."),
        )
    try:
        return bytes(pyrage.passphrase.decrypt(content, opener.passphrase))
    except pyrage.DecryptError as exc:
        raise StoreError(
            N_("The passphrase does not open this backup, or the file is damaged."),
            N_("Try it again; without the right one nobody can open it."),
        ) from exc


def _pyrage() -> Any:
    try:
        import pyrage
        import pyrage.passphrase
    except ImportError as exc:
        raise StoreError(N_("Encrypted backups need the package pyrage."), _INSTALL) from exc
    return pyrage
