"""The token endpoint: what it signs for, and what it refuses in which words."""

import json
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import google.auth.exceptions
import google.auth.transport.requests
import gspread
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.oauth2 import service_account

from tests.contract.sheet_server.local_client import SCOPES, Http, gspread_by_key

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCE = "https://oauth2.googleapis.com/token"
HOUR = 3600


@pytest.fixture
def key(server: Any, tmp_path: Path) -> dict[str, Any]:
    """A fresh service account's key file, read."""
    key_file = tmp_path / "key.json"
    server.create_service_account(key_file)
    content: dict[str, Any] = json.loads(key_file.read_text())
    return content


@pytest.fixture
def anonymous(server: Any) -> Any:
    with closing(Http(server.url, None)) as client:
        yield client


def signed(key: dict[str, Any], **changes: Any) -> str:
    """An assertion as google-auth makes it, with claims changed or (None) left out."""
    now = int(time.time())
    claims = {
        "iss": key["client_email"],
        "scope": " ".join(SCOPES),
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + HOUR,
    }
    header = {"kid": changes.pop("kid", key["private_key_id"])}
    secret = changes.pop("private_key", key["private_key"])
    algorithm = changes.pop("algorithm", "RS256")
    merged = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return jwt.encode(merged, secret, algorithm, header)


def exchange(http: Http, assertion: str, grant: str = GRANT) -> tuple[int, dict[str, Any]]:
    form = {"grant_type": grant, "assertion": assertion}
    answer = http.session.post(f"{http.url}/token", data=form, timeout=20)
    assert answer.headers["content-type"].startswith("application/json")
    return answer.status_code, answer.json()


def other_private_key() -> str:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def test_signed_grant_gives_a_token_that_works(anonymous: Http, key: dict[str, Any]) -> None:
    status, answer = exchange(anonymous, signed(key))
    assert (status, answer["expires_in"], answer["token_type"]) == (200, 3599, "Bearer")
    with closing(Http(anonymous.url, answer["access_token"])) as caller:
        assert caller.ask("GET", "/drive/v3/files").status_code == 200


def test_key_file_is_private_and_in_google_s_format(server: Any, tmp_path: Path) -> None:
    key_file = tmp_path / "key.json"
    email = server.create_service_account(key_file)
    assert key_file.stat().st_mode & 0o777 == 0o600
    content = json.loads(key_file.read_text())
    assert list(content) == [
        "type",
        "project_id",
        "private_key_id",
        "private_key",
        "client_email",
        "client_id",
        "auth_uri",
        "token_uri",
        "auth_provider_x509_cert_url",
        "client_x509_cert_url",
        "universe_domain",
    ]
    assert content["client_email"] == email
    assert email.endswith(".iam.gserviceaccount.com")
    with pytest.raises(FileExistsError):
        server.create_service_account(key_file)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"aud": "https://example.com/token"}, "invalid_grant", "Failed audience check"),
        ({"aud": None}, "invalid_grant", "Failed audience check"),
        ({"iss": "nobody@example.com"}, "invalid_grant", "account not found"),
        ({"iss": None}, "invalid_grant", "account not found"),
        ({"scope": None}, "invalid_scope", "scope not allowed"),
        ({"scope": ""}, "invalid_scope", "scope not allowed"),
        ({"scope": "everything"}, "invalid_scope", "Invalid OAuth scope"),
        ({"iat": None}, "invalid_grant", "short-lived token"),
        ({"exp": "soon"}, "invalid_grant", "short-lived token"),
        ({"kid": "0" * 40}, "invalid_grant", "Invalid JWT Signature."),
        ({"sub": "boss@example.com"}, "unauthorized_client", "unauthorized to retrieve"),
    ],
)
def test_grant_with_a_wrong_claim_is_refused(
    anonymous: Http, key: dict[str, Any], changes: dict[str, Any], error: str, words: str
) -> None:
    status, answer = exchange(anonymous, signed(key, **changes))
    assert status == (401 if error == "unauthorized_client" else 400)
    assert answer["error"] == error
    assert words in answer["error_description"]


@pytest.mark.parametrize(
    ("issued", "expires", "accepted"),
    [
        (0, HOUR, True),
        (0, HOUR + 1, False),
        (-HOUR + 30, 30, True),
        (-HOUR - 1, -1, False),
        (280, HOUR, True),
        (320, HOUR, False),
        (-2 * 24 * HOUR, -2 * 24 * HOUR + HOUR, False),
        (2 * 24 * HOUR, 2 * 24 * HOUR + HOUR, False),
    ],
)
def test_grant_counts_within_its_hour_only(
    anonymous: Http, key: dict[str, Any], issued: int, expires: int, accepted: bool
) -> None:
    now = int(time.time())
    status, answer = exchange(anonymous, signed(key, iat=now + issued, exp=now + expires))
    assert (status == 200) is accepted
    assert accepted or "Check your iat and exp values" in answer["error_description"]


def test_signature_of_another_key_is_refused(anonymous: Http, key: dict[str, Any]) -> None:
    status, answer = exchange(anonymous, signed(key, private_key=other_private_key()))
    assert (status, answer) == (
        400,
        {"error": "invalid_grant", "error_description": "Invalid JWT Signature."},
    )


def test_unsigned_and_shared_secret_assertions_are_refused(
    anonymous: Http, key: dict[str, Any]
) -> None:
    by_secret = signed(key, algorithm="HS256", private_key="0123456789abcdef" * 4)
    unsigned = signed(key, algorithm="none", private_key="")
    assert exchange(anonymous, by_secret)[1]["error_description"] == "Invalid JWT Signature."
    assert exchange(anonymous, unsigned)[1]["error_description"] == "Invalid JWT Signature."
    assert exchange(anonymous, "no.jwt")[1]["error"] == "invalid_grant"


def test_tampered_claims_are_refused(anonymous: Http, key: dict[str, Any]) -> None:
    head, _, signature = signed(key).split(".")
    payload = signed(key, scope="https://www.googleapis.com/auth/drive").split(".")[1]
    assert exchange(anonymous, f"{head}.{payload}.{signature}")[1]["error"] == "invalid_grant"


def test_other_grant_types_are_refused(anonymous: Http, key: dict[str, Any]) -> None:
    assert exchange(anonymous, signed(key), "password") == (
        400,
        {"error": "unsupported_grant_type", "error_description": "Invalid grant_type: password"},
    )
    answer = anonymous.session.post(f"{anonymous.url}/token", data={}, timeout=20)
    assert answer.json()["error"] == "invalid_request"


def test_token_ends_with_its_lifetime(server: Any) -> None:
    token = server.token_for("ann@example.com", lifetime=timedelta(0))
    with closing(Http(server.url, token)) as client:
        answer = client.ask("GET", "/v4/spreadsheets/x")
    assert answer.status_code == 401
    assert answer.json()["error"]["status"] == "UNAUTHENTICATED"
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_google_auth_sees_a_refusal_as_refresh_error(server: Any, key: dict[str, Any]) -> None:
    stranger = {**key, "client_email": "nobody@example.com"}
    credentials = service_account.Credentials.from_service_account_info(stranger, scopes=SCOPES)
    with pytest.raises(google.auth.exceptions.RefreshError, match="account not found"):
        credentials.refresh(google.auth.transport.requests.Request())


def test_narrow_scope_is_told_which_it_needs(server: Any, ann: Http) -> None:
    book = ann.create()
    readonly = frozenset({"https://www.googleapis.com/auth/spreadsheets.readonly"})
    with closing(Http(server.url, server.token_for("ann@example.com", readonly))) as client:
        assert client.ask("GET", f"/v4/spreadsheets/{book}").status_code == 200
        answer = client.ask("POST", f"/v4/spreadsheets/{book}:batchUpdate", {"requests": []})
        drive = client.ask("GET", f"/drive/v3/files/{book}")
    error = answer.json()["error"]
    assert (answer.status_code, error["status"]) == (403, "PERMISSION_DENIED")
    assert error["message"] == "Request had insufficient authentication scopes."
    assert error["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
    assert drive.status_code == 403
    assert drive.json()["error"]["errors"][0]["reason"] == "insufficientPermissions"


@pytest.mark.parametrize("header", ["Bearer nonsense", "Basic eDp5", "Bearer", "Bearer "])
def test_bad_credentials_are_told_apart_from_missing_ones(
    server: Any, anonymous: Http, header: str
) -> None:
    answer = anonymous.ask("GET", "/v4/spreadsheets/x", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json()["error"]["message"].startswith(
        "Request had invalid authentication credentials."
    )
    drive = anonymous.ask("GET", "/drive/v3/files", headers={"Authorization": header})
    assert drive.json()["error"] == {
        "code": 401,
        "message": "Invalid Credentials",
        "errors": [
            {
                "message": "Invalid Credentials",
                "domain": "global",
                "reason": "authError",
                "location": "Authorization",
                "locationType": "header",
            }
        ],
    }


def test_nobody_may_call_without_credentials(anonymous: Http) -> None:
    read = anonymous.ask("GET", "/v4/spreadsheets/x")
    write = anonymous.ask("POST", "/v4/spreadsheets/x:batchUpdate", {})
    assert (read.status_code, write.status_code) == (403, 401)
    assert read.json()["error"]["message"].startswith("Method doesn't allow unregistered callers")
    assert "missing required authentication" in write.json()["error"]["message"]


def test_clock_that_is_two_days_wrong_is_seen_in_the_date(tmp_path: Path) -> None:
    from crm_sync.sheet_server.server import SheetServer

    def slow() -> datetime:
        return datetime.now(UTC) - timedelta(days=2)

    with SheetServer(tmp_path / "slow.sheets", clock=slow) as server:
        key_file = tmp_path / "key.json"
        server.create_service_account(key_file)
        client = gspread_by_key(server.url, key_file)
        with pytest.raises(google.auth.exceptions.RefreshError, match="reasonable timeframe"):
            client.open_by_key("x")
        client.http_client.session.close()
        with closing(Http(server.url, "x")) as plain:
            shown = plain.ask("GET", "/drive/v3/files").headers["date"]
    assert shown.startswith(slow().strftime("%a, %d %b %Y"))


def test_revoked_key_and_closed_account_get_no_token(
    server: Any, anonymous: Http, key: dict[str, Any], on_office: Callable[..., Any]
) -> None:
    email = key["client_email"]
    on_office(lambda office: office.accounts.disable_key(key["private_key_id"]))
    assert exchange(anonymous, signed(key))[1]["error_description"] == "Invalid JWT Signature."
    on_office(lambda office: office.accounts.disable_key(key["private_key_id"], disabled=False))
    assert exchange(anonymous, signed(key))[0] == 200
    on_office(lambda office: office.accounts.disable_account(email))
    assert exchange(anonymous, signed(key))[1]["error_description"].endswith("account not found")


def test_gspread_refreshes_an_expired_token_once(server: Any, tmp_path: Path) -> None:
    key_file = tmp_path / "key.json"
    server.create_service_account(key_file)
    client = gspread_by_key(server.url, key_file)
    book = client.create("Clients")
    client.http_client.auth.token = "ya29.expired"
    server.forget_requests()
    assert isinstance(client.open_by_key(book.id), gspread.Spreadsheet)
    assert [seen.status for seen in server.requests] == [401, 200, 200]
    client.http_client.session.close()
