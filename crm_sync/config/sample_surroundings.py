"""What surrounds a run, in a configuration to start from."""

from __future__ import annotations

from collections.abc import Iterator

from crm_sync.config.sample_text import comment, quoted
from crm_sync.messages import Messages


def surroundings_lines(messages: Messages, allow: tuple[str, ...] | None) -> Iterator[str]:
    """The sections `[access]`, `[notify]` and `[metrics]`."""
    yield from _access(messages, allow)
    yield from _notify(messages)
    say = messages.text
    yield from ("", "")
    yield from comment(
        say("The figures of the last runs, for Prometheus: a text file for node_exporter.")
    )
    yield "[metrics]"
    yield '# file = "/var/lib/node_exporter/textfile/crm_sync.prom"'


def _access(messages: Messages, allow: tuple[str, ...] | None) -> Iterator[str]:
    say = messages.text
    yield from ("", "")
    yield from comment(
        say(
            "Who may open the workbooks. A run stops, before it writes, at a workbook that is open"
            " to anybody else; crm-sync audit access lists all. Without the line only a link that"
            " opens a Google workbook to everyone stops it."
        )
    )
    yield "[access]"
    yield from comment(
        say("An address; all addresses of a domain (@company.com); a whole domain (company.com).")
    )
    if allow is None:
        yield '# allow = ["anna@company.com", "@company.com"]'
    else:
        yield f"allow = [{', '.join(quoted(entry) for entry in allow)}]"


def _notify(messages: Messages) -> Iterator[str]:
    say = messages.text
    yield from ("", "")
    yield from comment(
        say(
            "Who is told when a run failed, a tab waits for a decision, or a conflict has been open"
            " for a day. The same is told once a day; crm-sync notify --test tries it."
        )
    )
    yield "[notify]"
    yield 'on = ["failures", "stops", "conflicts"]'
    yield from comment(
        say("A chat or a program that takes JSON. An address that is secret: in a file of its own.")
    )
    yield '# webhook = "https://chat.company.com/hooks/..."'
    yield '# webhook_file = "webhook.txt"'
    yield from comment(
        say("By e-mail. The password: in the file, or in the environment (CRM_SYNC_SMTP_PASSWORD).")
    )
    yield "# [notify.email]"
    yield '# host = "smtp.company.com"'
    yield "# port = 587"
    yield '# security = "starttls"'
    yield '# user = "crm@company.com"'
    yield '# password_file = "smtp-password.txt"'
    yield '# sender = "crm@company.com"'
    yield '# to = ["anna@company.com"]'
