"""Errors in the shape of Drive v3, which is not that of Sheets: no status, a list of errors.

https://developers.google.com/workspace/drive/api/guides/handle-errors
"""

from typing import Any


class DriveError(Exception):
    """What Drive would answer instead of a result."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        domain: str = "global",
        location: str | None = None,
        location_type: str = "parameter",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.domain = domain
        self.location = location
        self.location_type = location_type

    def body(self) -> dict[str, Any]:
        """The JSON body in Drive's shape; the place of the error only when it has one."""
        entry = {"message": self.message, "domain": self.domain, "reason": self.reason}
        if self.location is not None:
            entry["location"] = self.location
            entry["locationType"] = self.location_type
        return {"error": {"code": self.code, "message": self.message, "errors": [entry]}}


def file_not_found(file_id: str) -> DriveError:
    """The answer for a file that is not there, or that the caller may not even read."""
    return DriveError(404, "notFound", f"File not found: {file_id}.", location="fileId")


def permission_not_found(identity: str) -> DriveError:
    """The answer for a permission that the file does not have."""
    message = f"Permission not found: {identity}."
    return DriveError(404, "notFound", message, location="permissionId")


def insufficient_role() -> DriveError:
    """The answer to somebody who may read a file but not do this with it."""
    return DriveError(
        403,
        "insufficientFilePermissions",
        "The user does not have sufficient permissions for this file.",
    )


def invalid_parameter(name: str, message: str = "Invalid Value") -> DriveError:
    """The answer to a query parameter that cannot be understood."""
    return DriveError(400, "invalid", message, location=name)


def bad_request(message: str) -> DriveError:
    """The answer to a body that asks for something impossible."""
    return DriveError(400, "badRequest", message)
