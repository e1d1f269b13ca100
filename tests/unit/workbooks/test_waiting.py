"""Which request is sent again, after how long, and which never."""

from email.utils import formatdate
from time import time

import pytest
import requests
from google.auth.exceptions import RefreshError, TransportError

from crm_sync.workbooks.answers import Malformed
from crm_sync.workbooks.foreign_errors import Refused, outcome_unknown
from crm_sync.workbooks.http_client import MOST_TRIES, Budget, is_read, parsed, wait_before_next
from crm_sync.workbooks.transport import BrokenOff, NotGoogle

SLEEP = pytest.mark.parametrize("tries", range(1, MOST_TRIES))


def refused(status: int, reason: str = "", retry_after: str = "") -> Refused:
    response = requests.Response()
    response.status_code = status
    response._content = b'{"error":{"errors":[{"reason":"%s"}]}}' % reason.encode()
    if retry_after:
        response.headers["Retry-After"] = retry_after
    return Refused(response)


NOT_DONE = [refused(429), refused(403, "userRateLimitExceeded"), refused(403, "rateLimitExceeded")]
PERHAPS_DONE = [
    refused(500),
    refused(502),
    refused(503),
    refused(504),
    refused(408),
    requests.ReadTimeout(),
    requests.ConnectionError(),
    BrokenOff(),
    Malformed(),
]
FOR_EVER = [
    refused(400),
    refused(401),
    refused(403),
    refused(403, "storageQuotaExceeded"),
    refused(404),
    refused(413),
    NotGoogle("html"),
    requests.exceptions.SSLError(),
    RefreshError("invalid_grant", {"error": "invalid_grant"}),
]


@SLEEP
@pytest.mark.parametrize("exc", [*NOT_DONE, *PERHAPS_DONE], ids=repr)
def test_read_is_tried_again_after_a_fault_that_may_pass(exc: Exception, tries: int) -> None:
    wait = wait_before_next(exc, tries, is_write=False)
    assert wait is not None
    assert 0 < wait <= 80


@pytest.mark.parametrize("exc", PERHAPS_DONE, ids=repr)
def test_write_that_may_be_done_is_never_sent_again(exc: Exception) -> None:
    assert wait_before_next(exc, 1, is_write=True) is None
    assert outcome_unknown(exc)


@SLEEP
@pytest.mark.parametrize("exc", NOT_DONE, ids=repr)
def test_write_that_was_put_off_is_sent_again(exc: Exception, tries: int) -> None:
    assert wait_before_next(exc, tries, is_write=True) is not None
    assert not outcome_unknown(exc)


@pytest.mark.parametrize("is_write", [True, False])
@pytest.mark.parametrize("exc", FOR_EVER, ids=repr)
def test_refusal_that_will_last_is_not_tried_again(exc: Exception, is_write: bool) -> None:
    assert wait_before_next(exc, 1, is_write=is_write) is None


@pytest.mark.parametrize("exc", [*NOT_DONE, *PERHAPS_DONE], ids=repr)
def test_nothing_is_tried_more_than_five_times(exc: Exception) -> None:
    assert wait_before_next(exc, MOST_TRIES, is_write=False) is None


def test_signing_in_that_did_not_come_about_may_be_tried_again_before_any_write() -> None:
    page = RefreshError("<html>502</html>", "<html>", retryable=True)
    assert wait_before_next(page, 1, is_write=True) is not None
    assert wait_before_next(TransportError(OSError()), 1, is_write=True) is not None
    assert not outcome_unknown(TransportError(OSError()))


def test_waits_grow_and_are_spread() -> None:
    first = {wait_before_next(refused(503), 1, is_write=False) for _ in range(20)}
    fourth = {wait_before_next(refused(503), 4, is_write=False) for _ in range(20)}
    assert len(first) > 1
    assert max(wait or 0 for wait in first) < min(wait or 0 for wait in fourth)


@pytest.mark.parametrize("status", [429, 503])
def test_wait_that_the_answer_asks_for_is_kept(status: int) -> None:
    assert wait_before_next(refused(status, retry_after="70"), 1, is_write=False) == 70
    date = formatdate(time() + 90, usegmt=True)
    wait = wait_before_next(refused(status, retry_after=date), 1, is_write=False)
    assert wait is not None
    assert 80 < wait <= 90
    assert wait_before_next(refused(status, retry_after="soon"), 1, is_write=False) is not None


def test_budget_is_spent_by_waits_and_gives_no_more_than_it_has() -> None:
    budget = Budget(10)
    assert [budget.take(6), budget.take(6), budget.take(4), budget.take(0.1)] == [
        True,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("method", "endpoint", "reads"),
    [
        ("get", "https://sheets.googleapis.com/v4/spreadsheets/x", True),
        ("POST", "https://sheets.googleapis.com/v4/spreadsheets/x:getByDataFilter", True),
        ("post", "https://sheets.googleapis.com/v4/x/values:batchGetByDataFilter", True),
        ("POST", "https://sheets.googleapis.com/v4/spreadsheets/x:batchUpdate", False),
        ("POST", "https://sheets.googleapis.com/v4/spreadsheets", False),
        ("put", "https://sheets.googleapis.com/v4/spreadsheets/x/values/A1", False),
        ("delete", "https://www.googleapis.com/drive/v3/files/x", False),
    ],
)
def test_reads_are_told_from_writes(method: str, endpoint: str, reads: bool) -> None:
    assert is_read(method, endpoint) is reads


def test_half_a_character_becomes_the_replacement_sign() -> None:
    body = b'{"values":[["\\ud800","ok \\ud83d\\ude00","\\udc00x"]]}'
    assert parsed(body) == {"values": [["�", "ok 😀", "�x"]]}


@pytest.mark.parametrize("body", [b"", b'{"values":[["a"', b"[]", b"null", b"<html>", b"\xff{}"])
def test_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        parsed(body)
