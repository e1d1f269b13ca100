"""The sections about what surrounds a run: who may see workbooks, who is told, who measures."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, Self, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StrictInt, model_validator

from crm_sync.config.parts import FolderPath, Section
from crm_sync.core.access import ANYONE
from crm_sync.core.values import N_
from crm_sync.messages import Phrase
from crm_sync.messages.faults import AllWrong, Wrong, not_empty

_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DOMAIN: Final = re.compile(r"@?[^@\s]+\.[^@\s.]+")
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def _allowed(entry: str) -> str:
    if entry == ANYONE or _ADDRESS.fullmatch(entry) or _DOMAIN.fullmatch(entry):
        return entry
    raise Wrong(
        N_(
            "“{typed}” is none of: an address (anna@company.com), all addresses of a domain"
            " (@company.com), a whole domain (company.com), anyone."
        ),
        typed=entry,
    )


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise Wrong(N_("“{typed}” is no e-mail address."), typed=text)
    return text


def webhook_address(url: str) -> str:
    """Where a webhook listens. What stands in it may be a password, so it is never shown."""
    try:
        scheme, host, port = urlsplit(url).scheme, urlsplit(url).hostname, urlsplit(url).port
    except ValueError:
        scheme, host, port = "", None, None
    if not host or port == 0 or "@" in urlsplit(url).netloc or scheme not in ("http", "https"):
        example = "https://chat.company.com/hooks/..."
        raise Wrong(
            N_("this is no address of a webhook. Write it like {example}."), example=example
        )
    if scheme == "http" and host not in _LOOPBACK:
        raise Wrong(N_("a webhook on another computer is reached by https:// alone."))
    return url


Allowed: TypeAlias = Annotated[str, AfterValidator(_allowed)]
Address: TypeAlias = Annotated[str, AfterValidator(_address)]


class Access(Section):
    """`[access]`: who may read workbooks; a run stops at one that is open to anybody else. Without
    `allow` only a link that opens a Google workbook to everyone does.
    """

    allow: tuple[Allowed, ...] | None = None


class Email(Section):
    """`[notify.email]`: messages by e-mail. The password stands in `password_file`, or in the
    environment as CRM_SYNC_SMTP_PASSWORD.
    """

    host: Annotated[str, Field(min_length=1)]
    port: Annotated[StrictInt, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_file: FolderPath | None = None
    sender: Address
    to: Annotated[tuple[Address, ...], AfterValidator(not_empty)]

    @model_validator(mode="after")
    def _keeps_the_password(self) -> Self:
        if self.security == "none" and self.host not in _LOOPBACK:
            text = N_("without encryption only a mail server on this computer is used.")
            raise AllWrong([(("notify", "email", "security"), Phrase(text))])
        return self


class Notify(Section):
    """`[notify]`: who is told when a run failed, a tab waits for a decision, or a conflict has been
    open for a day. The same matter is told once a day.
    """

    on: tuple[Literal["failures", "stops", "conflicts"], ...] = ("failures", "stops", "conflicts")
    webhook: Annotated[str, AfterValidator(webhook_address)] | None = None
    webhook_file: FolderPath | None = None
    email: Email | None = None

    @property
    def is_on(self) -> bool:
        """True if there is somebody to tell."""
        return bool(self.webhook or self.webhook_file or self.email)


class Metrics(Section):
    """`[metrics]`: the figures of the last runs as a text file for Prometheus."""

    file: FolderPath | None = None
