"""gspread's HTTPClient with limits: reads are tried again, a write never is once it may be done."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar

import gspread
import orjson
import requests
import stamina
from google.auth.exceptions import RefreshError, TransportError
from gspread.urls import SPREADSHEETS_API_V4_BASE_URL

from crm_sync.interrupts import unbroken
from crm_sync.workbooks.answers import Malformed, without_lone_surrogates
from crm_sync.workbooks.cells import Json
from crm_sync.workbooks.connection import Connection
from crm_sync.workbooks.foreign_errors import FOREIGN, Party, Refused, foreign_errors, never_sent
from crm_sync.workbooks.pace import Pace
from crm_sync.workbooks.transport import NotGoogle, open_session

MOST_TRIES: Final = 5
_TRIES_OFFLINE: Final = 2
# Verbs that only read, though they are asked by POST.
_READING_POSTS: Final = (":getByDataFilter", ":batchGetByDataFilter", "developerMetadata:search")
_LONGEST_WAIT: Final = 64.0
_QUOTA_WAIT: Final = 4.0
_FIRST_WAIT: Final = 0.5
T = TypeVar("T")


@dataclass(frozen=True)
class Question:
    """One request whose answer is JSON. `operation` names a write, None is a read."""

    method: str
    endpoint: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: Json | None = None
    operation: str | None = None


class TryAgain(Exception):
    """The same request may be sent again after `wait` seconds. It carries no text to be logged."""

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.wait = wait


class Budget:
    """What a run may still spend on waiting between tries."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds

    def take(self, seconds: float) -> bool:
        """True if that much was left; it is spent then."""
        if seconds > self._left:
            return False
        self._left -= seconds
        return True


class SheetsClient(gspread.HTTPClient):
    """An HTTPClient for one connection. `requests_made` counts requests, signing in apart.

    All methods raise errors of errors.py alone; a write whose answer is lost, UnknownOutcome.
    """

    def __init__(self, connection: Connection) -> None:
        session, wire = open_session(connection)
        super().__init__(session.credentials, session)
        self.auth = session.credentials
        self.connection = connection
        self.requests_made = 0
        self.set_timeout((connection.connect_seconds, connection.read_seconds))
        self._party = Party(connection, wire)
        self._pace = Pace(connection.per_minute)
        self._wire = wire
        self.renew_budget()

    @property
    def clock_skew(self) -> float:
        """How many seconds our clock was ahead of the server's when we signed in."""
        return self._wire.clock_skew

    def renew_budget(self) -> None:
        """Begins the waiting time of a new run."""
        self._budget = Budget(self.connection.budget_seconds)

    def request(  # noqa: PLR0913 - the signature is gspread's
        self,
        method: str,
        endpoint: str,
        params: Any = None,
        data: Any = None,
        json: Mapping[str, Any] | None = None,
        files: Any = None,
        headers: Any = None,
    ) -> requests.Response:
        """The answer, as gspread's own methods ask for it."""

        def send() -> requests.Response:
            response = self._send(
                method,
                endpoint,
                params=params,
                data=data,
                json=json,
                files=files,
                headers=headers,
            )
            if response.content and "text/html" in response.headers.get("Content-Type", ""):
                raise NotGoogle("html")
            return response

        return self._persist(send, None if is_read(method, endpoint) else "")

    def ask(self, question: Question, reader: Callable[[Json], T]) -> T:
        """What `reader` makes of the JSON that answers. If it raises Malformed, that counts as an
        answer that was lost.
        """
        return self.ask_bytes(question, lambda content: reader(parsed(content)))

    def ask_bytes(self, question: Question, reader: Callable[[bytes], T]) -> T:
        """The same, for a reader that takes the JSON as it comes."""
        body = None if question.body is None else orjson.dumps(question.body)
        headers = {"Content-Type": "application/json"} if body else None

        def send() -> T:
            response = self._send(
                question.method,
                question.endpoint,
                params=question.params,
                data=body,
                headers=headers,
            )
            if "json" not in response.headers.get("Content-Type", ""):
                raise NotGoogle("content type")
            return reader(response.content)

        return self._persist(send, question.operation)

    def _send(self, method: str, endpoint: str, **content: Any) -> requests.Response:
        reading = is_read(method, endpoint)
        if endpoint.startswith(SPREADSHEETS_API_V4_BASE_URL):
            self._pace.take(write=not reading)
        self.requests_made += 1
        connection = self.connection
        # Google may work on a write for three minutes; to give up sooner is to know less.
        patience = connection.read_seconds if reading else connection.answer_seconds
        # A read that is cut off costs nothing.
        with nullcontext() if reading else unbroken():
            response = self.session.request(
                method, endpoint, timeout=(connection.connect_seconds, patience), **content
            )
        if not response.ok:
            raise Refused(response)
        return response

    def _persist(self, send: Callable[[], T], operation: str | None) -> T:
        tries = 0

        def once() -> T:
            nonlocal tries
            tries += 1
            try:
                return send()
            except (*FOREIGN, Refused) as exc:
                wait = wait_before_next(exc, tries, is_write=operation is not None)
                if wait is None or not self._budget.take(wait):
                    raise
                raise TryAgain(wait) from exc

        with foreign_errors(self._party, operation):
            caller = stamina.RetryingCaller(attempts=MOST_TRIES, timeout=None)
            return caller(_hook, once)


def _hook(exc: Exception) -> bool | float:
    return exc.wait if isinstance(exc, TryAgain) else False


def is_read(method: str, endpoint: str) -> bool:
    """True if the request changes nothing."""
    verb = method.upper()
    return verb == "GET" or (verb == "POST" and endpoint.endswith(_READING_POSTS))


def parsed(body: bytes) -> Json:
    """The JSON object of a body. Raises Malformed if it is cut short or no object."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        content = orjson.loads(without_lone_surrogates(body))
    if not isinstance(content, dict):
        raise Malformed("not an object")
    return content


def wait_before_next(exc: Exception, tries: int, *, is_write: bool) -> float | None:
    """Seconds to wait before the same request is sent once more; None if it must not be.

    A write is sent again only if the answer says that it was not done.
    """
    if tries >= MOST_TRIES:
        return None
    if isinstance(exc, Refused) and exc.rate:
        return max(_spread(_QUOTA_WAIT, tries), _retry_after(exc))
    if isinstance(exc, RefreshError):
        answered = any(isinstance(arg, dict) and "error" in arg for arg in exc.args)
        return None if answered or not exc.args else _spread(_FIRST_WAIT, tries)
    if isinstance(exc, TransportError):
        return None if _offline(exc, tries) else _spread(_FIRST_WAIT, tries)
    if is_write:
        return None
    if isinstance(exc, Refused):
        return max(_spread(_FIRST_WAIT, tries), _retry_after(exc)) if exc.busy else None
    if isinstance(exc, requests.exceptions.SSLError | NotGoogle):
        return None
    return None if _offline(exc, tries) else _spread(_FIRST_WAIT, tries)


def _offline(exc: Exception, tries: int) -> bool:
    """True when the network has been away for long enough not to ask again in this run."""
    return tries >= _TRIES_OFFLINE and never_sent(exc.__cause__ or exc)


def _spread(first: float, tries: int) -> float:
    """Exponential waiting with jitter, so that many clients do not come back together."""
    return min(first * float(2 ** (tries - 1)), _LONGEST_WAIT) * random.uniform(0.75, 1.25)


def _retry_after(exc: Refused) -> float:
    """The seconds that the answer asks for: a number, or a date (RFC 9110, section 10.2.3)."""
    if exc.retry_after.isdigit():
        return float(exc.retry_after)
    try:
        return max(parsedate_to_datetime(exc.retry_after).timestamp() - time.time(), 0.0)
    except ValueError:
        return 0.0
