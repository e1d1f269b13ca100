"""Opens and makes workbooks by their name in the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gspread.urls import SPREADSHEETS_API_V4_BASE_URL

from crm_sync.core.values import N_
from crm_sync.errors import UnknownOutcome, Unreachable
from crm_sync.ports import Changes
from crm_sync.workbooks.answers import Malformed
from crm_sync.workbooks.connection import Connection
from crm_sync.workbooks.feeds import changes_since, start_token
from crm_sync.workbooks.google import GoogleWorkbook
from crm_sync.workbooks.http_client import Question, SheetsClient


class GoogleWorkbooks:
    """Workbooks by name, each behind the connection that the configuration gives it; a
    `ports.Workbooks`. Workbooks behind equal connections share one sign-in.
    """

    def __init__(self, connections: Mapping[str, Connection]) -> None:
        self._connections = dict(connections)
        self._clients: list[SheetsClient] = []

    @property
    def requests_made(self) -> int:
        """How many requests were sent so far, signing in apart."""
        return sum(client.requests_made for client in self._clients)

    def open(self, name: str, spreadsheet_id: str) -> GoogleWorkbook:
        """The workbook with this id, with a fresh budget of waiting. Asks nothing of the network
        yet.
        """
        return GoogleWorkbook(self._renewed(name), spreadsheet_id)

    def add(self, name: str, connection: Connection) -> None:
        """Takes one more workbook in."""
        self._connections[name] = connection

    def account(self, name: str) -> str:
        """The address with which a workbook is shared; "" behind a bearer token."""
        return self._connections[name].account

    def clock_skew(self, name: str) -> float:
        """How many seconds our clock is ahead of the server's, as its last answer showed."""
        return self._client(name).clock_skew

    def start(self, name: str) -> str:
        """The token of this moment in the list of changes that tells of this workbook."""
        return start_token(self._renewed(name))

    def changes(self, name: str, token: str) -> Changes | None:
        """What changed since a token; None if the server does not know it."""
        return changes_since(self._renewed(name), token)

    def _renewed(self, name: str) -> SheetsClient:
        client = self._client(name)
        client.renew_budget()
        return client

    def create(
        self, name: str, title: str, *, locale: str, time_zone: str, first_tab: str
    ) -> GoogleWorkbook:
        """A new workbook with one blank tab. Raises AccessError where the account may own none,
        Unreachable if the answer was lost: then a workbook may be there that nobody knows.
        """
        client = self._client(name)
        body = {
            "properties": {"title": title, "locale": locale, "timeZone": time_zone},
            "sheets": [{"properties": {"sheetId": 0, "title": first_tab}}],
        }
        question = Question(
            "POST", SPREADSHEETS_API_V4_BASE_URL, {"fields": "spreadsheetId"}, body, title
        )
        try:
            return GoogleWorkbook(client, client.ask(question, _id_of))
        except UnknownOutcome as exc:
            raise Unreachable(
                N_("Whether the workbook “{title}” was made is not known: the answer was lost."),
                N_("Look whether it is there, delete it if so, and try again."),
                title=title,
            ) from exc

    def _client(self, name: str) -> SheetsClient:
        connection = self._connections[name]
        for client in self._clients:
            if client.connection == connection:
                return client
        self._clients.append(SheetsClient(connection))
        return self._clients[-1]


def _id_of(answer: Mapping[str, Any]) -> str:
    identity = answer.get("spreadsheetId")
    if not isinstance(identity, str):
        raise Malformed("spreadsheets.create")
    return identity
