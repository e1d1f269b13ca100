"""Follow-ups and how work is done, a second time: plain loops that share nothing with the reports.

Written from the definitions alone. A moment is its text, "2026-03-10" or "2026-03-10 14:05".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

Row = Mapping[str, Any]
Step = tuple[str, str, str]
OPEN = ("draft", "in_progress", "on_hold")
OWED = ("client", "both")
ORDER = "overdue today tomorrow this_week missed_call no_next_step stuck sleeping supplier_late"


def day(at: Any) -> date:
    return date.fromisoformat(str(at)[:10])


def first(at: str) -> datetime:
    return datetime.fromisoformat(at)


def last(at: str) -> datetime:
    return first(at) if timed(at) else datetime.combine(day(at), time.max)


def timed(at: str) -> bool:
    return len(at) > 10


def answers(at: str, asked: str) -> bool:
    return first(at) > first(asked) if timed(at) and timed(asked) else day(at) >= day(asked)


@dataclass
class Recount:
    """A store, and the moment at which it is looked at."""

    tables: Mapping[str, Mapping[str, Row]]
    archived: set[str]
    now: datetime
    zones: Mapping[str, str]
    holidays: set[tuple[str, date]]
    status_since: Mapping[tuple[str, str], date]
    max_days: Mapping[tuple[str, str], int]
    hours: Mapping[str, int] = field(default_factory=dict)

    def rows(self, table: str, client: str | None = None) -> Iterator[tuple[str, Row]]:
        for key, row in self.tables.get(table, {}).items():
            if key not in self.archived and client in (None, row.get("client")):
                yield key, row

    def branch(self, client: str, employee: str | None = None) -> str:
        row = self.tables["clients"][client]
        for one in (employee, row.get("owner")):
            known = self.tables["employees"].get(one or "", {})
            if known.get("branch"):
                return str(known["branch"])
        return str(row.get("branch") or "")

    def clock(self, client: str) -> datetime:
        zone = self.zones.get(self.branch(client))
        return (self.now.astimezone(ZoneInfo(zone)) if zone else self.now).replace(tzinfo=None)

    def held(self, client: str, today: date) -> list[tuple[str, str]]:
        return [
            (key, row["contact_at"])
            for key, row in self.rows("contacts", client)
            if row["status"] == "held" and day(row["contact_at"]) <= today
        ]

    def steps(self, client: str, today: date) -> list[Step]:
        """What no contact has satisfied."""
        asked: list[tuple[Step, str]] = []
        for key, row in self.rows("agreements", client):
            for source, name in (("due", "due_date"), ("next_call", "next_call_at")):
                if row["status"] in OPEN and row.get(name):
                    asked.append(((row[name], source, key), row["agreed_at"]))
        for key, row in self.rows("contacts", client):
            if row.get("next_step_at"):
                asked.append(((row["next_step_at"], "next_step", key), row["contact_at"]))
            if row["status"] == "planned":
                asked.append(((row["contact_at"], "planned", key), "1900-01-01"))
        held = self.held(client, today)
        return [
            step
            for step, since in asked
            if not any(_satisfies(at, key, step, since) for key, at in held)
        ]

    def workday(self, at: str, branch: str) -> str:
        on = day(at)

        def is_off(when: date) -> bool:
            return ("", when) in self.holidays or (branch, when) in self.holidays

        if is_off(on):
            while is_off(on) or on.weekday() > 4:
                on += timedelta(1)
        return on.isoformat() + at[10:]

    def who(self, client: str, record: str) -> str:
        contact = self.tables["contacts"].get(record, {})
        about = contact.get("agreement") if contact else record
        agreement = {} if about in self.archived else self.tables["agreements"].get(about or "", {})
        owner = contact.get("employee") or agreement.get("owner")
        return owner or self.tables["clients"][client].get("owner") or ""

    def listed(self) -> Iterator[str]:
        for key, row in self.rows("clients"):
            if not row.get("do_not_contact"):
                yield key

    def lines(self) -> list[tuple[str, str, str, int, str]]:
        """Group, client, moment, days overdue and who is to act."""
        found = [line for key in self.listed() for line in self._lines_of(key)]
        order = ORDER.split()
        return sorted(found, key=lambda line: (order.index(line[0]), line[1]))

    def _lines_of(self, client: str) -> Iterator[tuple[str, str, str, int, str]]:
        row, now = self.tables["clients"][client], self.clock(client)
        today, branch = now.date(), self.branch(client)
        steps = self.steps(client, today)
        moved = [(self.workday(at, branch), source, key) for at, source, key in steps]
        late = [s for s in moved if self._is_owed(row, s) and _group(s[0], now) == "overdue"]
        for group, own in ((None, [s for s in moved if s not in late]), ("supplier_late", late)):
            if own:
                at = min(own)[0]
                ties = {self.who(client, key) for when, _, key in own if when == at}
                named = group or _group(at, now)
                if named:
                    overdue = max((today - day(at)).days, 0)
                    yield named, client, at, overdue, "/".join(sorted(ties))
        missed = list(self.missed(client, now, steps))
        if missed:
            at = min(missed)[0]
            ties = {self.who(client, other) for when, other in missed if when == at}
            overdue = (today - day(at)).days
            yield "missed_call", client, at, overdue, "/".join(sorted(ties))
        if not steps:
            yield from self._idle(client, today)
        silent = self.asleep(client, steps)
        recent = [day(at) for _, at in self.held(client, today)]
        if silent and (not recent or (today - max(recent)).days >= 30):
            yield "sleeping", client, "", silent, self.who(client, "")

    def _is_owed(self, row: Row, step: Step) -> bool:
        owes = self.tables["agreements"].get(step[2], {}).get("obligor") in OWED
        return step[1] == "due" and owes and "supplier" in str(row.get("kind"))

    def _idle(self, client: str, today: date) -> Iterator[tuple[str, str, str, int, str]]:
        row = self.tables["clients"][client]
        open_ = [(k, a) for k, a in self.rows("agreements", client) if a["status"] in OPEN]
        is_open = row.get("status") == "inquired"
        if open_ or is_open:
            newest = max(((a["agreed_at"], k) for k, a in open_), default=("", ""))[1]
            yield "no_next_step", client, "", 0, self.who(client, newest)
        timed_ = [("clients", client, "client", row)] if is_open else []
        timed_ += [("agreements", key, "agreement", each) for key, each in open_]
        over = []
        for table, key, entity, each in timed_:
            most = self.max_days.get((entity, str(each["status"])), 0)
            since = self.status_since.get((table, key))
            if most and since and (today - since).days > most:
                over.append(((today - since).days - most, self.who(client, key)))
        if over:
            most = max(over)[0]
            ties = {who for days, who in over if days == most}
            yield "stuck", client, "", most, "/".join(sorted(ties))

    def missed(
        self, client: str, now: datetime, steps: list[Step] | None
    ) -> Iterator[tuple[str, str]]:
        """Calls that nobody took and nobody returned; with steps, planned ones return them too."""
        back = [at for _, at in self.held(client, now.date())]
        back += [at for at, source, _ in steps or () if source == "planned"]
        for key, row in self.rows("contacts", client):
            at = row["contact_at"]
            theirs = row.get("channel") == "call" and row.get("direction") == "in"
            missed = theirs and row["status"] == "no_answer" and first(at) <= now
            if missed and not any(answers(each, at) for each in back):
                yield at, key

    def asleep(self, client: str, steps: list[Step]) -> int:
        """By how many days a customer has been silent for too long, 0 for all others."""
        today = self.now.date()
        kind = str(self.tables["clients"][client].get("kind"))
        own = [row for _, row in self.rows("agreements", client)]
        planned = any(day(at) >= today for at, _, _ in self.steps(client, today))
        if "customer" not in kind or planned or any(row["status"] in OPEN for row in own):
            return 0
        bought = {day(row["fulfilled_at"]) for row in own if row["status"] == "fulfilled"}
        days = sorted(each for each in bought if each <= today)
        if not days:
            return 0
        gaps = [(later - earlier).days for earlier, later in pairwise(days)]
        rhythm = Fraction(median(gaps)) if len(days) >= 3 else None
        most = Fraction(90) if rhythm is None else min(max(2 * rhythm, Fraction(30)), Fraction(365))
        lost = max(Fraction(365), 4 * (rhythm or 0))
        silent = (today - days[-1]).days
        return silent - int(most) if most < silent <= lost and not _is_seasonal(days) else 0

    def discipline(self, scope: str, who: str) -> dict[str, Fraction | int | None]:
        """The facts of the month of the day, of an employee, a branch or the company."""
        today = self.now.date()

        def mine(client: str, employee: str) -> bool:
            own = {"employee": employee, "branch": self.branch(client, employee)}
            return scope == "company" or own[scope] == who

        steps, clients, asked = [], [], []
        for key in self.listed():
            own = self.steps(key, today)
            steps += [day(at) < today for at, _, r in own if mine(key, self.who(key, r))]
            open_ = [(k, a) for k, a in self.rows("agreements", key) if a["status"] in OPEN]
            row = self.tables["clients"][key]
            newest = max(
                ((a["agreed_at"], a.get("owner") or "") for _, a in open_), default=("", "")
            )
            if (open_ or row.get("status") == "inquired") and mine(
                key, row.get("owner") or newest[1]
            ):
                clients.append(not own)
        missed = 0
        for key, row in self.rows("contacts"):
            client, at = row["client"], row["contact_at"]
            in_month = day(at).strftime("%Y-%m") == today.strftime("%Y-%m") and day(at) <= today
            if not in_month or not mine(client, row.get("employee") or ""):
                continue
            end = datetime.combine(today, time.max)
            missed += any(key == other for _, other in self.missed(client, end, None))
            asked += self._answered(client, row, today)
        shares = {"overdue_steps": steps, "no_next_step": clients, "standards": asked}
        ratios = {
            name: Fraction(sum(each), len(each)) if each else None for name, each in shares.items()
        }
        return {**ratios, "missed": missed}

    def _answered(self, client: str, row: Row, today: date) -> list[bool]:
        """Whether it was answered in time; nothing where no standard speaks of it, or not yet."""
        hours = self.hours.get(row.get("reason") or "", self.hours.get("", 0))
        if row.get("direction") != "in" or row["status"] not in ("held", "no_answer") or not hours:
            return []
        until = last(row["contact_at"]) + timedelta(hours=hours)
        good = row["status"] == "held" or any(
            last(at) > first(row["contact_at"]) and first(at) <= until
            for _, at in self.held(client, today)
        )
        return [good] if good or until.date() < today else []


def _satisfies(at: str, key: str, step: Step, since: str) -> bool:
    if day(at) < day(step[0]) or (step[1] == "next_step" and key == step[2]):
        return False
    return last(at) > last(since) or (timed(at) and timed(step[0]) and first(at) >= first(step[0]))


def _group(at: str, now: datetime) -> str:
    on, today = day(at), now.date()
    if on < today or (timed(at) and first(at) < now):
        return "overdue"
    if on <= today + timedelta(1):
        return "today" if on == today else "tomorrow"
    return "this_week" if on.isocalendar()[:2] == today.isocalendar()[:2] else ""


def _is_seasonal(days: list[date]) -> bool:
    months = {each.month for each in days}
    threes = ({(m + n) % 12 + 1 for n in range(3)} for m in range(12))
    return len({each.year for each in days}) > 1 and any(months <= three for three in threes)
