"""The whole pass as the oracle: a plan made from a part must be what it would be from all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from unittest.mock import patch

from crm_sync.core.findings import Stop
from crm_sync.core.schema import Table
from crm_sync.services import narrowing, plan_run
from crm_sync.services.application import Application
from crm_sync.services.narrowing import left_behind
from crm_sync.services.nearby import NearWorld
from crm_sync.services.planning import Mint, Planned, plan_workbook
from crm_sync.services.reading import Reading
from crm_sync.services.world import World, load_world


@contextmanager
def whole_pass_as_oracle() -> Iterator[Counter[str]]:
    """Within it each plan of a part is compared with the plan of all; counts both kinds, and
    those that a scrambled column stops."""
    made: Counter[str] = Counter()

    def compared(
        app: Application, world: World, reading: Reading, mint: Mint, allowed: frozenset[str]
    ) -> Planned:
        if not isinstance(world, NearWorld):
            made["whole"] += 1
            return plan_workbook(app, world, reading, mint, allowed)
        given: list[tuple[str, Sequence[str]]] = []

        def noting(table: Table, count: int) -> Sequence[str]:
            given.append((table.name, mint(table, count)))
            return given[-1][1]

        whole_world, whole_reading = _everything(app, world, reading)
        planned = plan_workbook(app, world, reading, noting, allowed)
        replay = iter(given)

        def again(table: Table, count: int) -> Sequence[str]:
            name, ids = next(replay, ("", ()))
            assert (name, len(ids)) == (table.name, count)
            return ids

        whole = plan_workbook(app, whole_world, whole_reading, again, allowed)
        assert _scrambled(planned) == _scrambled(whole)
        made["scrambled"] += bool(_scrambled(whole))
        if narrowing.holds(planned.plan):
            made["part"] += 1
            for mine, all_of_it in zip(planned.plan.tabs, whole.plan.tabs, strict=True):
                assert mine == all_of_it
            assert left_behind(planned) == left_behind(whole)
        else:
            made["given up"] += 1
        return planned

    with patch.object(plan_run, "plan_workbook", compared):
        yield made


def _scrambled(planned: Planned) -> list[Stop]:
    return [stop for stop in planned.plan.stops if stop.code == "E-SCRAMBLED"]


def _everything(app: Application, world: World, reading: Reading) -> tuple[World, Reading]:
    (name,) = app.bound
    binding = app.store.bases.binding(name)
    assert binding is not None
    bases = {tab.table.name: app.store.bases.all(name, tab.table.name) for tab in app.tabs}
    everything = replace(load_world(app, binding), now=world.now)
    return everything, replace(reading, bases=bases, parts={})
