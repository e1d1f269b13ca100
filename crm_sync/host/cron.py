"""The crontab of this user."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crm_sync.core.values import N_
from crm_sync.errors import HostError
from crm_sync.host.job import HOUR, Found, Job, cron_marks, cron_text
from crm_sync.host.programs import ask, demand


class Crontab:
    """Lines of this user's crontab; all others stay as they are."""

    method = "cron"

    def works(self) -> bool:
        """True if there is a crontab to be written."""
        return shutil.which("crontab") is not None

    def files(self, job: Job) -> dict[Path, str]:
        """What is to be written. Raises HostError where cron cannot count so."""
        return {Path("crontab"): _text(job)}

    def install(self, job: Job) -> None:
        """Writes the lines, in the place of those that are there. Raises HostError."""
        text = _text(job)
        before = _crontab()
        rest = _without(before, job.config)
        if rest and not rest.endswith("\n"):
            rest += "\n"
        if rest + text != before:
            demand(("crontab", "-"), rest + text)

    def find(self, config: Path) -> Found | None:
        """The lines of a configuration."""
        found = _block(config).search(_crontab() if self.works() else "")
        if found is None:
            return None
        line = found[0].splitlines()[1]
        times = re.match(r"(?:(\d+)-59/(\d+)|(\d+|\*)) (?:\*/(\d+)|(\*|0)) ", line)
        if times is None:
            return Found(self.method, "crontab", None, active=True)
        start = int(times[1] or (times[3] if times[3] != "*" else 0))
        hours = 24 if times[5] == "0" else int(times[4] or 1)
        minutes = int(times[2]) if times[2] else 1 if times[3] == "*" else hours * HOUR
        return Found(self.method, "crontab", minutes, active=True, next_run=_next(start, minutes))

    def remove(self, config: Path) -> bool:
        """Takes the lines away; False if there are none. Raises HostError."""
        if not self.works():
            return False
        before = _crontab()
        rest = _without(before, config)
        if rest == before:
            return False
        demand(("crontab", "-"), rest)
        return True


def _crontab() -> str:
    """What stands in it. Somebody who has none is answered with an exit code of 1."""
    code, out, err = ask(("crontab", "-l"))
    if code and "no crontab" not in err:
        raise HostError(
            N_("The crontab cannot be read: {reason}"),
            N_("Type: crontab -l"),
            reason=err.strip() or str(code),
        )
    return out if not code else ""


def _block(config: Path) -> re.Pattern[str]:
    begin, end = (re.escape(mark) for mark in cron_marks(config))
    return re.compile(rf"^{begin}\n.*?^{end}\n?", re.MULTILINE | re.DOTALL)


def _without(text: str, config: Path) -> str:
    return _block(config).sub("", text)


def _text(job: Job) -> str:
    try:
        return cron_text(job)
    except ValueError as exc:
        raise HostError(
            N_("cron cannot run every {minutes} minutes."),
            N_("Take a number that divides an hour, or hours that divide a day: 5, 15, 60, 120."),
            minutes=job.minutes,
        ) from exc


def _next(start: int, minutes: int) -> str:
    """When it runs next, at the earliest: the minute of the computer's time zone."""
    now = datetime.now().astimezone()
    at = now.replace(second=0, microsecond=0)
    for _ in range(24 * HOUR):
        at += timedelta(minutes=1)
        local = at.astimezone()
        if minutes < HOUR:
            due = local.minute % minutes == start % minutes
        else:
            due = local.minute == start and local.hour % (minutes // HOUR) == 0
        if due:
            return local.astimezone(UTC).isoformat(timespec="seconds")
    return ""
