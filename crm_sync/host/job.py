"""A run that is to be repeated, and how systemd and cron write that down."""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import dataclass
from pathlib import Path

HOUR = 60
DAY = 24 * HOUR
WAITS_FOR_A_DECISION = 3


@dataclass(frozen=True)
class Job:
    """What is run, how often (minutes), and by how much at most each run is put off (seconds), so
    that the computers of a company do not all ask at once. `program` are the words that start
    crm-sync; `log` takes what cron would send by mail; `user` runs it if systemd does so for all.
    """

    program: tuple[str, ...]
    config: Path
    minutes: int
    spread: int
    log: Path
    user: str = ""

    @property
    def name(self) -> str:
        """What tells this job from those of other configurations."""
        return job_name(self.config)

    @property
    def command(self) -> tuple[str, ...]:
        """One run, a line of JSON for each workbook."""
        return (*self.program, "-c", str(self.config), "sync", "--log-json")


@dataclass(frozen=True)
class Found:
    """A job that is there: by `systemd`, `systemd-system` or `cron`. `minutes` is None if it was
    written by hand; `active` False if it is written down but does not run; `next_run` is UTC, ISO
    8601, "" if not known.
    """

    method: str
    place: str
    minutes: int | None
    active: bool
    next_run: str = ""


def job_name(config: Path) -> str:
    """The name of the job of a configuration: short, and the same each time."""
    return f"crm-sync-{hashlib.sha256(str(config).encode()).hexdigest()[:8]}"


def service_text(job: Job) -> str:
    """The unit that runs once. An exit code that only says that a tab waits is no failure."""
    lines = ["[Unit]", f"Description=crm-sync: {_specifiers(str(job.config))}"]
    if job.user:
        lines += ["Wants=network-online.target", "After=network-online.target"]
    lines += ["", "[Service]", "Type=oneshot"]
    if job.user:
        lines.append(f"User={job.user}")
    lines += [
        f"WorkingDirectory={_specifiers(str(job.config.parent))}",
        f"ExecStart={' '.join(map(_word, job.command))}",
        f"SuccessExitStatus={WAITS_FOR_A_DECISION}",
        "TimeoutStartSec=30min",
        "UMask=0077",
        "NoNewPrivileges=yes",
    ]
    return "\n".join(lines) + "\n"


def timer_text(job: Job) -> str:
    """The unit that starts it again and again, counted from the last start."""
    lines = [
        "[Unit]",
        f"Description=crm-sync every {job.minutes} min: {_specifiers(str(job.config))}",
        "",
        "[Timer]",
        "OnActiveSec=1min",
        f"OnUnitActiveSec={job.minutes}min",
        f"RandomizedDelaySec={job.spread}",
        "AccuracySec=1s",
        "",
        "[Install]",
        "WantedBy=timers.target",
    ]
    return "\n".join(lines) + "\n"


def cron_text(job: Job) -> str:
    """The lines for a crontab, between two marks by which they are found again."""
    begin, end = cron_marks(job.config)
    folder = shlex.quote(str(job.config.parent))
    run = shlex.join((*job.command, "--spread", str(job.spread)))
    command = f"cd {folder} && {run} >> {shlex.quote(str(job.log))} 2>&1"
    # To cron a percent sign is the end of the line.
    return f"{begin}\n{cron_times(job)} {command.replace('%', chr(92) + '%')}\n{end}\n"


def cron_marks(config: Path) -> tuple[str, str]:
    """The lines before and after those of a configuration."""
    name = job_name(config)
    return f"# {name} begin: {config}", f"# {name} end"


def cron_times(job: Job) -> str:
    """The five fields of a crontab. Which minute it begins with hangs on the name, so that not
    every job of a computer starts in the same one. Raises ValueError where cron has no such step.
    """
    start = int(job.name[-8:], 16) % min(job.minutes, HOUR)
    if job.minutes < HOUR and HOUR % job.minutes == 0:
        minute = "*" if job.minutes == 1 else f"{start}-59/{job.minutes}"
        return f"{minute} * * * *"
    hours, rest = divmod(job.minutes, HOUR)
    if rest or DAY % job.minutes:
        raise ValueError(job.minutes)
    return f"{start} {'*' if hours == 1 else f'*/{hours}' if hours < 24 else '0'} * * *"


def _word(text: str) -> str:
    """A word of a command as systemd reads it:
    https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#Command%20lines
    """
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{_specifiers(quoted)}"'


def _specifiers(text: str) -> str:
    return text.replace("%", "%%")
