"""A configuration to start from, its comments in the language of its reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crm_sync.config.sample_surroundings import surroundings_lines
from crm_sync.config.sample_text import comment, quoted
from crm_sync.config.sample_workbooks import SampleWorkbook, workbook_lines
from crm_sync.messages import Messages


@dataclass(frozen=True)
class SampleValues:
    """What a sample says. Paths are relative to the folder that it is written to."""

    timezone: str = "Europe/Moscow"
    currency: str = "RUB"
    phone_region: str = "RU"
    store: str = "data/crm.db"
    workbooks: tuple[SampleWorkbook, ...] = (SampleWorkbook(),)
    allow: tuple[str, ...] | None = None


def sample_config(language: str, values: SampleValues | None = None) -> str:
    """The text of a config.toml, by default one that works as it stands: one store, one local
    workbook. Each key is explained in this language. `load_config` takes the text.
    """
    return "\n".join(_lines(Messages(language), values or SampleValues()))


def _lines(messages: Messages, values: SampleValues) -> Iterator[str]:
    say = messages.text
    if values == SampleValues():
        text = say("A sample that works as it stands: one store and one workbook, here.")
        yield from comment(text)
    yield from comment(
        say("Paths are relative to this file. Lines that begin with # are comments.")
    )
    yield ""
    yield from comment(say("The language of headings, drop-downs and messages: en or ru."))
    yield f"language = {quoted(messages.language)}"
    yield ""
    yield from comment(say("Where the company works: this decides what “today” is."))
    yield f"timezone = {quoted(values.timezone)}"
    yield ""
    yield from comment(say("The currency of sums that name none (ISO 4217)."))
    yield f"currency = {quoted(values.currency)}"
    yield ""
    yield from comment(say("The country of phone numbers that are typed without +7, +44 ..."))
    yield f"phone_region = {quoted(values.phone_region)}"
    yield ""
    yield from comment(
        say(
            "What happens when somebody edits a column that crm-sync fills: warn asks first, lock "
            "forbids it (and with it, to sort and to delete rows), none does nothing."
        )
    )
    yield 'protection = "warn"'
    yield ""
    yield from comment(say("Changes dated up to this day wait for the owner: crm-sync review."))
    yield "# closed_until = 2026-01-31"
    yield from ("", "", "[store]")
    yield from comment(
        say("The one SQLite file that holds everything. Any SQLite program may open it.")
    )
    yield f"path = {quoted(values.store)}"
    yield from workbook_lines(messages, values.workbooks)
    yield from _limits(messages)
    yield from _conflicts(messages)
    yield from _backup(messages)
    yield from surroundings_lines(messages, values.allow)
    yield from _reports(messages)
    yield from _thresholds(messages)
    yield from _scores(messages)
    yield from _requests(messages)
    yield from _columns(messages)


def _limits(messages: Messages) -> Iterator[str]:
    say = messages.text
    yield from ("", "")
    yield from comment(
        say(
            "A run that would do more than this stops before it writes, says the numbers, and names"
            " the command that goes ahead."
        )
    )
    yield "[limits]"
    yield from comment(say("Deleted rows of one tab: it stops above this many ..."))
    yield "delete_rows = 5"
    yield from comment(say("... if they are also more than this share of the tab."))
    yield "delete_share = 0.05"
    yield from comment(
        say("Changed cells of one column: it stops above this share of its rows ...")
    )
    yield "column_share = 0.30"
    yield from comment(say("... if they are also more than this many."))
    yield "column_rows = 10"


def _conflicts(messages: Messages) -> Iterator[str]:
    say = messages.text
    yield from ("", "")
    yield from comment(
        say(
            "Both sides changed a field: a person decides, unless it stands in one of these lists."
            " The value that gives way is kept in the history."
        )
    )
    yield "[conflicts]"
    yield "sheet = []"
    yield "store = []"
    yield from comment(
        say("The store's value stays if it is surely the later one; else a person decides.")
    )
    yield "newest = []"
    yield '# sheet = ["clients.city", "clients.address"]'


def _backup(messages: Messages) -> Iterator[str]:
    say = messages.text
    yield from ("", "")
    yield from comment(
        say(
            "Copies of the store, made before each run that changes anything. docs/recovery.md"
            " says how to use them."
        )
    )
    yield "[backup]"
    yield from comment(say("Best on another disk. Without this line: beside the store."))
    yield '# folder = "/mnt/backups/crm"'
    yield "before_runs = true"
    yield from comment(
        say("Kept is the newest one of each of so many hours, days, weeks and months:")
    )
    yield "hourly = 24"
    yield "daily = 14"
    yield "weekly = 8"
    yield "monthly = 12"
    yield from comment(
        say(
            "With a public key of age they are encrypted; only the private key, which you keep"
            " elsewhere, opens them."
        )
    )
    yield '# recipient = "age1..."'


def _reports(messages: Messages) -> Iterator[str]:
    say = messages.text
    yield from ("", "")
    yield from comment(
        say("The tabs that crm-sync writes by itself, beside Problems and Conflicts.")
    )
    yield "[reports]"
    yield from comment(
        say(
            "Choose from: followups, summary, comparison, seasonality, plans, kpi, customers,"
            " campaigns."
        )
    )
    yield 'tabs = ["followups", "summary", "comparison", "seasonality", "customers"]'
    yield from comment(
        say(
            "The company's lists that staff keep in the workbook as tabs: rates (of currencies),"
            " calendar (days off), sales_plan, kpi_rules, bonus_terms, standards (how soon to"
            " answer). Who opens the workbook sees them, salaries too."
        )
    )
    yield "lists = []"
    yield from comment(say("The month in which the year of reports begins."))
    yield "year_begins = 1"


def _thresholds(messages: Messages) -> Iterator[str]:
    say = messages.text
    yield from ("", "")
    yield from comment(
        say(
            "When a customer has been silent for too long. One who has bought on three days or more"
            " has a rhythm: the usual number of days between purchases."
        )
    )
    yield "[sleep]"
    yield from comment(say("After so many rhythms a customer is cooling, sleeping, lost:"))
    yield "cooling = 1.5"
    yield "sleeping = 2.0"
    yield "lost = 4.0"
    yield from comment(
        say("But sleeping after so many days at the earliest, and at the latest (lost: earliest):")
    )
    yield "least_days = 30"
    yield "most_days = 365"
    yield from comment(
        say("Without a rhythm: sleeping after so many days, if the product group says no other.")
    )
    yield "default_days = 90"
    yield from comment(
        say("One who only ever buys within so many months of the year is not expected in others.")
    )
    yield "season_months = 3"
    yield from comment(say("After a talk a sleeping customer is not listed for so many days:"))
    yield "recall_days = 30"
    yield from comment(say("A missed call is listed after so many hours:"))
    yield "missed_call_hours = 0"


def _scores(messages: Messages) -> Iterator[str]:
    say = messages.text
    yield from ("", "")
    yield from comment(
        say(
            "Scores from 1 to 5 by the last purchase, number and sum of purchases: each fifth of"
            " the customers who have bought within recent_days has one."
        )
    )
    yield "[rfm]"
    yield "recent_days = 365"
    yield from comment(say("New is whose first purchase is no older than so many days:"))
    yield "new_days = 60"
    yield from comment(
        say(
            "With fewer customers than this, the scores 2, 3, 4, 5 go by fixed numbers, if they are"
            " given: at most so many days of silence, at least so many purchases, so much money."
        )
    )
    yield "few = 25"
    yield "# days = [180, 90, 60, 30]"
    yield "# purchases = [2, 3, 5, 10]"
    yield "# money = [1000, 5000, 20000, 100000]"


def _requests(messages: Messages) -> Iterator[str]:
    say = messages.text
    yield from ("", "")
    yield from comment(say("How long a server may take, in seconds."))
    yield "[requests]"
    yield from comment(say("Until it takes the call:"))
    yield "connect_timeout = 10"
    yield from comment(say("Until it answers:"))
    yield "read_timeout = 60"
    yield from comment(say("All requests of one run together, with their repetitions:"))
    yield "budget = 300"
    yield from comment(
        say(
            "So many reads, and so many writes, are sent within a minute by one account; a run "
            "waits rather than ask for more. Without this line: 60 of Google, which allows no "
            "more, and any number of a local server."
        )
    )
    yield "# per_minute = 60"
    yield from comment(
        say(
            "A run over several workbooks begins no further one after so many minutes; those that "
            "had to wait come first in the next run:"
        )
    )
    yield "run_minutes = 15"
    yield ""


def _columns(messages: Messages) -> Iterator[str]:
    say = messages.text
    yield ""
    yield from comment(
        say(
            "A column of your own in a tab, checked and kept like the others: one section for each."
        )
    )
    yield "#"
    yield "# [[columns]]"
    yield '# table = "clients"'
    yield '# field = "discount"'
    yield '# kind = "decimal"'
    yield "# minimum = 0"
    yield "# maximum = 100"
    yield '# headings = { en = "Discount, %", ru = "Скидка, %" }'
    yield ""
