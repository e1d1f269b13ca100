"""Encryption of backups with age (https://age-encryption.org/v1): a public key closes them, and
only the private key, which need not lie on this computer, opens them.
"""

from __future__ import annotations

from pathlib import Path

from crm_sync.core.values import N_
from crm_sync.errors import StoreError

_INSTALL = N_("Install it: pip install 'crm-sync[crypt]'")


def seal(content: bytes, recipient: str) -> bytes:
    """The content, to be read by the holder of the recipient's private key alone."""
    try:
        import pyrage
    except ImportError as exc:
        raise StoreError(N_("Encrypted backups need the package pyrage."), _INSTALL) from exc
    try:
        return bytes(pyrage.encrypt(content, [pyrage.x25519.Recipient.from_str(recipient)]))
    except pyrage.RecipientError as exc:
        raise StoreError(
            N_("The backup's recipient in config.toml is no public key of age."),
            N_("It begins with age1; age-keygen makes one together with its private key."),
        ) from exc


def unseal(content: bytes, key: Path | None) -> bytes:
    """The plain content. `key` is a file as age-keygen writes it."""
    try:
        import pyrage
    except ImportError as exc:
        raise StoreError(N_("Encrypted backups need the package pyrage."), _INSTALL) from exc
    if key is None:
        raise StoreError(
            N_("This backup is encrypted."),
            N_("Name the file with the private key: --key FILE"),
        )
    lines = key.read_text(encoding="utf-8").splitlines()
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
            file=str(key),
        ) from exc
