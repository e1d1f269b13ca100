"""Several workbooks in one go: which of them to look at, in which order, and which once more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from crm_sync.errors import UserError
from crm_sync.ports import Feeds
from crm_sync.services.application import Application
from crm_sync.services.catching_up import caught_up
from crm_sync.services.reading import is_changed
from crm_sync.services.result import RunResult, TabResult
from crm_sync.services.setup import without_version
from crm_sync.services.views import seen_by

ROUNDS = 3
"""After this many rounds over all workbooks everything agrees, whatever the order: what the last
one brings, the others have in the second round, and a row that had to wait for another workbook is
gone after the third. In the order of `once_more` two are nearly always enough.
"""

_AS_IT_IS_NOW = frozenset({"table", "title", "conflicts", "problems", "stop"})


def in_order(app: Application, names: Iterable[str]) -> tuple[str, ...]:
    """The workbooks in the order of the first round: those that show everything go first, since
    they bring the employees and branches that the scopes of the others name; then those whose last
    run is the longest ago, so that each has its turn when time is short.
    """
    last = app.store.journal.last_started()
    return tuple(
        sorted(names, key=lambda name: (not app.bound[name].scope.whole, last.get(name, "")))
    )


def once_more(
    app: Application, done: Mapping[str, RunResult], failed: Collection[str]
) -> tuple[str, ...]:
    """The workbooks that need another round: the store moved on after their run, or they had to
    wait for others, and then come last. The order is turned round, so that a record that one
    workbook gives back is there before those that run late in the first round take it out. `failed`
    are those whose scope could not be used, and perhaps can now.
    """
    behind = _behind(app, done)
    names = [
        name
        for name, result in done.items()
        if result.waiting or (result.outcome != "planned" and name in behind)
    ]
    again = reversed([*(name for name in app.bound if name in failed), *names])
    return tuple(sorted(again, key=lambda name: name in done and done[name].waiting > 0))


def _behind(app: Application, names: Collection[str]) -> frozenset[str]:
    with app.store.lease():
        known = app.store.bases.bindings()
        found = caught_up(app, (known[name] for name in names if name in known))
        now = app.store.records.sequence()
        return frozenset(name for name, binding in found.items() if binding.sequence != now)


def at_rest(app: Application, versions: Mapping[str, int]) -> dict[str, RunResult]:
    """The runs that need not be made, of workbooks whose `versions` are those of now: neither side
    has changed since their last run.
    """
    if not versions:
        return {}
    with app.store.lease():
        known = app.store.bases.bindings()
        found = caught_up(app, (known[name] for name in versions if name in known))
        resting = [
            binding
            for name, binding in found.items()
            if app.bound[name].spreadsheet_id in ("", binding.spreadsheet_id)
            and not is_changed(app, binding, versions[name], seen_by(app, binding))
        ]
    return {
        binding.workbook: RunResult(
            binding.workbook,
            "unchanged",
            address=app.workbooks.open(binding.workbook, binding.spreadsheet_id).address,
        )
        for binding in resting
    }


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
    bindings = app.store.bases.bindings()
    for feed, members in groups.items():
        known = [name for name in members if name in bindings]
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
    # A list that begins now tells nothing of what was edited before: each workbook is to be read,
    # however many runs it takes to come to the last of them.
    files = changes.files if changes is not None else None
    with app.store.transaction():
        app.store.bases.put_feed(feed, begun)
        wanted = set(names)
        for name, binding in app.store.bases.bindings().items():
            if name not in app.bound or binding.version is None or feeds.feed(name) != feed:
                continue
            version = None if files is None else files.get(binding.spreadsheet_id, binding.version)
            if version is None or version != binding.version:
                app.store.bases.bind(without_version(binding))
            elif name in wanted:
                found[name] = version
    return found


def together(first: RunResult, second: RunResult) -> RunResult:
    """Two runs over one workbook as one: what both moved, and what waits after the second."""
    if second.outcome == "postponed":
        return first
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
