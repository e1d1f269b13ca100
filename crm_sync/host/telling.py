"""Messages to people: by e-mail, and to a webhook. Passwords and secret addresses are read when
they are needed, and stand in no error.
"""

from __future__ import annotations

import os
import smtplib
import ssl
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import requests

from crm_sync.config.surroundings import Email, Notify, webhook_address
from crm_sync.core.values import N_
from crm_sync.errors import HostError
from crm_sync.messages.faults import Wrong

PASSWORD: Final = "CRM_SYNC_SMTP_PASSWORD"
_PATIENCE: Final = 20


@dataclass(frozen=True)
class Told:
    """A message: its line, its text, and the same for programs."""

    subject: str
    text: str
    matters: Sequence[Mapping[str, str]] = ()


def tell_all(notify: Notify, message: Told) -> tuple[tuple[str, HostError | None], ...]:
    """Sends it every way that there is: each way, and what went wrong on it."""
    ways: list[tuple[str, HostError | None]] = []
    if notify.email is not None:
        ways.append((f"{notify.email.host}", _tried_mail(notify.email, message)))
    if notify.webhook or notify.webhook_file:
        ways.append(_tried_webhook(notify, message))
    return tuple(ways)


def check_secrets(notify: Notify) -> None:
    """Reads what a message would need, and sends none. Raises HostError if something is missing."""
    if notify.email is not None:
        _password(notify.email)
    if notify.webhook or notify.webhook_file:
        _address(notify)


def _tried_mail(email: Email, message: Told) -> HostError | None:
    try:
        send_mail(email, message)
    except HostError as exc:
        return exc
    return None


def send_mail(email: Email, message: Told) -> None:
    """Sends an e-mail. Raises HostError."""
    mail = EmailMessage()
    mail["From"], mail["To"] = email.sender, ", ".join(email.to)
    mail["Subject"], mail["Date"] = message.subject, formatdate(localtime=True)
    mail["Message-ID"] = make_msgid(domain=email.sender.rpartition("@")[2])
    # Mail programs that answer by themselves leave this one alone (RFC 3834).
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    password = _password(email)
    try:
        with _connected(email) as server:
            if email.user:
                server.login(email.user, password)
            refused = server.send_message(mail)
    except (OSError, smtplib.SMTPException, ssl.SSLError) as exc:
        raise _mail_error(email, exc) from exc
    if refused:
        raise HostError(
            N_("The mail server {host} takes no mail for: {who}."),
            N_("Correct to in [notify.email] of config.toml."),
            host=email.host,
            who=", ".join(sorted(refused)),
        )


def _connected(email: Email) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if email.security == "tls":
        return smtplib.SMTP_SSL(email.host, email.port, timeout=_PATIENCE, context=context)
    server = smtplib.SMTP(email.host, email.port, timeout=_PATIENCE)
    try:
        if email.security == "starttls":
            server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server


def _mail_error(email: Email, exc: Exception) -> HostError:
    facts = {"host": email.host, "port": email.port, "user": email.user}
    if isinstance(exc, smtplib.SMTPAuthenticationError):
        return HostError(
            N_("The mail server {host} does not take the name {user} with this password."),
            N_("Many providers want a password made for one program: look in their settings."),
            **facts,
        )
    if isinstance(exc, smtplib.SMTPRecipientsRefused):
        return HostError(
            N_("The mail server {host} takes no mail for: {who}."),
            N_("Correct to in [notify.email] of config.toml."),
            host=email.host,
            who=", ".join(sorted(exc.recipients)),
        )
    if isinstance(exc, smtplib.SMTPNotSupportedError | ssl.SSLError):
        return HostError(
            N_("The mail server {host}:{port} cannot be spoken to in private ({kind})."),
            N_('Try security = "tls" with port 465, or "starttls" with 587, in [notify.email].'),
            kind=type(exc).__name__,
            **facts,
        )
    # What a server answers may quote the message: only its kind is told.
    return HostError(
        N_("The mail server {host}:{port} did not take the message ({kind})."),
        N_("See host and port in [notify.email]; crm-sync notify --test tries them."),
        kind=type(exc).__name__,
        **facts,
    )


def _password(email: Email) -> str:
    if not email.user:
        return ""
    if os.environ.get(PASSWORD):
        return os.environ[PASSWORD]
    if email.password_file is None:
        raise HostError(
            N_("There is no password for the mail server {host}."),
            N_("Put it into a file, name that in password_file of [notify.email], chmod 600."),
            host=email.host,
        )
    return _secret(email.password_file)


def _tried_webhook(notify: Notify, message: Told) -> tuple[str, HostError | None]:
    try:
        url = _address(notify)
    except HostError as exc:
        return "webhook", exc
    host = urlsplit(url).hostname or "?"
    try:
        post(url, message)
    except HostError as exc:
        return host, exc
    return host, None


def _address(notify: Notify) -> str:
    if notify.webhook:
        return notify.webhook
    try:
        return webhook_address(_secret(notify.webhook_file or Path()))
    except Wrong as exc:
        raise HostError(
            N_("The file {file} holds no address of a webhook."),
            N_("It has one line: https://..."),
            file=notify.webhook_file,
        ) from exc


def post(url: str, message: Told) -> None:
    """Posts the message as JSON; chats that take webhooks show its `text`. Raises HostError. A
    redirect is not followed: the message would go where nobody has said.
    """
    body = {
        "text": f"{message.subject}\n{message.text}",
        "subject": message.subject,
        "matters": [dict(item) for item in message.matters],
    }
    host = urlsplit(url).hostname or "?"
    try:
        with requests.Session() as session:
            session.trust_env = not url.startswith("http://")
            answer = session.post(url, json=body, timeout=_PATIENCE, allow_redirects=False)
            code = answer.status_code
    except requests.RequestException as exc:
        raise HostError(
            N_("The webhook at {host} cannot be reached ({kind})."),
            N_("See webhook in [notify] of config.toml; crm-sync notify --test tries it."),
            host=host,
            kind=type(exc).__name__,
        ) from None
    if code >= 300:
        raise HostError(
            N_("The webhook at {host} did not take the message (HTTP {status})."),
            N_("See webhook in [notify] of config.toml; crm-sync notify --test tries it."),
            host=host,
            status=code,
        )


def _secret(path: Path) -> str:
    """The line in a file that only its owner may read. Raises HostError."""
    try:
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise HostError(
                N_("Other users of this computer can read {file}."),
                N_("Type: chmod 600 {file}"),
                file=path,
            )
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise HostError(
            N_("{file} cannot be read: {reason}."),
            N_("It has one line, and belongs to the user who runs crm-sync."),
            file=path,
            reason=getattr(exc, "strerror", None) or type(exc).__name__,
        ) from exc
