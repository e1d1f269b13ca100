"""Timers of systemd, of one user or of the whole computer."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from crm_sync.core.values import N_
from crm_sync.errors import HostError
from crm_sync.host.job import Found, Job, job_name, service_text, timer_text
from crm_sync.host.programs import ask, demand

SYSTEM_UNITS: Final = Path("/etc/systemd/system")


class SystemdTimers:
    """The timers of this user; with `system` those of the computer, for which one must be root."""

    def __init__(self, *, system: bool = False, folder: Path | None = None) -> None:
        self.method = "systemd-system" if system else "systemd"
        self._control = ("systemctl",) if system else ("systemctl", "--user")
        self._folder = folder or (SYSTEM_UNITS if system else _user_units())

    def works(self) -> bool:
        """True if there is a systemd that takes orders here."""
        return ask((*self._control, "show-environment"))[0] == 0

    def files(self, job: Job) -> dict[Path, str]:
        """What is to be written, by file."""
        return {
            self._folder / f"{job.name}.service": service_text(job),
            self._folder / f"{job.name}.timer": timer_text(job),
        }

    def install(self, job: Job) -> None:
        """Writes the units and starts the timer; the same once more changes nothing. Raises
        HostError.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for path, text in self.files(job).items():
                path.write_text(text, encoding="utf-8")
        except OSError as exc:
            raise _unwritable(self._folder, exc) from exc
        demand((*self._control, "daemon-reload"))
        demand((*self._control, "enable", f"{job.name}.timer"))
        # A timer that runs goes by its old times until it is started anew.
        demand((*self._control, "restart", f"{job.name}.timer"))

    def find(self, config: Path) -> Found | None:
        """The timer of a configuration."""
        path = self._folder / f"{job_name(config)}.timer"
        try:
            text = path.read_text(encoding="utf-8")
        except OSError:
            return None
        every = re.search(r"^OnUnitActiveSec=(\d+)min$", text, re.MULTILINE)
        active = ask((*self._control, "is-active", path.name))[1].strip() == "active"
        minutes = int(every[1]) if every else None
        return Found(self.method, str(path), minutes, active, self._next(path.name))

    def remove(self, config: Path) -> bool:
        """Stops the timer and takes its units away; False if there is none. Raises HostError."""
        name = job_name(config)
        paths = [self._folder / f"{name}.timer", self._folder / f"{name}.service"]
        if not any(path.exists() for path in paths):
            return False
        # Where systemd does not answer, nothing runs that would have to be stopped.
        ask((*self._control, "disable", "--now", f"{name}.timer"))
        try:
            for path in paths:
                path.unlink(missing_ok=True)
        except OSError as exc:
            raise _unwritable(self._folder, exc) from exc
        ask((*self._control, "daemon-reload"))
        return True

    def _next(self, timer: str) -> str:
        """When it runs next; older releases of systemd do not say it in JSON."""
        out = ask((*self._control, "list-timers", "--all", "--output=json", timer))[1]
        try:
            (line,) = json.loads(out)
            return datetime.fromtimestamp(line["next"] / 1e6, UTC).isoformat(timespec="seconds")
        except (ValueError, KeyError, TypeError, OverflowError, OSError):
            return ""


def _user_units() -> Path:
    home = os.environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser()
    return Path(home, "systemd", "user")


def _unwritable(folder: Path, exc: OSError) -> HostError:
    return HostError(
        N_("Units for systemd cannot be written to {folder}: {reason}."),
        N_(
            "Only root may for the whole computer (sudo); or: crm-sync schedule install --with cron"
        ),
        folder=folder,
        reason=exc.strerror or str(exc),
    )
