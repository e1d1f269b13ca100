"""What answers to follow-ups change in the store, and the same said by a command: `done`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crm_sync.core.findings import Problem
from crm_sync.core.plan import Op, StoreChange
from crm_sync.core.values import N_, Cell, Scalar
from crm_sync.errors import Ambiguous, NotFound
from crm_sync.reports.answers import Reader, Typed, take
from crm_sync.reports.followup_groups import FollowUp, title_of
from crm_sync.reports.followups_grid import ANSWERS, Kept
from crm_sync.reports.intents import Intent
from crm_sync.services.application import Application
from crm_sync.services.around import Around, look_around, meant, table_meant
from crm_sync.services.card import tasks_of, world_of_client
from crm_sync.services.entry import Author
from crm_sync.services.world import World


@dataclass(frozen=True)
class Done:
    """What became of an answer: the line that it is about, the changes that it makes, and what is
    wrong with it. `is_done`: they are made.
    """

    line: FollowUp
    changes: tuple[StoreChange, ...]
    problems: tuple[Problem, ...]
    world: Around
    is_done: bool = False


def answer(
    app: Application,
    named: str,
    group: str,
    answers: Mapping[str, Cell],
    author: Author,
    *,
    dry_run: bool,
) -> Done:
    """Takes an answer to the follow-up of a client, of a planned contact or of an agreement, as if
    it were typed beside its line. Raises NotFound, Ambiguous if several lines may be meant.
    """
    world, line = _line(app, named, group)
    kept = Kept(line.key, line.client_name, app.say(title_of(line.group)), answers)
    typed = Typed(0, kept, {name: number for number, name in enumerate(ANSWERS)})
    reader = Reader(
        now=world.now.replace(tzinfo=None),
        say=app.say,
        conventions=world.conventions,
        outcome=app.column("contacts", "outcome"),
    )
    taken = take([typed], [line], reader)
    if taken.problems:
        return Done(line, (), taken.problems, world)
    changes = tuple(changes_of(app, world, taken.intents, mint=not dry_run))
    if not dry_run:
        with app.store.transaction():
            app.store.records.apply(changes, source=author.source, by=author.by, at=app.clock.now())
    return Done(line, changes, (), world, is_done=not dry_run)


def changes_of(
    app: Application, world: World, intents: Iterable[Intent], *, mint: bool = True
) -> list[StoreChange]:
    """The changes that answers ask for; without `mint` new records have no id yet."""
    asked = tuple(intents)
    changes = []
    for (table, record_id), values in _by_record(asked).items():
        record = world.records[table].get(record_id)
        if record is not None:
            changes.append(StoreChange(Op.UPDATE, table, record_id, values, record.version))
    for intent in asked:
        if not intent.record_id:
            kind = app.tab(intent.table).table
            (new,) = app.store.records.mint(kind, 1) if mint else ("",)
            changes.append(StoreChange(Op.CREATE, intent.table, new, dict(intent.values)))
    return changes


def _by_record(intents: Iterable[Intent]) -> dict[tuple[str, str], dict[str, Scalar]]:
    """The fields to be set of each record that is there already."""
    found: dict[tuple[str, str], dict[str, Scalar]] = {}
    for intent in intents:
        if intent.record_id:
            found.setdefault((intent.table, intent.record_id), {}).update(intent.values)
    return found


def _line(app: Application, named: str, group: str) -> tuple[Around, FollowUp]:
    """The line that is meant, and the world around its client."""
    around, table = look_around(app), table_meant(app, named)
    record = meant(around, table, named)
    client = record.id if table == "clients" else str(record.values.get("client") or "")
    world = world_of_client(app, client)
    lines = tasks_of(app, world, client)
    fitting = [
        line
        for line in lines
        if (table == "clients" or record.id in (line.record, line.agreement))
        and group in ("", line.group.value)
    ]
    if not fitting:
        raise NotFound(
            N_("Nothing is to be done for {record} at this moment."),
            N_("To note that you spoke: crm-sync contact add {client} “…” --reason service"),
            record=f"{around.name(table, record.id)} ({record.id})".strip(),
            client=client,
        )
    if len(fitting) > 1:
        raise Ambiguous(
            N_("“{typed}” may be any of: {records}."),
            N_("Say which one: --group {group}"),
            typed=named,
            records=", ".join(
                f"{app.say(title_of(each.group))} ({each.group})" for each in fitting
            ),
            group=fitting[0].group.value,
        )
    return world, fitting[0]
