"""Pages of Drive's lists, and other parameters that many of its methods share."""

import base64
import binascii

from crm_sync.sheet_server.drive_error import DriveError, invalid_parameter
from crm_sync.sheet_server.routes import Asked


def page_size(text: str | None, default: int, largest: int) -> int:
    """The `pageSize` that a parameter asks for; beyond the largest the largest is taken."""
    if text is None or text == "":
        return default
    if not text.isdecimal() or not 1 <= int(text) <= largest:
        message = f"Invalid value '{text}'. Values must be within the range: [1, {largest}]"
        raise invalid_parameter("pageSize", message)
    return int(text)


def page_token(start: int) -> str:
    """The opaque token of the page that begins at an offset."""
    return "~!!~" + base64.urlsafe_b64encode(f"page:{start}".encode()).decode()


def page_start(token: str | None) -> int:
    """The offset that a page token stands for; no token is the first page."""
    if not token:
        return 0
    try:
        text = base64.urlsafe_b64decode(token.removeprefix("~!!~")).decode()
    except (binascii.Error, ValueError) as error:
        raise invalid_parameter("pageToken") from error
    head, _, number = text.partition(":")
    if head != "page" or not number.isdecimal():
        raise invalid_parameter("pageToken")
    return int(number)


def check_fields_asked(asked: Asked) -> None:
    """Raises the 400 of the methods that give nothing unless `fields` say what."""
    if not asked.call.first("fields"):
        raise DriveError(
            400,
            "required",
            "The 'fields' parameter is required for this method.",
            location="fields",
        )
