"""The one error of the Sheets side: a status with Google's words for it."""

from __future__ import annotations

from typing import Any

CODES = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
}


class ApiError(Exception):
    """What Google would answer instead of a result: HTTP code, status name, message."""

    def __init__(
        self,
        code: int,
        status: str,
        message: str,
        details: list[dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.message = message
        self.details: list[dict[str, Any]] = details or []

    def body(self) -> dict[str, Any]:
        """The JSON body in the shape of the Sheets API; `details` only when there are any."""
        error: dict[str, Any] = {
            "code": self.code,
            "message": self.message,
            "status": self.status,
        }
        if self.details:
            error["details"] = self.details
        return {"error": error}


def invalid(message: str) -> ApiError:
    """A 400 INVALID_ARGUMENT with this message."""
    return ApiError(400, "INVALID_ARGUMENT", message)


def not_found() -> ApiError:
    """The 404 for a spreadsheet, or a metadata entry, that is not there."""
    return ApiError(404, "NOT_FOUND", "Requested entity was not found.")


def violations(problems: list[tuple[str, str]]) -> ApiError:
    """The 400 for a body that does not fit its schema; problems are (field path, description)."""
    details = {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [
            {"field": field, "description": description} if field else {"description": description}
            for field, description in problems
        ],
    }
    message = "\n".join(description for _, description in problems)
    return ApiError(400, "INVALID_ARGUMENT", message, [details])
