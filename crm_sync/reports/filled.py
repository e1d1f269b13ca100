"""What the cells are called that staff fill in generated tabs."""

from __future__ import annotations

from collections.abc import Mapping

from crm_sync.reports.answers import TAB as FOLLOWUPS
from crm_sync.reports.cells import Say
from crm_sync.reports.followup_groups import Group, title_of
from crm_sync.reports.followups_grid import ANSWERS
from crm_sync.reports.parameters import HEADINGS
from crm_sync.reports.parameters import TAB as COMPARISON


def filled_headings(say: Say) -> Mapping[tuple[str, str], str]:
    """The heading of each such cell, by tab and name; of a line as a whole that of its group."""
    answers = {(FOLLOWUPS, group.value): say(title_of(group)) for group in Group}
    answers |= {(FOLLOWUPS, name): say(title) for name, (title, _) in ANSWERS.items()}
    return answers | {(COMPARISON, name): say(title) for name, title in HEADINGS.items()}
