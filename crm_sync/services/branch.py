"""Opens a branch: the record that its clients, employees and workbook name."""

from __future__ import annotations

from dataclasses import dataclass

from crm_sync.core.findings import Problem
from crm_sync.core.values import N_
from crm_sync.errors import Ambiguous
from crm_sync.services.application import Application
from crm_sync.services.around import look_around
from crm_sync.services.entry import Author, add


@dataclass(frozen=True)
class Branch:
    """A branch as the store has it; `id` is "" for one that is only tried. `is_new`: it was, or
    would be, added. It was not if there are `problems`.
    """

    name: str
    id: str
    is_new: bool = False
    problems: tuple[Problem, ...] = ()


def open_branch(app: Application, name: str, author: Author, *, dry_run: bool) -> Branch:
    """The branch of this name or id, added if there is none. Raises Ambiguous."""
    index = look_around(app).index("branches")
    found = index.find(name)
    if len(found) > 1:
        raise Ambiguous(
            N_("“{typed}” may mean {matches}."),
            N_("Write the id."),
            typed=name,
            matches=", ".join(index.shown_with_id(item.value) for item in found),
        )
    if found:
        return Branch(found[0].label, found[0].value)
    entered = add(app, "branches", {"name": name}, author, dry_run=dry_run)
    new = entered.change.record_id if entered.change else ""
    return Branch(name, new, is_new=True, problems=() if entered.is_fit else entered.problems)
