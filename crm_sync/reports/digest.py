"""The follow-up list as a short text for one employee's morning."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from crm_sync.core.values import N_
from crm_sync.reports import cells
from crm_sync.reports.cells import Say, Show
from crm_sync.reports.followup_groups import FollowUp, title_of
from crm_sync.reports.followups_grid import what_to_do


def digest(lines: Iterable[FollowUp], say: Say, show: Show = cells.as_kept) -> str:
    """A heading for each group with the number of its lines, and a line for each client; "" if
    there is nothing to do. `lines` come in the order of the list.
    """
    parts = []
    for group, members in groupby(lines, key=lambda line: line.group):
        listed = list(members)
        heading = say(N_("{group}: {count}"), group=say(title_of(group)), count=len(listed))
        parts.append("\n".join([heading, *(_line(each, say, show) for each in listed)]))
    return "\n\n".join(parts)


def _line(line: FollowUp, say: Say, show: Show) -> str:
    phone = show("clients", "phone", line.phone) if line.phone else ""
    told = (line.at, line.client_name, str(phone or ""), what_to_do(line, say, show))
    return "- " + " · ".join(part for part in told if part)
