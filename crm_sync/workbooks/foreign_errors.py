"""Errors of gspread's world (requests, urllib3, google-auth, Google's answers) as errors.py's.

Google's errors: https://developers.google.com/workspace/drive/api/guides/handle-errors and
https://cloud.google.com/apis/design/errors . They are told apart by HTTP status and reasons:
messages change, and the body of a 502 may be a page of HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import orjson
import requests
import urllib3
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError

from crm_sync.core.values import N_
from crm_sync.errors import (
    AccessError,
    CrmSyncError,
    KeyFileError,
    Locked,
    QuotaExhausted,
    ShapeError,
    UnknownOutcome,
    Unreachable,
    UserError,
    WorkbookGone,
)
from crm_sync.workbooks.answers import Malformed, office_file
from crm_sync.workbooks.connection import Connection
from crm_sync.workbooks.transport import NotGoogle, Wire

FOREIGN: Final = (requests.RequestException, GoogleAuthError, NotGoogle, Malformed)

_RATE_REASONS: Final = frozenset(
    {"RATE_LIMIT_EXCEEDED", "rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded"}
)
_BUSY: Final = frozenset({408, 500, 502, 503, 504})
_CLOCK_TOLERANCE: Final = 240


class Refused(Exception):
    """An answer that says no. `reasons` are Google's words for it; `message` may quote cells."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__(f"HTTP {response.status_code}")
        self.status = response.status_code
        self.retry_after = response.headers.get("Retry-After", "")
        error = _error(response.content)
        self.message = str(error.get("message", ""))
        self.reasons = frozenset(_reasons(error))
        self.facts: Mapping[str, Any] = _info(error)

    @property
    def rate(self) -> bool:
        """True if too much was asked: nothing was done."""
        return self.status == 429 or (self.status == 403 and bool(self.reasons & _RATE_REASONS))

    @property
    def busy(self) -> bool:
        """True if the server failed: what became of the request is not known."""
        return self.status in _BUSY or self.status > 504


def _error(body: bytes) -> Mapping[str, Any]:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    error = content.get("error") if isinstance(content, dict) else None
    return error if isinstance(error, dict) else {}


def _reasons(error: Mapping[str, Any]) -> Iterator[str]:
    yield str(error.get("status", ""))
    for entries in (error.get("errors"), error.get("details")):
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and "reason" in entry:
                yield str(entry["reason"])


def _info(error: Mapping[str, Any]) -> Mapping[str, Any]:
    details = error.get("details")
    for entry in details if isinstance(details, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("metadata"), dict):
            return dict(entry["metadata"])
    return {}


@dataclass(frozen=True)
class Party:
    """Who speaks with whom, for messages. `wire` is the one over which the account signs in."""

    connection: Connection
    wire: Wire

    @property
    def facts(self) -> dict[str, object]:
        """`server` and `account` as messages name them."""
        account = self.connection.account or "crm-sync"
        return {"server": self.connection.server, "account": account}


@contextmanager
def foreign_errors(party: Party, operation: str | None) -> Iterator[None]:
    """Raises errors.py's errors for foreign ones. `operation` is the id of a write, None for a
    read: a write whose answer was lost raises UnknownOutcome.
    """
    try:
        yield
    except (*FOREIGN, Refused) as exc:
        if operation is not None and outcome_unknown(exc):
            raise UnknownOutcome(operation) from exc
        raise _translated(exc, party) from exc


def outcome_unknown(exc: Exception) -> bool:
    """True if a write that ended so may have been done."""
    if isinstance(exc, Refused):
        return exc.busy
    if isinstance(exc, GoogleAuthError):
        # The request itself waits until a token is there.
        return False
    if isinstance(exc, NotGoogle):
        return exc.sent
    return not never_sent(exc)


def never_sent(exc: BaseException | None) -> bool:
    """True if no connection came about."""
    if isinstance(exc, requests.ConnectTimeout | requests.exceptions.SSLError):
        return True
    if isinstance(exc, requests.exceptions.ProxyError):
        return True
    if not isinstance(exc, requests.ConnectionError) or not exc.args:
        return False
    reason = getattr(exc.args[0], "reason", exc.args[0])
    return isinstance(reason, urllib3.exceptions.NewConnectionError)


def _translated(exc: Exception, party: Party) -> CrmSyncError:
    if isinstance(exc, Refused):
        return _refusal(exc, party)
    if isinstance(exc, RefreshError):
        return _sign_in(exc, party)
    if isinstance(exc, TransportError):
        return _unreachable(exc.__cause__ or exc, party)
    if isinstance(exc, GoogleAuthError):
        return _key_refused(party)
    return _unreachable(exc, party)


def _refusal(exc: Refused, party: Party) -> UserError:
    if exc.rate:
        return QuotaExhausted(
            N_("{server} asks for a pause: too many requests in this minute."),
            N_("Nothing is lost. Run crm-sync sync again in a few minutes."),
            **party.facts,
        )
    if exc.status == 401:
        return AccessError(
            N_("{server} does not accept the sign-in of {account}."),
            N_("Check the key of this workbook in config.toml; make a new one if it was revoked."),
            **party.facts,
        )
    if exc.status == 403:
        return _forbidden(exc, party)
    if exc.status == 404:
        return WorkbookGone(
            N_("There is no such workbook, or {account} may not see it."),
            N_(
                "Check the id in config.toml. If the workbook is there, open it, press Share, and "
                "add {account} as an editor. If it lies in the bin, take it out again."
            ),
            **party.facts,
        )
    if exc.busy:
        return Unreachable(
            N_("{server} has a fault of its own (HTTP {status})."),
            N_("Nothing is lost. Run crm-sync sync again in a few minutes."),
            status=exc.status,
            **party.facts,
        )
    return _wrong_shape(exc, party)


def _forbidden(exc: Refused, party: Party) -> UserError:
    if exc.reasons & {"SERVICE_DISABLED", "accessNotConfigured"}:
        return AccessError(
            N_("The interface {service} is switched off in the Google Cloud project {project}."),
            N_(
                "Open https://console.cloud.google.com/apis/library, choose the project, and "
                "enable Google Sheets API and Google Drive API."
            ),
            service=exc.facts.get("service", "Google Sheets API"),
            project=exc.facts.get("consumer", "?"),
        )
    if exc.reasons & {"ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientPermissions"}:
        return AccessError(
            N_("The sign-in of {account} does not reach far enough for workbooks."),
            N_("It needs these scopes: spreadsheets, drive.metadata.readonly."),
            **party.facts,
        )
    if "storageQuotaExceeded" in exc.reasons:
        return AccessError(
            N_("{account} may own no files at Google, so it cannot make a workbook."),
            N_(
                "Make an empty spreadsheet yourself, press Share, add {account} as an editor, and "
                "put the spreadsheet's address into config.toml as id."
            ),
            **party.facts,
        )
    return AccessError(
        N_("{server} does not let {account} do this with the workbook."),
        N_("Open the workbook, press Share, and add {account} as an editor."),
        **party.facts,
    )


def _wrong_shape(exc: Refused, party: Party) -> UserError:
    text = exc.message
    if "protected" in text:
        return Locked(
            N_("A part of the workbook is protected against {account}."),
            N_(
                "Open the workbook, Data, Protect sheets and ranges, and let {account} edit, or "
                "remove the protection."
            ),
            **party.facts,
        )
    if "10000000" in text:
        return ShapeError(
            N_("The workbook is full: Google allows 10,000,000 cells, blank ones too."),
            N_("Delete blank rows and columns, or tabs that nobody needs."),
        )
    if "not supported for this document" in text:
        return office_file()
    if exc.status == 413 or "too large" in text.lower():
        return ShapeError(
            N_("The write is too large for {server}."),
            N_("Sync fewer new rows at a time."),
            **party.facts,
        )
    if re.search(r"parse range|No grid with id|No sheet with id", text):
        return ShapeError(
            N_("A tab that crm-sync works with is not in the workbook."),
            N_("If it was deleted by mistake: File, Version history. Then run crm-sync sync."),
        )
    return ShapeError(
        N_("{server} refused the request: {reason}"),
        N_("If somebody was editing at this moment, run crm-sync sync again."),
        reason=_without_values(text) or f"HTTP {exc.status}",
        server=party.connection.server,
    )


def _without_values(message: str) -> str:
    """A message of Google without what it quotes: that may be a person's data."""
    return re.sub(r"\"[^\"]*\"|'[^']*'|\([^)]*\)", "…", message.partition("\n")[0])[:200]


def _sign_in(exc: RefreshError, party: Party) -> UserError:
    answer = next((arg for arg in exc.args if isinstance(arg, dict)), {})
    text = f"{exc.args[0] if exc.args else ''} {answer.get('error_description', '')}"
    if isinstance(party.connection.key, str):
        return AccessError(
            N_("{server} does not accept the sign-in of {account}."),
            N_("Check the key of this workbook in config.toml; make a new one if it was revoked."),
            **party.facts,
        )
    if "error" not in answer:
        return _unreachable(exc, party)
    skew = party.wire.clock_skew
    if "timeframe" in text or (abs(skew) > _CLOCK_TOLERANCE and "invalid_grant" in text):
        message = (
            N_("This computer's clock is {minutes} minutes fast, so the sign-in is refused.")
            if skew > 0
            else N_("This computer's clock is {minutes} minutes slow, so the sign-in is refused.")
        )
        return KeyFileError(
            message,
            N_("Set the clock (automatic time), then run crm-sync sync again."),
            minutes=round(abs(skew) / 60),
        )
    if "account not found" in text or answer.get("error") == "account_disabled":
        return KeyFileError(
            N_("The service account {account} was deleted or disabled."),
            N_("Enable it in Google Cloud, or make a new one and share the workbook with it."),
            **party.facts,
        )
    return _key_refused(party)


def _key_refused(party: Party) -> KeyFileError:
    key = party.connection.key
    return KeyFileError(
        N_("{server} does not accept the key {key_id} of {account}: it was deleted or replaced."),
        N_("Make a new JSON key of the service account and put it in the old one's place."),
        key_id="" if isinstance(key, str) else key.get("private_key_id", "")[:8],
        **party.facts,
    )


def _unreachable(exc: BaseException, party: Party) -> Unreachable:
    if isinstance(exc, NotGoogle):
        return Unreachable(
            N_("Something else than {server} answered, perhaps a sign-in page of the network."),
            N_("Open any web page in a browser; sign in to the network if it asks you to."),
            **party.facts,
        )
    if isinstance(exc, requests.exceptions.SSLError):
        return Unreachable(
            N_("The connection to {server} is not safe: its certificate cannot be verified."),
            N_("Check the date of this computer, and what in the network looks into connections."),
            **party.facts,
        )
    if isinstance(exc, requests.Timeout):
        return Unreachable(
            N_("{server} did not answer in time."),
            N_("Nothing is lost. Run crm-sync sync again in a few minutes."),
            **party.facts,
        )
    if never_sent(exc):
        hint = (
            N_("Check the internet connection. Nothing is lost: the next run goes on.")
            if party.connection.base_url is None
            else N_("Start the server at {server}, or correct its address in config.toml.")
        )
        return Unreachable(N_("{server} cannot be reached."), hint, **party.facts)
    return Unreachable(
        N_("The answer of {server} was cut short or cannot be read."),
        N_("Nothing is lost. Run crm-sync sync again in a few minutes."),
        **party.facts,
    )
