"""What many commands tell alike: a list or that it is empty, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence

from crm_sync.cli.findings import Teller
from crm_sync.cli.screen import Screen
from crm_sync.cli.settings import Settings
from crm_sync.core.undoing import Kept
from crm_sync.core.values import N_

CARRIED_OUT = N_("The next run carries it out: crm-sync sync")


def is_to_be_shown(
    settings: Settings, key: str, items: Sequence[object], nothing: str, *, as_json: bool
) -> bool:
    """True if there is a list for people to see; else it is told here, as JSON or as empty."""
    if as_json:
        settings.out.json({key: list(items)})
    elif not items:
        settings.out.line(settings.messages.text(nothing))
    return bool(items) and not as_json


def next_step(
    settings: Settings, text: str = CARRIED_OUT, screen: Screen | None = None, **facts: object
) -> None:
    """What to do next; a command in it can be copied in one piece."""
    line = settings.typed(settings.messages.text(text, **facts))
    (screen or settings.out).line(line, mark=("→", "bold"), keep=True)


def kept_line(settings: Settings, teller: Teller, kept: Kept) -> str:
    """What an undoing leaves as it is, and why."""
    record = teller.record(kept.table, kept.record_id)
    if not kept.field:
        text = N_("{record} stays as it is: it was changed since.")
        return settings.messages.text(text, record=record)
    return settings.messages.text(
        N_("{record}, {column} stays “{stands}”: it was changed since (it was “{wanted}” before)."),
        record=record,
        column=teller.reader.heading(kept.table, kept.field),
        stands=teller.value(kept.table, kept.field, kept.stands),
        wanted=teller.value(kept.table, kept.field, kept.wanted),
    )
