"""Clients for tests: gspread as it is, with its hosts mapped, and plain requests."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gspread
import requests
from google.oauth2 import credentials, service_account

SCOPES = (
    "https://www.googleapis.com/auth/spreadsheets",
    "https://www.googleapis.com/auth/drive",
)


def mapped(url: str) -> type[gspread.HTTPClient]:
    """gspread's own client, whose requests go to `url` instead of Google's hosts."""

    class Mapped(gspread.HTTPClient):
        def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Any:
            return super().request(method, re.sub("^https://[^/]+", url, endpoint), *args, **kwargs)

    return Mapped


def gspread_by_token(url: str, token: str) -> gspread.Client:
    """gspread with an access token that somebody gave it."""
    return gspread.Client(credentials.Credentials(token), http_client=mapped(url))


def gspread_by_key(url: str, key_file: Path) -> gspread.Client:
    """gspread with a service-account key."""
    signer = service_account.Credentials.from_service_account_file(str(key_file), scopes=SCOPES)
    return gspread.Client(signer, http_client=mapped(url))


class Http:
    """Plain HTTP with a token: shows status, headers and body as they came."""

    def __init__(self, url: str, token: str | None) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        if token is not None:
            self.session.headers["Authorization"] = f"Bearer {token}"

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        data: bytes | str | None = None,
    ) -> requests.Response:
        """The answer to one request, whatever its status; redirects are not followed."""
        return self.session.request(
            method,
            self.url + path,
            json=body,
            params=params,
            headers=headers,
            data=data,
            timeout=20,
            allow_redirects=False,
        )

    def json(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """The JSON of an answer that must be a success."""
        answer = self.ask(method, path, body, **options)
        assert answer.ok, (answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def create(self, name: str = "Clients", **members: Any) -> str:
        """The id of a new spreadsheet."""
        body = {"name": name, "mimeType": "application/vnd.google-apps.spreadsheet", **members}
        return str(self.json("POST", "/drive/v3/files", body)["id"])

    def share(self, file_id: str, email: str, role: str) -> str:
        """The permission id under which a person now has a role."""
        body = {"type": "user", "role": role, "emailAddress": email}
        return str(self.json("POST", f"/drive/v3/files/{file_id}/permissions", body)["id"])

    def close(self) -> None:
        """Closes the connections."""
        self.session.close()
