"""How Google's own failures look: error bodies, HTML pages, and answers spoiled on their way."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson

from crm_sync.sheet_server.accounts import PROJECT, permission_id
from crm_sync.sheet_server.api_error import CODES, ApiError
from crm_sync.sheet_server.drive_error import DriveError
from crm_sync.sheet_server.exchange import HTML_TYPE, Answer, Delivery, json_answer, json_bytes
from crm_sync.sheet_server.faults import Fault, FaultKind
from crm_sync.sheet_server.routes import Api, Route

PROJECT_NUMBER = str(int(permission_id(PROJECT)) % 10**12)
_MESSAGES = {
    400: "Request contains an invalid argument.",
    401: "Request had invalid authentication credentials.",
    403: "The caller does not have permission",
    404: "Requested entity was not found.",
    408: "The request timed out.",
    500: "Internal error encountered.",
    502: "Bad Gateway",
    503: "The service is currently unavailable.",
    504: "Deadline expired before operation could complete.",
}
_DRIVE = {
    403: ("userRateLimitExceeded", "User Rate Limit Exceeded.", "usageLimits"),
    404: ("notFound", "File not found: .", "global"),
    429: ("rateLimitExceeded", "Rate Limit Exceeded", "usageLimits"),
    500: ("internalError", "Internal Error", "global"),
    503: ("backendError", "Transient failure", "global"),
}
_PHRASES = {
    200: "Sign in",
    408: "Request Timeout",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    500: "Server Error",
    502: "Server Error",
    503: "Service Unavailable",
}


def status_answer(fault: Fault, route: Route | None) -> Answer:
    """The error answer that a STATUS fault asks for, in the shape of the API that was called."""
    if route is None:
        return json_answer({"error": "internal_failure"}, fault.status)
    return json_answer(_status_error(fault, route).body(), fault.status)


def quota_error(route: Route, limit: str = "per minute per user") -> ApiError | DriveError:
    """The 429 of a caller who reads or writes too often."""
    if route.api is Api.DRIVE:
        return _drive_error(429)
    kind = "Write" if route.writes else "Read"
    consumer = f"project_number:{PROJECT_NUMBER}"
    metadata = {
        "service": route.api.value,
        "consumer": f"projects/{PROJECT_NUMBER}",
        "quota_limit": f"{kind}Requests{limit.title().replace(' ', '')}",
        "quota_metric": f"{route.api.value}/{kind.lower()}_requests",
        "quota_location": "global",
    }
    message = (
        f"Quota exceeded for quota metric '{kind} requests' and limit '{kind} requests {limit}'"
        f" of service '{route.api.value}' for consumer '{consumer}'."
    )
    details = _info("RATE_LIMIT_EXCEEDED", metadata)
    return ApiError(429, "RESOURCE_EXHAUSTED", message, [details])


def html_answer(status: int) -> Answer:
    """An HTML page with a status, as gateways and captive portals send it."""
    phrase = _PHRASES.get(status, "Error")
    title = phrase if status == 200 else f"Error {status} ({phrase})!!1"
    page = (
        "<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n"
        f"<title>{title}</title>\n<p><b>{status}.</b> <ins>{phrase}.</ins>\n"
    )
    return Answer(status, page.encode(), HTML_TYPE)


def spoiled(answer: Answer, fault: Fault) -> Answer:
    """The right answer, as it looks after a fault that leaves the work itself alone."""
    match fault.kind:
        case FaultKind.CUT:
            return replace(answer, delivery=Delivery(keep=0))
        case FaultKind.TRUNCATE:
            keep = len(answer.body) // 2 if fault.keep is None else fault.keep
            # At least the headers leave, else it would be a cut.
            return replace(answer, delivery=Delivery(keep=max(1, keep)))
        case FaultKind.SLOW:
            return replace(answer, delivery=Delivery(delay=fault.delay))
        case FaultKind.DRIP:
            return replace(answer, delivery=Delivery(drip=fault.delay))
        case FaultKind.STALE_VERSION:
            return _reworked(answer, lambda message: _older(message, fault.lag))
        case FaultKind.SHORT:
            return _reworked(answer, lambda message: _shorter(message, fault.keep))
        case _:
            return answer


def instead(fault: Fault, route: Route | None) -> Answer | None:
    """The answer that a fault puts in the place of the right one, or None if it has none."""
    match fault.kind:
        case FaultKind.STATUS:
            return status_answer(fault, route)
        case FaultKind.HTML:
            return html_answer(fault.status)
        case FaultKind.CUT | FaultKind.LATE:
            return Answer(0, delivery=Delivery(keep=0))
        case FaultKind.EMPTY:
            return json_answer({})
        case FaultKind.REDIRECT:
            return Answer(302, b"", HTML_TYPE, (("location", fault.location),))
        case _:
            return None


def _status_error(fault: Fault, route: Route) -> ApiError | DriveError:
    match fault.reason:
        case "SERVICE_DISABLED":
            return _service_disabled(route)
        case "storageQuotaExceeded":
            return DriveError(
                403,
                "storageQuotaExceeded",
                "The user's Drive storage quota has been exceeded.",
                domain="usageLimits",
            )
        case str(reason) if route.api is Api.DRIVE:
            return DriveError(fault.status, reason, _MESSAGES.get(fault.status, reason))
        case _:
            pass
    if fault.status == 429:
        return quota_error(route)
    if route.api is Api.DRIVE:
        return _drive_error(fault.status)
    return ApiError(
        fault.status, _status_name(fault.status), _MESSAGES.get(fault.status, "Unknown Error.")
    )


def _service_disabled(route: Route) -> ApiError | DriveError:
    name = "Google Drive API" if route.api is Api.DRIVE else "Google Sheets API"
    page = (
        f"https://console.developers.google.com/apis/api/{route.api.value}/overview"
        f"?project={PROJECT_NUMBER}"
    )
    message = (
        f"{name} has not been used in project {PROJECT_NUMBER} before or it is disabled. Enable it"
        f" by visiting {page} then retry. If you enabled this API recently, wait a few minutes for"
        " the action to propagate to our systems and retry."
    )
    if route.api is Api.DRIVE:
        return DriveError(403, "accessNotConfigured", message, domain="usageLimits")
    metadata = {"service": route.api.value, "consumer": f"projects/{PROJECT_NUMBER}"}
    return ApiError(403, "PERMISSION_DENIED", message, [_info("SERVICE_DISABLED", metadata)])


def _drive_error(status: int) -> DriveError:
    message = _MESSAGES.get(status, "Unknown Error.")
    reason, text, domain = _DRIVE.get(status, ("backendError", message, "global"))
    return DriveError(status, reason, text, domain=domain)


def _status_name(code: int) -> str:
    names = {number: name for name, number in CODES.items() if name != "FAILED_PRECONDITION"}
    return names.get(code, "DEADLINE_EXCEEDED" if code == 504 else "UNKNOWN")


def _info(reason: str, metadata: dict[str, str]) -> dict[str, Any]:
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": metadata,
    }


def _reworked(answer: Answer, change: Callable[[Any], Any]) -> Answer:
    """A JSON answer with its message changed; other answers, and errors, as they are."""
    if answer.status != 200 or not answer.content_type.startswith("application/json"):
        return answer
    return replace(answer, body=json_bytes(change(orjson.loads(answer.body))))


def _older(message: Any, lag: int) -> Any:
    # Times stay as they are: a version that lags is enough to hide a change from a client.
    if isinstance(message, list):
        return [_older(item, lag) for item in message]
    if not isinstance(message, dict):
        return message
    older = {name: _older(value, lag) for name, value in message.items()}
    version = older.get("version")
    if isinstance(version, str) and re.fullmatch(r"\d+", version):
        older["version"] = str(max(1, int(version) - lag))
    return older


def _shorter(message: Any, keep: int | None) -> Any:
    if isinstance(message, list):
        return [_shorter(item, keep) for item in message]
    if not isinstance(message, dict):
        return message
    shorter = {name: _shorter(value, keep) for name, value in message.items()}
    for name in ("values", "rowData"):
        rows = shorter.get(name)
        if isinstance(rows, list):
            shorter[name] = rows[: len(rows) // 2 if keep is None else keep]
    return shorter
