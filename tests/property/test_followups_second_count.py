"""Each line of the follow-ups and each share of the KPI a second time, over generated stores."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sync.reports.activity import Activity, Indicator, Scope, Subject
from crm_sync.reports.book import Book
from crm_sync.reports.discipline import Discipline, Quality
from crm_sync.reports.followup_groups import ListTerms
from crm_sync.reports.followups import followups
from crm_sync.reports.history import History
from crm_sync.reports.intake import sales_of
from crm_sync.reports.periods import Window
from crm_sync.reports.workdays import CalendarDay, WorkCalendar
from tests.property.recount import Recount
from tests.unit.reports.build import Rows, book
from tests.unit.reports.test_followup_groups import CLIENT_STATUSES

ZONES = {"B1": "Asia/Vladivostok", "B2": "Pacific/Honolulu"}
EMPLOYEES: Rows = {
    "E1": {"name": "Petrov", "branch": "B1"},
    "E2": {"name": "Ivanov", "branch": "B2"},
    "E3": {"name": "Sidorov"},
}
HOURS = {"inquiry": 2, "": 24}
MAX_DAYS = {("agreement", "in_progress"): 14, ("client", "inquired"): 10}
# The end of a February, of a leap one, of a year, a Sunday, a change of clocks.
TODAYS = [
    date(2026, 2, 28),
    date(2028, 2, 29),
    date(2026, 12, 31),
    date(2026, 3, 15),
    date(2026, 3, 29),
]
NEAR = st.integers(-4, 8) | st.sampled_from([-400, -91, -60, -30, -15, 40])
PAST = st.integers(-4, 0) | st.sampled_from([-400, -100, -91, -90, -60, -31, -30, -15])
TIME = st.sampled_from(["", "", " 00:00", " 09:00", " 20:00", " 20:01", " 23:59"])
WHO = st.sampled_from([None, "E1", "E2", "E3"])
CLIENT = st.sampled_from(["C1", "C2", "C3"])


def told_by(today: date, numbers: st.SearchStrategy[int]) -> st.SearchStrategy[str]:
    return numbers.map(lambda days: (today + timedelta(days)).isoformat())


def moments(today: date) -> st.SearchStrategy[str]:
    return st.builds(str.__add__, told_by(today, NEAR), TIME)


def maybe(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | of


@st.composite
def stores(draw: st.DrawFn) -> tuple[Book, Recount]:
    today = draw(st.sampled_from(TODAYS))
    at, past = moments(today), told_by(today, PAST)
    client = st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["customer", "supplier", "customer; supplier"]),
            "status": st.sampled_from([None, "inquired", "served", "lost"]),
            "owner": WHO,
            "branch": st.sampled_from([None, "B1", "B2"]),
            "do_not_contact": st.sampled_from([None, None, None, 1]),
        }
    )
    agreement = st.fixed_dictionaries(
        {
            "client": CLIENT,
            "status": st.sampled_from(["in_progress", "on_hold", "fulfilled", "declined"]),
            "obligor": st.sampled_from(["us", "client", "both"]),
            "owner": WHO,
            "agreed_at": past,
            "fulfilled_at": past,
            "amount": st.just("100"),
            "due_date": maybe(told_by(today, NEAR)),
            "next_call_at": maybe(at),
        }
    )
    contact = st.fixed_dictionaries(
        {
            "client": CLIENT,
            "contact_at": at,
            "status": st.sampled_from(["held", "no_answer", "planned", "rescheduled"]),
            "channel": st.sampled_from(["call", "call", "email"]),
            "direction": st.sampled_from(["in", "in", "out", None]),
            "reason": st.sampled_from(["inquiry", "offer"]),
            "employee": WHO,
            "agreement": st.sampled_from([None, "A0", "A1"]),
            "next_step_at": maybe(at),
        }
    )
    tables: dict[str, Rows] = {
        "clients": {f"C{n}": draw(client) for n in (1, 2, 3)},
        "agreements": {f"A{n}": row for n, row in enumerate(draw(st.lists(agreement, max_size=5)))},
        "contacts": {f"K{n}": row for n, row in enumerate(draw(st.lists(contact, max_size=6)))},
        "employees": EMPLOYEES,
    }
    gone = draw(st.sets(st.sampled_from(["C1", "A0", "K0"]), max_size=1))
    hour = draw(st.sampled_from(["12:00", "20:00", "23:59"]))
    now = datetime.fromisoformat(f"{today} {hour}").replace(tzinfo=ZoneInfo("Europe/Moscow"))
    off = draw(st.sets(st.tuples(st.sampled_from(["", "B1"]), st.integers(-2, 3)), max_size=2))
    since = today - timedelta(draw(st.integers(9, 16)))
    records = [("agreements", key) for key in tables["agreements"]] + [("clients", "C2")]
    of = book(archived=gone, statuses=CLIENT_STATUSES, **tables)
    holidays = {(branch, today + timedelta(days)) for branch, days in off}
    status_since = dict.fromkeys(records, since)
    return of, Recount(tables, gone, now, ZONES, holidays, status_since, MAX_DAYS, HOURS)


@settings(max_examples=200)
@given(stores())
def test_follow_ups_are_those_of_plain_loops(of: tuple[Book, Recount]) -> None:
    made, second = of
    terms = ListTerms(
        WorkCalendar(tuple(CalendarDay(on, False, branch) for branch, on in second.holidays)),
        zones={key: ZoneInfo(name) for key, name in ZONES.items()},
        status_since=second.status_since,
    )
    found = followups(made, second.now, terms)
    expected = second.lines()
    told = sorted((line.group, line.client, line.at, line.overdue_days) for line in found)
    assert told == sorted(line[:4] for line in expected)
    for line in found:
        (who,) = [each[4] for each in expected if each[:2] == (line.group, line.client)]
        # Several of one moment: any of those who are to act.
        assert line.owner_id in who.split("/")


@settings(max_examples=150)
@given(
    stores(),
    st.sampled_from([("employee", "E1"), ("employee", "E3"), ("branch", "B1"), ("company", "")]),
)
def test_shares_of_the_kpi_are_those_of_plain_loops(
    of: tuple[Book, Recount], subject: tuple[str, str]
) -> None:
    made, second = of
    today = second.now.date()
    facts = Discipline(Activity(History(sales_of(made), today)), Quality(hours=HOURS))
    window = Window(today.replace(day=1), today)
    for name, value in second.discipline(*subject).items():
        fact = facts.fact(Indicator(name), window, Subject(Scope(subject[0]), subject[1]))
        told = None if fact.value is None else Fraction(fact.value).limit_denominator(1000)
        assert told == value, name
