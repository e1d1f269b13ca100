"""Each refusal of Google becomes one error of ours, with every placeholder filled."""

import json
from typing import Any

import pytest
import requests
from google.auth.exceptions import GoogleAuthError, RefreshError

from crm_sync.errors import (
    AccessError,
    KeyFileError,
    Locked,
    QuotaExhausted,
    ShapeError,
    UnknownOutcome,
    Unreachable,
    UserError,
    WorkbookGone,
)
from crm_sync.workbooks.connection import Connection
from crm_sync.workbooks.foreign_errors import Party, Refused, foreign_errors
from crm_sync.workbooks.transport import BrokenOff, NotGoogle, Wire

KEY = {"client_email": "robot@x.iam.gserviceaccount.com", "private_key_id": "0123456789abcdef"}
PARTY = Party(Connection(KEY), Wire(Connection(KEY)))


def refused(status: int, message: str = "", **error: Any) -> Refused:
    response = requests.Response()
    response.status_code = status
    body = {"error": {"code": status, "message": message, **error}}
    response._content = json.dumps(body).encode()
    return Refused(response)


def raised(exc: Exception, operation: str | None = None, party: Party = PARTY) -> UserError:
    with pytest.raises(UserError) as caught, foreign_errors(party, operation):
        raise exc
    assert caught.value.__cause__ is exc
    return caught.value


@pytest.mark.parametrize(
    ("exc", "error", "words"),
    [
        (refused(400, "Unable to parse range: Клиенты!A1"), ShapeError, "not in the workbook"),
        (refused(400, "No grid with id: 5"), ShapeError, "not in the workbook"),
        (refused(400, "This operation is not supported for this document"), ShapeError, "Excel"),
        (
            refused(
                400, "Invalid requests[0].updateCells: You are trying to edit a protected cell"
            ),
            Locked,
            "protected against robot@",
        ),
        (
            refused(400, "increase the number of cells above the limit of 10000000 cells."),
            ShapeError,
            "10,000,000",
        ),
        (refused(413, "Request Entity Too Large"), ShapeError, "too large"),
        (refused(400, "Request payload size is too large"), ShapeError, "too large"),
        (refused(401), AccessError, "does not accept the sign-in"),
        (refused(403, "The caller does not have permission"), AccessError, "add robot@"),
        (refused(404, "Requested entity was not found."), WorkbookGone, "add robot@"),
        (refused(429), QuotaExhausted, "Google asks for a pause"),
        (refused(503), Unreachable, "HTTP 503"),
        (refused(599), Unreachable, "HTTP 599"),
        (requests.ReadTimeout(), Unreachable, "did not answer in time"),
        (requests.ConnectTimeout(), Unreachable, "did not answer in time"),
        (requests.exceptions.SSLError(), Unreachable, "certificate"),
        (requests.exceptions.ProxyError(), Unreachable, "cannot be reached"),
        (BrokenOff(), Unreachable, "cut short"),
        (NotGoogle("html"), Unreachable, "Something else than Google"),
        (RefreshError("<html>", "<html>"), Unreachable, "cannot be read"),
        (
            RefreshError("invalid_grant: Invalid JWT Signature.", {"error": "invalid_grant"}),
            KeyFileError,
            "01234567",
        ),
        (
            RefreshError("invalid_grant: account not found", {"error": "invalid_grant"}),
            KeyFileError,
            "deleted or disabled",
        ),
        (GoogleAuthError("anything"), KeyFileError, "01234567"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_foreign_error_becomes_one_of_ours(
    exc: Exception, error: type[UserError], words: str
) -> None:
    found = raised(exc)
    assert type(found) is error
    assert words in f"{found} {found.hint.format(**found.facts)}"


@pytest.mark.parametrize(
    "exc",
    [
        refused(400, "bad"),
        refused(401),
        refused(403),
        refused(404),
        refused(429),
        requests.ConnectTimeout(),
        requests.exceptions.SSLError(),
        NotGoogle("sign-in", sent=False),
        RefreshError("x", {"error": "invalid_grant"}),
    ],
    ids=repr,
)
def test_write_that_was_refused_or_never_sent_is_known_not_to_be_done(exc: Exception) -> None:
    raised(exc, "op-1")


@pytest.mark.parametrize(
    "exc",
    [refused(500), requests.ReadTimeout(), requests.ConnectionError("reset"), NotGoogle("html")],
    ids=repr,
)
def test_write_without_an_answer_is_an_unknown_outcome(exc: Exception) -> None:
    with pytest.raises(UnknownOutcome) as caught, foreign_errors(PARTY, "op-1"):
        raise exc
    assert caught.value.operation == "op-1"


def test_refusal_is_quoted_without_what_stood_in_cells() -> None:
    message = "Invalid requests[3].updateCells: bad \"Anna\" in 'Clients' (+7916)\nmore"
    assert str(raised(refused(400, message))) == (
        "Google refused the request: Invalid requests[3].updateCells: bad … in … …"
    )


def test_refusal_without_a_word_names_its_status() -> None:
    assert "HTTP 418" in str(raised(refused(418)))


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": "x"}', b'{"error": []}'])
def test_body_of_a_refusal_may_be_anything(body: bytes) -> None:
    response = requests.Response()
    response.status_code = 502
    response._content = body
    assert raised(Refused(response)).exit_code == 4


def test_own_errors_pass_through() -> None:
    own = ShapeError("x")
    with pytest.raises(ShapeError) as caught, foreign_errors(PARTY, "op"):
        raise own
    assert caught.value is own
