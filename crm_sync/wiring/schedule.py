"""Runs by themselves: systemd's timers, or cron, whichever there is."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import Final

from crm_sync.config import Config
from crm_sync.core.values import N_
from crm_sync.errors import HostError
from crm_sync.host.cron import Crontab
from crm_sync.host.job import Found, Job
from crm_sync.host.systemd import SystemdTimers

__all__ = ["METHODS", "Found", "Job", "found_jobs", "install_job", "job_files", "make_job"]
__all__ += ["remove_jobs", "usual_method"]

METHODS: Final = ("systemd", "systemd-system", "cron")
LOG: Final = "sync.log"


def make_job(
    program: tuple[str, ...], config: Config, minutes: int, spread: int, log: Path | None
) -> Job:
    """The job of a configuration. Without `log` cron's lines go to a file beside the store."""
    return Job(program, config.file, minutes, spread, log or config.store.path.with_name(LOG))


def install_job(job: Job, method: str | None) -> Found:
    """Writes the job down, and takes away what another method has of it. Raises HostError."""
    timers = _timers(method or usual_method())
    timers.install(_for_method(job, timers.method))
    for other in METHODS:
        if other != timers.method and _may_remove(other, job.config):
            _timers(other).remove(job.config)
    found = timers.find(job.config)
    assert found is not None
    return found


def job_files(job: Job, method: str | None) -> dict[Path, str]:
    """What would be written, by file. Raises HostError."""
    timers = _timers(method or usual_method())
    return timers.files(_for_method(job, timers.method))


def found_jobs(config: Path) -> tuple[Found, ...]:
    """The jobs of a configuration that there are: one, unless somebody wrote a second."""
    found = (_timers(method).find(config) for method in METHODS)
    return tuple(item for item in found if item is not None)


def remove_jobs(config: Path) -> tuple[str, ...]:
    """Takes all jobs of a configuration away; the methods that had one. Raises HostError."""
    return tuple(method for method in METHODS if _timers(method).remove(config))


def usual_method() -> str:
    """What this computer has: systemd for this user, else cron. Raises HostError for neither."""
    for method in ("systemd", "cron"):
        if _timers(method).works():
            return method
    raise HostError(
        N_("There is neither systemd for this user nor cron."),
        N_(
            "For the whole computer: sudo crm-sync schedule install --with systemd-system. Or let"
            " crm-sync watch run by itself."
        ),
    )


def _timers(method: str) -> SystemdTimers | Crontab:
    return Crontab() if method == "cron" else SystemdTimers(system=method == "systemd-system")


def _may_remove(method: str, config: Path) -> bool:
    """True unless only root may; what root has installed stays, and `status` shows both."""
    if method != "systemd-system":
        return True
    return os.geteuid() == 0 and _timers(method).find(config) is not None


def _for_method(job: Job, method: str) -> Job:
    if method != "systemd-system":
        return job
    # Behind sudo the store belongs to the person who typed it.
    user = os.environ.get("SUDO_USER") or getpass.getuser()
    return Job(job.program, job.config, job.minutes, job.spread, job.log, user)
