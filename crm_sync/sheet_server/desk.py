"""The front desk: takes every call, sends it to the API, the token endpoint or a page."""

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from crm_sync.sheet_server.admin import PREFIX, Admin
from crm_sync.sheet_server.dispatch import Dispatcher, Mode, not_found_page
from crm_sync.sheet_server.exchange import Answer, Call, compressed, json_answer
from crm_sync.sheet_server.faults import FaultBook
from crm_sync.sheet_server.faulty import Faulty
from crm_sync.sheet_server.oauth import GrantRefused
from crm_sync.sheet_server.office import Office
from crm_sync.sheet_server.pages import PREFIX as PAGES
from crm_sync.sheet_server.pages import Pages
from crm_sync.sheet_server.request_log import RequestLog, Seen
from crm_sync.sheet_server.routes_drive import drive_routes
from crm_sync.sheet_server.routes_sheets import sheets_routes
from crm_sync.sheet_server.start_page import start_page

_TOKEN_PATHS = frozenset({"/token", "/oauth2/v4/token", "/o/oauth2/token"})


class Desk:
    """Answers calls one after another, and keeps count of them."""

    def __init__(self, office: Office, url: str, admin_token: str) -> None:
        self.office = office
        self.url = url
        self.log = RequestLog()
        self.faults = FaultBook()
        self.dispatcher = Dispatcher(office, (*sheets_routes(office), *drive_routes(office)))
        self.quota = self.dispatcher.quota
        self.faulty = Faulty(office, self.dispatcher, self.faults, self._plain)
        self._pages = Pages(office, urlsplit(url).port or 0)
        self._admin = Admin(admin_token, office, self.faulty, self.faults, self.quota, self.log)

    def answer(self, call: Call) -> Answer:
        """The answer to a call, compressed if the client takes that."""
        if call.path.startswith(PREFIX):
            return self._admin.answer(call)
        try:
            answer = self.faulty.answer(call)
        except BaseException:
            self.log.add(Seen(call.method, call.path, 500))
            raise
        delivery = answer.delivery
        lost = delivery is not None and delivery.keep == 0
        self.log.add(Seen(call.method, call.path, 0 if lost else answer.status))
        if delivery is not None:
            # Where a spoiled answer breaks off is counted in its own bytes.
            return answer
        return compressed(answer, call.headers.get("accept-encoding", ""))

    def _plain(self, call: Call, mode: Mode) -> Answer:
        if call.path in _TOKEN_PATHS and call.method == "POST":
            return self._token(call)
        if call.path == "/" and call.method == "GET":
            return start_page(call, self.url)
        if call.path.startswith(PAGES):
            return self._pages.answer(call) or not_found_page(call)
        return self.dispatcher.answer(call, mode)

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
