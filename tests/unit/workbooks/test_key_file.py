"""A key file that will not do is refused with what to do about it, before it is used."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from crm_sync.errors import KeyFileError
from crm_sync.workbooks import Connection, load_key

Save = Callable[..., Path]


@pytest.fixture(scope="module")
def key() -> dict[str, str]:
    private = rsa.generate_private_key(65537, 2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return {
        "type": "service_account",
        "client_email": "robot@example.iam.gserviceaccount.com",
        "private_key_id": "abcdef0123456789",
        "private_key": pem.decode(),
        "token_uri": "https://oauth2.googleapis.com/token",
    }


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def write(content: Any, mode: int = 0o600) -> Path:
        path = tmp_path / "key.json"
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return path

    return write


def test_good_key_file_is_loaded(key: dict[str, str], save: Save) -> None:
    assert load_key(save(key)) == key


def test_key_of_a_local_server_is_loaded(key: dict[str, str], save: Save) -> None:
    local = key | {"token_uri": "http://127.0.0.1:8765/token"}
    assert load_key(save(local)) == local


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not a service account's key file"),
        ("\xff", "is not a service account's key file"),
        ([], "is not a service account's key file"),
        ({"installed": {}}, "OAuth client"),
        ({"type": "authorized_user"}, "is not a service account's key file"),
        ({"private_key": None}, "lacks: private_key"),
        ({"private_key": "-----BEGIN"}, "is not a service account's key file"),
        ({"client_email": 5, "token_uri": ""}, "lacks: client_email"),
        ({"token_uri": "https://oauth2.example.com/token"}, "oauth2.example.com"),
        ({"token_uri": ""}, "which is not Google"),
    ],
)
def test_file_that_will_not_do_is_refused(
    key: dict[str, str], save: Save, content: Any, said: str
) -> None:
    path = save(key | content if isinstance(content, dict) else content)
    with pytest.raises(KeyFileError) as caught:
        load_key(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert caught.value.hint.format(**caught.value.facts)
    assert key["private_key"][40:80] not in repr(caught.value)


def test_missing_file_is_said_with_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="is not there") as caught:
        load_key(tmp_path / "none.json")
    assert "chmod 600" in caught.value.hint


def test_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="cannot be read"):
        load_key(tmp_path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_file_that_others_can_read_or_write_is_refused(
    key: dict[str, str], save: Save, mode: int
) -> None:
    path = save(key, mode)
    with pytest.raises(KeyFileError, match="Other users") as caught:
        load_key(path)
    assert caught.value.hint.format(**caught.value.facts) == f"Type: chmod 600 {path}"


def test_key_that_git_would_commit_is_refused(
    key: dict[str, str], save: Save, tmp_path: Path
) -> None:
    path = save(key)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    with pytest.raises(KeyFileError, match="git repository"):
        load_key(path)
    (tmp_path / ".gitignore").write_text("key.json\n", encoding="utf-8")
    assert load_key(path) == key


def test_connection_does_not_show_its_key(key: dict[str, str]) -> None:
    assert key["private_key"] not in repr(Connection(key))
    assert "secret-token" not in repr(Connection("secret-token"))
