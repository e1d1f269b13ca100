"""The follow-up list as a short text for the morning of each employee."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby

from crm_sync.core.values import N_
from crm_sync.reports import cells
from crm_sync.reports.cells import Say, Show
from crm_sync.reports.followup_groups import FollowUp, title_of
from crm_sync.reports.followups_grid import NOBODY, what_to_do

When = Callable[[str], str]
"""Gives a canonical moment as people write it."""


def as_written(moment: str) -> str:
    """The moment itself."""
    return moment


def morning_text(
    lines: Iterable[FollowUp], say: Say, show: Show = cells.as_kept, when: When = as_written
) -> str:
    """A part for each employee who is to act, by name, what nobody is responsible for last; a
    single remark when nobody waits. `lines` come in the order of the list.
    """
    own: dict[tuple[bool, str, str], list[FollowUp]] = {}
    for line in lines:
        own.setdefault((not line.owner_id, line.owner, line.owner_id), []).append(line)
    parts = [
        f"{name or say(N_('(not specified)'))}\n\n{digest(each, say, show, when)}"
        for (_, name, _), each in sorted(own.items())
    ]
    return "\n\n\n".join(parts) or say(NOBODY)


def digest(
    lines: Iterable[FollowUp], say: Say, show: Show = cells.as_kept, when: When = as_written
) -> str:
    """A heading for each group with the number of its lines, and a line for each client; "" if
    there is nothing to do. `lines` come in the order of the list.
    """
    parts = []
    for group, members in groupby(lines, key=lambda line: line.group):
        listed = list(members)
        heading = say(N_("{group}: {count}"), group=say(title_of(group)), count=len(listed))
        parts.append("\n".join([heading, *(_line(each, say, show, when) for each in listed)]))
    return "\n\n".join(parts)


def _line(line: FollowUp, say: Say, show: Show, when: When) -> str:
    phone = show("clients", "phone", line.phone) if line.phone else ""
    at = when(line.at) if line.at else ""
    told = (at, line.client_name, str(phone or ""), what_to_do(line, say, show))
    return "- " + " · ".join(part for part in told if part)
