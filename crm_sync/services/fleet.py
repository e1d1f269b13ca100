"""Several workbooks in one go: which of them to look at, in which order, and which once more."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from crm_sync.errors import ScopeError, UserError
from crm_sync.model.scope import FOLLOWERS
from crm_sync.ports import Binding, Feeds
from crm_sync.services.application import Application
from crm_sync.services.result import RunResult, TabResult
from crm_sync.services.scopes import scope_of
from crm_sync.services.setup import without_version

ROUNDS = 3
"""After this many rounds over all workbooks everything agrees, whatever the order: what the last
one brings, the others have in the second round, and a row that had to wait for another workbook is
gone after the third. In the order of `once_more` two are nearly always enough.
"""

_AS_IT_IS_NOW = frozenset({"table", "title", "conflicts", "problems", "stop"})


def in_order(app: Application, names: Sequence[str]) -> tuple[str, ...]:
    """The workbooks in the order of the first round: those that show everything go first, since
    they bring the employees and branches that the scopes of the others name.
    """
    return tuple(sorted(names, key=lambda name: not app.bound[name].scope.whole))


def once_more(
    app: Application, done: Mapping[str, RunResult], failed: Collection[str]
) -> tuple[str, ...]:
    """The workbooks that need another round: the store moved on after their run, or they had to
    wait for others, and then come last. The order is turned round, so that a record that one
    workbook gives back is there before those that run late in the first round take it out. `failed`
    are those whose scope could not be used, and perhaps can now.
    """
    names = [
        name
        for name, result in done.items()
        if result.waiting or (result.outcome != "planned" and _behind(app, name))
    ]
    again = reversed([*(name for name in app.bound if name in failed), *names])
    return tuple(sorted(again, key=lambda name: name in done and done[name].waiting > 0))


def _behind(app: Application, name: str) -> bool:
    binding = app.store.bases.binding(name)
    if binding is None:
        return False
    with app.store.lease():
        try:
            return caught_up(app, binding).sequence != app.store.records.sequence()
        except ScopeError:
            return True


def caught_up(app: Application, binding: Binding) -> Binding:
    """The binding, moved on if all that changed in the store since is no concern of its workbook:
    clients of others, with what belongs to them. Raises ScopeError.
    """
    scope = scope_of(app, binding.workbook)
    now = app.store.records.sequence()
    if scope.whole or binding.sequence in (None, now):
        return binding
    touched = app.store.records.touched(binding.sequence or 0)
    if touched.keys() - {"clients", *FOLLOWERS}:
        return binding
    needed = {"clients", "employees", *touched}
    records = {
        tab.table.name: app.store.records.all(tab.table)
        for tab in app.whole
        if tab.table.name in needed
    }
    # A row that waits here may bear the id of another workbook's record.
    named = {item.problem.record_id for item in app.store.findings.problems(binding.workbook)}
    for table, record_id in ((table, key) for table, keys in touched.items() for key in keys):
        record = records[table].get(record_id)
        here = app.store.bases.holders(table, (record_id,), (binding.workbook,))
        if (
            record_id in named
            or here[record_id]
            or (record and scope.shows(table, record.values, records))
        ):
            return binding
    moved = replace(binding, sequence=now)
    with app.store.transaction():
        app.store.bases.bind(moved)
    return moved


def look(app: Application, names: Sequence[str]) -> dict[str, int]:
    """The versions of those workbooks that, as a list of changes says, nobody has touched since
    their last run: one request for all that one account sees. The rest must be asked each by
    itself; so must all when the list cannot be had.
    """
    if app.feeds is None:
        return {}
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(app.feeds.feed(name), []).append(name)
    found: dict[str, int] = {}
    for feed, members in groups.items():
        known = [name for name in members if app.store.bases.binding(name) is not None]
        if len(known) > 1:
            with app.store.lease():
                found |= _looked(app, app.feeds, feed, known)
    return found


def _looked(app: Application, feeds: Feeds, feed: str, names: Sequence[str]) -> dict[str, int]:
    token = app.store.bases.feed(feed)
    try:
        changes = feeds.changes(names[0], token) if token else None
        begun = feeds.start(names[0]) if changes is None else changes.token
    except UserError:
        # Whatever is wrong, each workbook's own probe says it, with its name.
        return {}
    found = {}
    with app.store.transaction():
        app.store.bases.put_feed(feed, begun)
        if changes is None:
            return {}
        for name in app.bound:
            binding = app.store.bases.binding(name)
            if binding is None or binding.version is None or feeds.feed(name) != feed:
                continue
            version = changes.files.get(binding.spreadsheet_id, binding.version)
            if version != binding.version:
                app.store.bases.bind(without_version(binding))
            elif name in names:
                found[name] = version
    return found


def together(first: RunResult, second: RunResult) -> RunResult:
    """Two runs over one workbook as one: what both moved, and what waits after the second."""
    if second.outcome == "unchanged":
        return replace(first, conflicts=second.conflicts, problems=second.problems, waiting=0)
    if first.outcome == "unchanged":
        return second
    before = {tab.table: tab for tab in first.tabs}
    return replace(
        second,
        tabs=tuple(_sum(before.get(tab.table), tab) for tab in second.tabs),
        notices=(*first.notices, *second.notices),
        published=tuple(dict.fromkeys((*first.published, *second.published))),
    )


def _sum(first: TabResult | None, second: TabResult) -> TabResult:
    if first is None:
        return second
    counts: dict[str, Any] = {
        item.name: getattr(first, item.name) + getattr(second, item.name)
        for item in fields(TabResult)
        if item.name not in _AS_IT_IS_NOW
    }
    return replace(second, **counts)
