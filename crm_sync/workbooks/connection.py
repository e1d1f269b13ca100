"""How a workbook's server is reached, and the key file that opens it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from google.auth.crypt import RSASigner
from google.auth.exceptions import GoogleAuthError

from crm_sync import __version__
from crm_sync.core.values import N_
from crm_sync.errors import KeyFileError

ServiceKey = Mapping[str, str]
"""The content of a service account's key file."""

GOOGLE_TOKEN_URIS: Final = frozenset(
    {"https://oauth2.googleapis.com/token", "https://accounts.google.com/o/oauth2/token"}
)
_NEEDED: Final = ("client_email", "private_key", "private_key_id", "token_uri")
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_GIT_SECONDS: Final = 5


@dataclass(frozen=True)
class Connection:
    """How one server is reached: Google (`base_url` None), or a local one at "http://host:port".

    `key` is a service account's key, or a bearer token. Times are in seconds: `answer_seconds` for
    one whole answer, `budget_seconds` for all waiting between tries of one run. `per_minute` are
    the reads, and the writes, that may be sent within a minute (None: any number). Proxies of the
    environment count only with `trust_env`.
    """

    key: ServiceKey | str = field(repr=False)
    base_url: str | None = None
    connect_seconds: float = 10
    read_seconds: float = 60
    answer_seconds: float = 190
    budget_seconds: float = 300
    per_minute: int | None = None
    trust_env: bool = False
    user_agent: str = f"crm-sync/{__version__} (gzip)"

    @property
    def account(self) -> str:
        """The e-mail address that workbooks are shared with; "" behind a bearer token."""
        return "" if isinstance(self.key, str) else self.key["client_email"]

    @property
    def server(self) -> str:
        """The server's name in messages."""
        return self.base_url or "Google"


def load_key(path: Path) -> dict[str, str]:
    """The content of a service account's key file. Raises KeyFileError if the file will not do, or
    lies where others can read it.
    """
    key = _members(path, _content(path))
    _check_mode(path)
    _check_repository(path)
    _check_token_uri(path, key["token_uri"])
    try:
        signer_of(key["private_key"], key["private_key_id"])
    except (ValueError, TypeError, GoogleAuthError) as exc:
        raise _unfit(path) from exc
    return key


@lru_cache(maxsize=16)
def signer_of(private_key: str, key_id: str) -> RSASigner:
    """What signs with a key. To read one and check that its numbers fit takes as long as several
    requests, so it is done once. Raises ValueError, TypeError or GoogleAuthError for no such key.
    """
    signer: RSASigner = RSASigner.from_string(private_key, key_id)
    return signer


def _content(path: Path) -> object:
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError as exc:
        raise KeyFileError(
            N_("The key file {path} is not there."),
            N_(
                "In Google Cloud, open IAM, Service accounts, Keys; make a JSON key, save it "
                "there, and type: chmod 600 {path}"
            ),
            path=path,
        ) from exc
    except OSError as exc:
        raise KeyFileError(
            N_("The key file {path} cannot be read: {reason}."),
            N_("Give the file to the user who runs crm-sync: chown, then chmod 600 {path}"),
            path=path,
            reason=exc.strerror or "I/O error",
        ) from exc
    except ValueError as exc:
        raise _unfit(path) from exc


def _members(path: Path, content: object) -> dict[str, str]:
    if not isinstance(content, dict):
        raise _unfit(path)
    if "installed" in content or "web" in content:
        raise KeyFileError(
            N_("{path} is the file of an OAuth client, not a service account's key."),
            N_("In Google Cloud, open IAM, Service accounts, Keys, and make a JSON key."),
            path=path,
        )
    if content.get("type") != "service_account":
        raise _unfit(path)
    missing = [name for name in _NEEDED if not isinstance(content.get(name), str)]
    if missing:
        raise KeyFileError(
            N_("The key file {path} lacks: {missing}."),
            N_("Make a new JSON key of the service account and save it there."),
            path=path,
            missing=", ".join(missing),
        )
    return {name: text for name, text in content.items() if isinstance(text, str)}


def _unfit(path: Path) -> KeyFileError:
    return KeyFileError(
        N_("{path} is not a service account's key file."),
        N_("Make a new JSON key of the service account and save it there."),
        path=path,
    )


def _check_mode(path: Path) -> None:
    # Windows keeps its rights elsewhere than in the mode.
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeyFileError(
            N_("Other users of this computer can read the key file {path}."),
            N_("Type: chmod 600 {path}"),
            path=path,
        )


def _check_repository(path: Path) -> None:
    """A key that git would commit is a key that leaks. Without git there is nothing to check."""
    place = path.resolve()
    if not any((folder / ".git").exists() for folder in place.parents):
        return
    try:
        asked = subprocess.run(
            ["git", "-C", str(place.parent), "check-ignore", "--quiet", place.name],
            check=False,
            capture_output=True,
            timeout=_GIT_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return
    if asked.returncode == 1:
        raise KeyFileError(
            N_("The key file {path} lies in a git repository that does not ignore it."),
            N_("Move it out of the repository, or add a line to .gitignore: {name}"),
            path=path,
            name=path.name,
        )


def _check_token_uri(path: Path, address: str) -> None:
    """Whoever gets the signed request for a token can use it: it goes to Google, or stays here."""
    if address not in GOOGLE_TOKEN_URIS and urlsplit(address).hostname not in _LOOPBACK:
        raise KeyFileError(
            N_("The key file {path} would sign in at {host}, which is not Google."),
            N_("Do not use this file. Make a new JSON key of the service account in Google Cloud."),
            path=path,
            host=urlsplit(address).hostname or "?",
        )
