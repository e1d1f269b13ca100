"""From a call to its answer: routing, sign-in, the work in one transaction, the fields asked."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

import orjson

from crm_sync.sheet_server.answer_fields import (
    drive_messages,
    misfit,
    sheets_messages,
    unknown_field,
)
from crm_sync.sheet_server.api_error import ApiError, violations
from crm_sync.sheet_server.collector import without_cycle_search
from crm_sync.sheet_server.drive_error import DriveError, bad_request
from crm_sync.sheet_server.exchange import (
    HTML_TYPE,
    Answer,
    Call,
    json_answer,
    parse_query,
)
from crm_sync.sheet_server.field_mask import Mask, MaskError, apply_mask, parse_mask
from crm_sync.sheet_server.office import Office
from crm_sync.sheet_server.quota import Quota
from crm_sync.sheet_server.routes import Api, Asked, Reply, Route, find_route
from crm_sync.sheet_server.sign_in import challenge, signed_in

_STANDARD_PARAMETERS = frozenset(
    {
        *("$.xgafv", "access_token", "alt", "callback", "fields", "key", "oauth_token"),
        *("prettyPrint", "quotaUser", "uploadType", "upload_protocol", "userIp"),
        *("$alt", "$callback", "$fields", "$key", "$prettyPrint"),
    }
)
# The statuses that Sheets knows, as Drive calls them when its work fails below its own rules.
_DRIVE_REASONS = {400: "badRequest", 403: "forbidden", 404: "notFound"}


@dataclass(frozen=True, slots=True)
class Mode:
    """How a call is worked on. `drop`: all but its writing; `stale`: a read shows the past."""

    drop: bool = False
    stale: bool = False


NORMAL = Mode()


class _Dropped(Exception):
    """Carries the answer of a write out of the transaction that it undoes."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


class Dispatcher:
    """Answers every API call. What goes wrong is an answer too, but for defects of this server."""

    def __init__(self, office: Office, routes: Sequence[Route]) -> None:
        self._office = office
        self._routes = routes
        self.quota = Quota()

    @without_cycle_search()
    def answer(self, call: Call, mode: Mode = NORMAL) -> Answer:
        """The complete answer to a call, before compression."""
        asked = _overridden(call)
        found = find_route(self._routes, asked.method, asked.path)
        if found is None:
            return not_found_page(asked)
        route, variables = found
        try:
            caller = signed_in(self._office, route, asked)
            self.quota.spend(route, caller, self._office.now())
            _check_parameters(route, asked)
            mask = _mask(asked, route)
            body = {} if route.raw_body else _json_body(asked, route)
            reply = self._done(route, Asked(asked, caller, variables, body, mask), mode)
            return _encoded(reply, mask, asked)
        except (ApiError, DriveError) as error:
            return error_answer(error, route)

    def route(self, call: Call) -> Route | None:
        """The route that a call would take, or None."""
        asked = _overridden(call)
        found = find_route(self._routes, asked.method, asked.path)
        return None if found is None else found[0]

    def file_id(self, call: Call) -> str | None:
        """The id of the file that a call is about, or None."""
        asked = _overridden(call)
        found = find_route(self._routes, asked.method, asked.path)
        variables = {} if found is None else found[1]
        return variables.get("spreadsheetId") or variables.get("fileId")

    def _done(self, route: Route, asked: Asked, mode: Mode) -> Reply:
        if not route.writes:
            with self._office.in_the_past() if mode.stale else nullcontext():
                return route.handle(asked)
        try:
            with self._office.library.transaction():
                reply = route.handle(asked)
                if mode.drop:
                    raise _Dropped(reply)
        except _Dropped as dropped:
            return dropped.reply
        return reply


def error_answer(error: ApiError | DriveError, route: Route) -> Answer:
    """An error in the shape of the route's API."""
    shaped: ApiError | DriveError = error
    if route.api is Api.DRIVE and isinstance(error, ApiError):
        reason = _DRIVE_REASONS.get(error.code, "internalError")
        shaped = DriveError(error.code, reason, error.message)
    answer = json_answer(shaped.body(), shaped.code)
    return replace(answer, headers=challenge(shaped, route))


def not_found_page(call: Call) -> Answer:
    """The HTML page with which Google answers an address that it does not know."""
    page = (
        "<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n"
        "<title>Error 404 (Not Found)!!1</title>\n"
        f"<p><b>404.</b> <ins>That’s an error.</ins>\n"
        f"<p>The requested URL <code>{_escaped(call.path)}</code> was not found on this server.  "
        "<ins>That’s all we know.</ins>\n"
    )
    return Answer(404, page.encode(), HTML_TYPE)


def _overridden(call: Call) -> Call:
    """The call that is meant when a long GET travels as a POST with its query as the body."""
    method = call.headers.get("x-http-method-override")
    if call.method != "POST" or not method:
        return call
    form = call.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    if not form:
        return replace(call, method=method.upper())
    query = {**call.query, **parse_query(call.body.decode("utf-8", "replace"))}
    return replace(call, method=method.upper(), query=query, body=b"")


def _check_parameters(route: Route, call: Call) -> None:
    # Drive lets unknown parameters pass; Sheets, newer, does not.
    if route.api is Api.DRIVE:
        return
    unknown = sorted(call.query.keys() - route.parameters - _STANDARD_PARAMETERS)
    if unknown:
        texts = [
            f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter.'
            f" Field '{name}' could not be found in request message."
            for name in unknown
        ]
        raise violations([("", text) for text in texts])


def _mask(call: Call, route: Route) -> Mask | None:
    text = call.first("fields") or call.first("$fields")
    if text is None:
        return None if route.defaults is None else parse_mask(route.defaults)
    if route.api is Api.SHEETS and " " in text:
        # Drive forgives spaces, Sheets takes them for parts of a name.
        raise invalid_fields(route, next(part for part in text.split(",") if " " in part))
    try:
        mask = parse_mask(text)
    except MaskError as error:
        raise invalid_fields(route, error.path) from error
    messages = drive_messages() if route.api is Api.DRIVE else sheets_messages()
    unknown = None if route.gives is None else unknown_field(mask, route.gives, messages)
    if unknown is not None:
        raise invalid_fields(route, unknown)
    return mask


def invalid_fields(route: Route, path: str) -> ApiError | DriveError:
    """The answer to a `fields` parameter that names what the answer does not have."""
    if route.api is Api.DRIVE:
        return DriveError(
            400, "invalidParameter", f"Invalid field selection {path}", location="fields"
        )
    description = (
        f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
    )
    error = violations([(path, description)])
    error.message = "Request contains an invalid argument."
    return error


def _json_body(call: Call, route: Route) -> dict[str, Any]:
    if not call.body.strip() or call.method in ("GET", "DELETE"):
        return {}
    try:
        body = orjson.loads(call.body)
    except orjson.JSONDecodeError as error:
        raise _unreadable(call, route, error) from error
    if isinstance(body, dict):
        return _fitting(body, route)
    if body is None:
        return {}
    if route.api is Api.DRIVE:
        raise bad_request("Invalid JSON payload received.")
    text = 'Invalid JSON payload received. Unknown name "": Root element must be a message.'
    raise violations([("", text)])


def _fitting(body: dict[str, Any], route: Route) -> dict[str, Any]:
    """The body, if its members have the types that Drive wants. Sheets reads its own bodies."""
    if route.api is Api.DRIVE and route.takes is not None:
        wrong = misfit(body, route.takes, drive_messages())
        if wrong is not None:
            raise bad_request(f"Invalid value for: {wrong}")
    return body


def _unreadable(call: Call, route: Route, error: orjson.JSONDecodeError) -> ApiError | DriveError:
    if route.api is Api.DRIVE:
        return DriveError(400, "parseError", "Parse Error")
    near = call.body.decode("utf-8", "replace")[error.pos : error.pos + 20]
    text = f"Invalid JSON payload received. Unexpected token.\n{near}\n^"
    return violations([("", text)])


def _encoded(reply: Reply, mask: Mask | None, call: Call) -> Answer:
    if reply is None:
        return Answer(204, b"", "text/html")
    if isinstance(reply, Answer):
        return reply
    message = reply if mask is None else apply_mask(reply, mask)
    return json_answer(message, pretty=call.flag("prettyPrint", default=True))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
