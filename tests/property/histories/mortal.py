"""A store and a workbook that die with their process at a chosen step: nothing runs after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm_sync.ports import Operation, RunReport, Store, Workbook, Workbooks


class Killed(BaseException):
    """The process ends here. No handler of ours may outlive it."""


@dataclass
class Life:
    """How many steps are left; `steps` counts those that were taken."""

    left: int
    steps: int = 0

    def step(self) -> None:
        """One step nearer to the end."""
        self.steps += 1
        self.left -= 1
        if self.left == 0:
            raise Killed


class MortalStore:
    """A `ports.Store` whose process may die before and after each commit."""

    def __init__(self, store: Store, life: Life) -> None:
        self._store = store
        self._life = life
        self.records = _Mortal(store.records, life, frozenset({"mint"}))
        self.journal = _MortalJournal(store, life)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._life.step()
        with self._store.transaction():
            yield
            # Dying here rolls back, as SQLite does for a process that died before its commit.
            self._life.step()
        self._life.step()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class _Mortal:
    """An object some of whose methods are steps: one before and one after."""

    def __init__(self, real: Any, life: Life, fatal: frozenset[str]) -> None:
        self._real = real
        self._life = life
        self._fatal = fatal

    def __getattr__(self, name: str) -> Any:
        method: Callable[..., Any] = getattr(self._real, name)
        if name not in self._fatal:
            return method

        def lived(*args: Any, **kwargs: Any) -> Any:
            self._life.step()
            answer = method(*args, **kwargs)
            self._life.step()
            return answer

        return lived


class _MortalJournal:
    def __init__(self, store: Store, life: Life) -> None:
        self._real = _Mortal(store.journal, life, frozenset({"open", "start_run", "finish_run"}))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def open(self, operation: Operation, at: datetime) -> None:
        self._real.open(operation, at)

    def start_run(self, workbook: str, at: datetime) -> int:
        return int(self._real.start_run(workbook, at))

    def finish_run(self, run: int, report: RunReport, at: datetime) -> None:
        self._real.finish_run(run, report, at)


class MortalWorkbooks:
    """A `ports.Workbooks` whose process may die before and after each request."""

    def __init__(self, workbooks: Workbooks, life: Life) -> None:
        self._workbooks = workbooks
        self._life = life

    def open(self, name: str, spreadsheet_id: str) -> Workbook:
        return self._mortal(self._workbooks.open(name, spreadsheet_id))

    def create(
        self, name: str, title: str, *, locale: str, time_zone: str, first_tab: str
    ) -> Workbook:
        self._life.step()
        made = self._workbooks.create(
            name, title, locale=locale, time_zone=time_zone, first_tab=first_tab
        )
        self._life.step()
        return self._mortal(made)

    def _mortal(self, workbook: Workbook) -> Workbook:
        fatal = frozenset(
            {"probe", "outline", "read", "look", "merges", "shown", "journal", "swap"}
        )
        mortal: Any = _Mortal(workbook, self._life, fatal)
        return mortal  # type: ignore[no-any-return]
