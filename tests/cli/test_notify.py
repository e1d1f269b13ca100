"""People are told what needs them: by real mail, over a real webhook, once a day."""

from __future__ import annotations

import json
import socket
import sqlite3
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from filelock import FileLock

from crm_sync.core.findings import Clash, Conflict, OpenConflict
from crm_sync.services.noted import NotedRun, matters_of_conflicts, matters_of_runs
from tests.cli.command import Crm, is_russian
from tests.cli.test_bad_config import LANGUAGES, assert_refused
from tests.docs.test_json_output import assert_described

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
PASSWORD = "correct horse"


class Inbox:
    """What a mail server took in; it lets Anna in with her password."""

    def __init__(self) -> None:
        self.mails: list[Message] = []

    # The name is aiosmtpd's.
    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    def __call__(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> Any:
        assert isinstance(data, LoginPassword)
        right = data.password == PASSWORD.encode()
        # What is not handled is answered by the server itself: 535.
        return AuthResult(success=right, handled=right)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for localhost that nobody trusts yet, and a server's side of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "cert.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return file, context


@pytest.fixture
def mail(certificate: tuple[Path, ssl.SSLContext]) -> Iterator[Controller]:
    """A mail server that wants STARTTLS and a password."""
    inbox = Inbox()
    server = Controller(
        inbox,
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=certificate[1],
        require_starttls=True,
        authenticator=inbox,
        auth_required=True,
    )
    server.start()
    yield server
    server.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def add(config: Path, *lines: str) -> None:
    """Puts lines at the end of `[notify]`."""
    text = config.read_text(encoding="utf-8")
    mark = 'on = ["failures", "stops", "conflicts"]\n'
    config.write_text(text.replace(mark, mark + "\n".join(lines) + "\n"), encoding="utf-8")


def by_mail(config: Path, port: int, security: str = "starttls") -> None:
    secret = config.with_name("smtp.txt")
    secret.touch(mode=0o600)
    secret.write_text(f"{PASSWORD}\n", encoding="utf-8")
    add(
        config,
        "[notify.email]",
        'host = "localhost"',
        f"port = {port}",
        f'security = "{security}"',
        'user = "anna"',
        'password_file = "smtp.txt"',
        'sender = "crm@company.com"',
        'to = ["anna@company.com", "bob@company.com"]',
    )


@pytest.fixture
def hook() -> Iterator[tuple[str, list[Any], list[int]]]:
    """The address of a webhook, what came, and the codes that it answers."""
    came: list[Any] = []
    codes: list[int] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(codes.pop(0) if codes else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hooks/SECRET", came, codes
        server.shutdown()
        thread.join()


def break_workbook(config: Path) -> None:
    config.with_name("workbook.db").unlink()


def test_mail_goes_out_in_private_with_the_password(
    crm: Crm,
    config: Path,
    mail: Controller,
    certificate: tuple[Path, ssl.SSLContext],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    by_mail(config, mail.port)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    said = crm("notify", "--test", "--json", "-c", config)
    assert (said.code, said.err) == (0, "")
    assert_described(said.json, "Told")
    (message,) = mail.handler.mails
    assert message["Subject"] == "crm-sync: a test"
    assert message["To"] == "anna@company.com, bob@company.com"
    config.with_name("smtp.txt").write_text("wrong\n", encoding="utf-8")
    said = crm("notify", "--test", "-c", config)
    assert_refused(said, 1, "E-HOST")
    assert "does not take the name anna with this password" in said.err
    assert "wrong" not in said.err


@pytest.mark.parametrize("lang", LANGUAGES)
def test_server_whose_certificate_nobody_vouches_for_gets_no_password(
    crm: Crm, config: Path, mail: Controller, lang: str
) -> None:
    by_mail(config, mail.port)
    assert_refused(crm("notify", "--test", "-c", config, "--lang", lang), 1, "E-HOST", lang)
    assert mail.handler.mails == []


def test_password_that_others_can_read_is_not_used(
    crm: Crm, config: Path, mail: Controller
) -> None:
    by_mail(config, mail.port)
    config.with_name("smtp.txt").chmod(0o644)
    assert "chmod 600" in crm("notify", "--test", "-c", config).err


def test_failed_run_is_told_once_a_day(
    crm: Crm, config: Path, hook: tuple[str, list[Any], list[int]]
) -> None:
    url, came, _ = hook
    add(config, f'webhook = "{url}"')
    assert crm("sync", "-c", config).code == 0
    assert came == []
    break_workbook(config)
    for _ in range(2):
        assert crm("sync", "-c", config).code == 5
    (told,) = came
    assert told["subject"] == "crm-sync: 1 matter needs you"
    assert [item["kind"] for item in told["matters"]] == ["failures"]
    assert "office: A run failed (E-BOOK-GONE)" in told["text"]
    notes = config.with_name("crm.db.notes.json")
    found = json.loads(notes.read_bytes())
    found["told"] = dict.fromkeys(found["told"], "2026-01-01T00:00:00+00:00")
    notes.write_text(json.dumps(found), encoding="utf-8")
    crm("sync", "-c", config)
    assert len(came) == 2


def test_message_that_did_not_go_out_is_sent_again(
    crm: Crm, config: Path, hook: tuple[str, list[Any], list[int]]
) -> None:
    url, came, codes = hook
    add(config, f'webhook = "{url}"')
    codes += [500, 302]
    break_workbook(config)
    for _ in range(3):
        said = crm("sync", "-c", config)
        assert said.code == 5
        assert "SECRET" not in said.err + said.out
    assert len(came) == 3
    assert "E-HOST" not in crm("sync", "-c", config).err


def test_store_that_will_not_open_is_told_too(
    crm: Crm, config: Path, hook: tuple[str, list[Any], list[int]]
) -> None:
    url, came, _ = hook
    secret = config.with_name("hook.txt")
    secret.touch(mode=0o600)
    secret.write_text(url, encoding="utf-8")
    add(config, 'webhook_file = "hook.txt"')
    config.with_name("crm.db").write_bytes(b"no database at all" * 100)
    assert crm("sync", "-c", config).code == 6
    assert "E-STORE" in came[0]["text"]


def test_old_conflict_is_told_and_a_dry_run_tells_nothing(
    crm: Crm, config: Path, hook: tuple[str, list[Any], list[int]]
) -> None:
    url, came, _ = hook
    add(config, f'webhook = "{url}"')
    with sqlite3.connect(config.with_name("crm.db")) as store:
        store.execute("update conflicts set opened_at = '2026-01-01T00:00:00+00:00'")
    store.close()
    crm("sync", "--dry-run", "-c", config)
    assert came == []
    said = crm("notify", "--json", "-c", config)
    assert said.json == {"told": ["conflicts office"], "errors": []}
    assert crm("notify", "--json", "-c", config).json["told"] == []
    assert [item["kind"] for item in came[0]["matters"]] == ["conflicts"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_anybody_to_tell_it_says_so(crm: Crm, config: Path, lang: str) -> None:
    assert_refused(crm("notify", "--test", "-c", config, "--lang", lang), 5, "E-CONFIG", lang)


def noted(error: str, succeeded_at: str = "") -> NotedRun:
    return NotedRun("office", NOW.isoformat(), "failed", 4, error, "x", succeeded_at=succeeded_at)


@pytest.mark.parametrize(
    ("run", "told"),
    [
        (noted("E-UNREACHABLE", (NOW - timedelta(minutes=59)).isoformat()), False),
        (noted("E-UNREACHABLE", (NOW - timedelta(minutes=61)).isoformat()), True),
        (noted("E-UNREACHABLE"), True),
        (noted("E-RUNNING"), False),
        (noted("E-RUNNING", (NOW - timedelta(minutes=61)).isoformat()), True),
        (noted("E-SHARE", NOW.isoformat()), True),
        (noted(""), False),
    ],
)
def test_network_that_is_away_for_a_while_passes_by_itself(run: NotedRun, told: bool) -> None:
    assert bool(matters_of_runs([run], NOW)) == told


@pytest.mark.parametrize(("hours", "told"), [(23, False), (24, True)])
def test_conflict_is_told_once_it_is_a_day_old(hours: int, told: bool) -> None:
    conflict = Conflict("clients", "C-1", "city", Clash.EDIT_EDIT, "a", "b", "c")
    opened = (NOW - timedelta(hours=hours)).isoformat()
    found = matters_of_conflicts([OpenConflict(1, "office", conflict, opened)], NOW)
    assert bool(found) == told


def test_run_that_never_ends_is_told_after_an_hour(
    crm: Crm, config: Path, hook: tuple[str, list[Any], list[int]]
) -> None:
    url, came, _ = hook
    add(config, f'webhook = "{url}"')
    crm("sync", "-c", config)
    with FileLock(config.with_name("crm.db.lock")):
        assert crm("sync", "-c", config).code == 6
        assert came == []
        notes = config.with_name("crm.db.notes.json")
        found = json.loads(notes.read_bytes())
        found["runs"]["office"]["succeeded_at"] = "2026-01-01T00:00:00+00:00"
        notes.write_text(json.dumps(found), encoding="utf-8")
        crm("sync", "-c", config)
        crm("sync", "-c", config)
    assert ["E-RUNNING" in message["text"] for message in came] == [True]


def test_message_is_in_the_language_of_the_configuration(
    crm: Crm, config: Path, hook: tuple[str, list[Any], list[int]]
) -> None:
    url, came, _ = hook
    add(config, f'webhook = "{url}"')
    text = config.read_text(encoding="utf-8").replace('language = "en"', 'language = "ru"')
    config.write_text(text, encoding="utf-8")
    crm("notify", "--test", "-c", config, "--lang", "en")
    assert is_russian(came[0]["text"])
