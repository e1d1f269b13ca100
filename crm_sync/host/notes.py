"""A small file beside the store: the last runs, what was told to whom when, requests of late.

It is written also when the store cannot be, holds no word of any client, and may be deleted.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import orjson

MINUTE: Final = timedelta(minutes=1)
_KEPT: Final = timedelta(days=30)
_PRIVATE: Final = 0o600


@dataclass
class Notes:
    """`runs` by workbook as plain values; `told` when a matter was last told, by its key; `asked`
    how many requests were sent at which moment. Times are UTC, ISO 8601.
    """

    path: Path
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)

    @classmethod
    def read(cls, store: Path) -> Notes:
        """The notes beside a store; none if they cannot be read."""
        path = store.with_name(f"{store.name}.notes.json")
        try:
            found = orjson.loads(path.read_bytes())
            runs, told, asked = found["runs"], found["told"], found["asked"]
            pairs = [(str(at), int(count)) for at, count in asked]
            return cls(path, _by_name(runs), {str(k): str(v) for k, v in told.items()}, pairs)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls(path)

    def note(self, runs: Mapping[str, Mapping[str, Any]], requests: int, now: datetime) -> None:
        """Takes in what came of these runs."""
        self.runs.update({name: dict(run) for name, run in runs.items()})
        self.asked = [(at, count) for at, count in self.asked if _since(at, now) < MINUTE]
        if requests:
            self.asked.append((now.isoformat(timespec="seconds"), requests))

    def asked_lately(self, now: datetime) -> int:
        """How many requests were sent in the last minute."""
        return sum(count for at, count in self.asked if _since(at, now) < MINUTE)

    def untold(self, keys: Sequence[str], now: datetime, again_after: timedelta) -> list[str]:
        """Those of these matters that were not told of late."""
        return [
            key
            for key in keys
            if key not in self.told or not timedelta() <= _since(self.told[key], now) < again_after
        ]

    def note_told(self, keys: Sequence[str], now: datetime) -> None:
        """Takes in that these matters were told."""
        self.told = {key: at for key, at in self.told.items() if _since(at, now) < _KEPT}
        self.told |= dict.fromkeys(keys, now.isoformat(timespec="seconds"))

    def write(self) -> bool:
        """Puts the notes in place, whole; False if that cannot be done: nothing hangs on them."""
        content = {"runs": self.runs, "told": self.told, "asked": self.asked}
        return write_whole(self.path, orjson.dumps(content), _PRIVATE) is None


def write_whole(path: Path, content: bytes, mode: int) -> OSError | None:
    """Puts a file in place in one step; gives back what kept it from being written."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(handle, "wb") as out:
                os.fchmod(out.fileno(), mode)
                out.write(content)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as exc:
        return exc
    return None


def _by_name(runs: Any) -> dict[str, dict[str, Any]]:
    return {str(name): dict(run) for name, run in runs.items()}


def _since(at: str, now: datetime) -> timedelta:
    try:
        return now - datetime.fromisoformat(at)
    except (ValueError, TypeError):
        return _KEPT
