"""The front desk: takes every call, sends it to the API, the token endpoint or a page."""

from dataclasses import replace
from urllib.parse import parse_qsl

from crm_sync.sheet_server.dispatch import Dispatcher
from crm_sync.sheet_server.exchange import Answer, Call, compressed, json_answer
from crm_sync.sheet_server.oauth import GrantRefused
from crm_sync.sheet_server.office import Office
from crm_sync.sheet_server.request_log import RequestLog, Seen
from crm_sync.sheet_server.routes_drive import drive_routes
from crm_sync.sheet_server.routes_sheets import sheets_routes

_TOKEN_PATHS = frozenset({"/token", "/oauth2/v4/token", "/o/oauth2/token"})


class Desk:
    """Answers calls one after another, and keeps count of them."""

    def __init__(self, office: Office, url: str, admin_token: str) -> None:
        self.office = office
        self.url = url
        self.log = RequestLog()
        self._admin_token = admin_token
        self._dispatcher = Dispatcher(office, (*sheets_routes(office), *drive_routes(office)))

    def answer(self, call: Call) -> Answer:
        """The answer to a call, compressed if the client takes that."""
        answer = self._answered(call)
        cut = answer.delivery is not None and answer.delivery.keep == 0
        self.log.add(Seen(call.method, call.path, 0 if cut else answer.status))
        return compressed(answer, call.headers.get("accept-encoding", ""))

    def _answered(self, call: Call) -> Answer:
        if call.path in _TOKEN_PATHS and call.method == "POST":
            return self._token(call)
        return self._dispatcher.answer(call)

    def _token(self, call: Call) -> Answer:
        form = dict(parse_qsl(call.body.decode("utf-8", "replace")))
        try:
            grant = self.office.token_endpoint.exchange(form, self.office.now())
        except GrantRefused as refusal:
            return _oauth(json_answer(refusal.body(), refusal.status))
        message = {
            "access_token": grant.access_token,
            "expires_in": grant.expires_in,
            "token_type": "Bearer",
        }
        return _oauth(json_answer(message))


def _oauth(answer: Answer) -> Answer:
    return replace(answer, content_type="application/json; charset=utf-8")
