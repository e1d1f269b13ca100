"""The wire to one server: known hosts only, no redirects, a limit for every wait."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import orjson
import requests
import urllib3
from google.auth.credentials import Credentials
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2 import credentials as bearer
from google.oauth2 import service_account
from requests.adapters import HTTPAdapter

from crm_sync.core.values import N_
from crm_sync.errors import KeyFileError
from crm_sync.workbooks.connection import GOOGLE_TOKEN_URIS, Connection, signer_of

SCOPES: Final = (
    "https://www.googleapis.com/auth/spreadsheets",
    "https://www.googleapis.com/auth/drive.metadata.readonly",
)
GOOGLE_HOSTS: Final = frozenset(
    {"sheets.googleapis.com", "www.googleapis.com", "oauth2.googleapis.com", "accounts.google.com"}
)
_TOKEN_PATH: Final = "/token"
_CHUNK: Final = 1 << 18


class NotGoogle(Exception):
    """What answered is not Google's API; `what` says how that shows. `sent` is False if the
    request itself was not sent, only what comes before it.
    """

    def __init__(self, what: str, *, sent: bool = True) -> None:
        super().__init__(what)
        self.sent = sent


class BrokenOff(requests.RequestException):
    """The answer began and did not come to its end."""


class Wire(HTTPAdapter):
    """Carries requests to the hosts of one server. Raises NotGoogle for a redirect, and if what
    answers a `signing_in` is not even a JSON object (google-auth would raise a TypeError).
    """

    def __init__(self, connection: Connection, *, signing_in: bool = False) -> None:
        super().__init__(max_retries=0)
        self._connection = connection
        self._signing_in = signing_in
        self.clock_skew = 0.0
        """How many seconds this computer's clock is ahead of the server's, as last seen."""

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Sends one request and reads its whole answer."""
        request.url = self._address(request.url or "")
        deadline = time.monotonic() + self._connection.answer_seconds
        response = super().send(
            request,
            stream=True,
            timeout=timeout or (self._connection.connect_seconds, self._connection.read_seconds),
            verify=verify,
            cert=cert,
            proxies=proxies
            if self._connection.trust_env and not self._connection.base_url
            else None,
        )
        response.raw = io.BytesIO(_whole(response, deadline))
        self._note_clock(response)
        if 300 <= response.status_code < 400:
            raise NotGoogle("redirect", sent=not self._signing_in)
        if self._signing_in and not _is_object(response.content):
            if response.status_code >= 500:
                raise BrokenOff("sign-in")
            raise NotGoogle("sign-in", sent=False)
        return response

    def _address(self, url: str) -> str:
        parts = urlsplit(url)
        base = self._connection.base_url
        if base is None:
            if parts.scheme != "https" or parts.hostname not in GOOGLE_HOSTS:
                raise NotGoogle("host", sent=False)
            return url
        to = urlsplit(base)
        if parts.hostname not in GOOGLE_HOSTS and parts.netloc != to.netloc:
            raise NotGoogle("host", sent=False)
        return urlunsplit((to.scheme, to.netloc, parts.path, parts.query, ""))

    def _note_clock(self, response: requests.Response) -> None:
        try:
            there = parsedate_to_datetime(response.headers["Date"])
        except (KeyError, ValueError):
            return
        self.clock_skew = time.time() - there.timestamp()


def _whole(response: requests.Response, deadline: float) -> bytes:
    """The decoded body. Raises BrokenOff if it ends too early or drips beyond the deadline."""
    parts = []
    try:
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            parts.append(chunk)
            if time.monotonic() > deadline:
                response.close()
                raise BrokenOff("too slow")
    except urllib3.exceptions.HTTPError as exc:
        response.close()
        raise BrokenOff("cut short") from exc
    return b"".join(parts)


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(orjson.loads(body), dict)
    except orjson.JSONDecodeError:
        return False


def open_session(connection: Connection) -> tuple[AuthorizedSession, Wire]:
    """A session that signs in by itself, and the wire over which it does so. Asks nothing of the
    network yet. Raises KeyFileError for the key of another server.
    """
    wire = Wire(connection, signing_in=True)
    # At DEBUG google-auth writes bodies to the log, and those are people's data.
    logging.getLogger("google").setLevel(logging.WARNING)
    signing_in = requests.Session()
    session = AuthorizedSession(_credentials(connection), auth_request=Request(signing_in))
    for each, carrier in ((signing_in, wire), (session, Wire(connection))):
        each.mount("https://", carrier)
        each.mount("http://", carrier)
        each.trust_env = connection.trust_env
        each.headers["User-Agent"] = connection.user_agent
    return session, wire


def _credentials(connection: Connection) -> Credentials:
    if isinstance(connection.key, str):
        return bearer.Credentials(connection.key)
    key = connection.key
    token_uri = key["token_uri"]
    if connection.base_url is None:
        if token_uri not in GOOGLE_TOKEN_URIS:
            raise KeyFileError(
                N_("The key of {account} was made by a local server; Google does not know it."),
                N_("Give this workbook the key of a service account from Google Cloud."),
                account=connection.account,
            )
    else:
        # The local server may stand at another port than when it made the key.
        token_uri = connection.base_url + _TOKEN_PATH
    signed: Credentials = service_account.Credentials(
        signer_of(key["private_key"], key["private_key_id"]),
        key["client_email"],
        token_uri,
        scopes=SCOPES,
    )
    return signed
