"""What a plan notices beside its merge: records that seem to be one, plans that do not add up, grey
cells that staff typed into.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from crm_sync.core.binding import letters
from crm_sync.core.duplicates import DUPLICATE, Shared
from crm_sync.core.findings import Problem, Severity
from crm_sync.core.grid import column_letter
from crm_sync.core.leaks import LEAK, Leak, leaks
from crm_sync.core.leaving import belongs
from crm_sync.core.merging import TabWork
from crm_sync.core.plan import TabPlan
from crm_sync.core.rows import SheetRow
from crm_sync.core.schema import Field, FilledBy
from crm_sync.core.values import N_, Scalar, Unreadable, cell_text, is_blank
from crm_sync.ports import Touched
from crm_sync.reports.activity import Scope
from crm_sync.reports.company_lists import plans_in
from crm_sync.reports.plans import plan_mismatches
from crm_sync.services.world import World

_MOST_NAMED = 3


def shared_keys(
    work: TabWork,
    world: World,
    rows: Mapping[str, SheetRow],
    arriving: Set[str],
    shared: Shared,
) -> Iterator[Problem]:
    """A warning for each record of the tab that shares a phone, an e-mail or a tax id with another;
    for the `arriving` ones without a row, which they get by this plan. Records that this workbook
    does not show are not named.
    """
    table, records = work.tab.table, world.records[work.tab.table.name]
    for record_id, (name, value, others) in shared.items():
        row = rows.get(record_id)
        if (row is None and record_id not in arriving) or name in work.unseen:
            continue
        here = [each for each in sorted(others) if each in rows or belongs(work, records[each])]
        named = [f"{world.name(table.name, other)} ({other})" for other in here[:_MOST_NAMED]]
        unnamed = len(others) - len(named)
        yield Problem(
            table.name,
            DUPLICATE,
            Severity.WARN,
            N_("{value} is also that of {others}.")
            if named and not unnamed
            else N_("{value} is also that of {others} and of {count} more.")
            if named
            else N_("{value} is also that of a client who is not in this workbook."),
            N_(
                "If it is one client, choose “Merge duplicates” in Problems, "
                "else “Accept as it is”."
            )
            if len(here) == len(others) == 1
            else N_("Correct it, or choose “Accept as it is” in the tab Problems."),
            record_id,
            name,
            row.number if row else None,
            work.binding.columns.get(name) if row else None,
            cell_text(row.cells.get(name)) if row else "",
            value,
            {
                "value": cell_text(work.codecs[name].format(value)),
                "others": ", ".join(named),
                "count": str(unnamed),
                "one": here[0] if len(here) == len(others) == 1 else "",
            },
        )


def uneven_plans(work: TabWork, world: World, rows: Mapping[str, SheetRow]) -> Iterator[Problem]:
    """A warning for each plan of this tab that the plans of its parts do not make up."""
    book = world.book()
    plans = plans_in(book)
    branches = {key: each.branch for key, each in book.employees.items()}
    for each in plan_mismatches(plans.values(), branches):
        # Of two plans for the same the last one holds.
        record_id = [
            key
            for key, plan in plans.items()
            if (plan.period, plan.indicator, plan.subject)
            == (each.period, each.indicator, each.subject)
        ][-1]
        row = rows.get(record_id)
        if row is None:
            continue
        own, parts = (
            cell_text(work.codecs["value"].format(str(value))) for value in (each.own, each.parts)
        )
        yield Problem(
            work.tab.table.name,
            "V14",
            Severity.WARN,
            N_("The plan is {own}, yet the plans of its employees make {parts}.")
            if each.subject.scope is Scope.BRANCH
            else N_("The plan is {own}, yet the plans of its branches make {parts}."),
            N_("Make them equal, or accept it if it is meant so."),
            record_id,
            "value",
            row.number,
            work.binding.columns.get("value"),
            cell_text(row.cells.get("value")),
            str(each.own),
            {"own": own, "parts": parts},
        )


@dataclass(frozen=True)
class Moves:
    """What moved grey cells since the last run: the `records` that may show something else than
    then, None for all, and what was `touched` in the store, None if nobody can say.
    """

    records: frozenset[str] | None
    touched: Mapping[str, Mapping[str, Touched]] | None

    def was_ours(self, table: str, item: Field, record_id: str, value: Scalar) -> bool:
        """True if a cell of the field may have shown this: a value of the store's only if it was
        in the store, one that is worked out if anything moved it.
        """
        if item.derived or self.touched is None:
            return self.records is None or record_id in self.records
        return value in self.touched.get(table, {}).get(record_id, {}).get(item.name, ())


def moves_of(
    plans: Iterable[TabPlan],
    world: World,
    touched: Mapping[str, Mapping[str, Touched]] | None,
) -> Moves:
    """What the plans and the store moved."""
    return Moves(_moved_records(plans, world, touched), touched)


def _moved_records(
    plans: Iterable[TabPlan],
    world: World,
    touched: Mapping[str, Mapping[str, Touched]] | None,
) -> frozenset[str] | None:
    """The records whose grey cells the plan moves, or what was `touched` in the store since the
    last run: those that change, and the clients of contacts and agreements that do. None if a list
    changes that grey cells show, or if nobody can say.
    """
    if touched is None or touched.keys() - _DAILY:
        return None
    found: set[str] = set()
    for table, records in touched.items():
        found.update(records)
        for record_id, values in records.items():
            found.update(map(str, values.get("client", ())))
            found.add(_client_of(world, table, record_id))
    for plan in plans:
        if plan.stop is not None or (plan.changes and plan.table not in _DAILY):
            return None
        for change in plan.changes:
            found |= {change.record_id, _client_of(world, plan.table, change.record_id)}
            found.add(str(change.values.get("client") or ""))
            # Whose it was before, nobody says here.
            if "client" in change.values:
                return None
    return frozenset(found)


def _client_of(world: World, table: str, record_id: str) -> str:
    """The client of a contact or an agreement, "" for what has none."""
    record = world.records[table].get(record_id)
    return str(record.values.get("client") or "") if record else ""


def put_back(work: TabWork, plan: TabPlan, moves: Moves) -> Iterator[Problem]:
    """A remark for each grey cell that is put back although nothing moved it: somebody typed there.
    So somebody did into one that was moved, if no such column ever shows that.
    """
    table, fields = work.tab.table.name, work.tab.table.by_name
    for write in plan.cell_by_cell(_typed_into(work, plan)).writes:
        if write.before is None:
            continue
        item = fields.get(write.field)
        if (
            item is not None
            and item.filled_by is FilledBy.ENGINE
            and write.field not in work.unseen
            and not write.mends
            and not is_blank(write.before)
        ):
            read = work.codecs[write.field].parse(write.before)
            if isinstance(read, Unreadable):
                typed = cell_text(write.before)
            elif moves.was_ours(table, item, write.record_id, read):
                continue
            else:
                typed = str(read)
            yield Problem(
                table,
                "V11",
                Severity.WARN,
                N_("This column is filled by the program: “{typed}” was put back."),
                N_(
                    "Type it into a white column if it matters, then choose “Accept as it is” in "
                    "the tab Problems."
                ),
                write.record_id,
                write.field,
                write.row,
                write.column,
                typed,
                params={"typed": typed},
            )


def _typed_into(work: TabWork, plan: TabPlan) -> frozenset[int]:
    """The new rows with something in a grey cell that is written."""
    block, fields = plan.block, work.tab.table.by_name
    if block is None:
        return frozenset()
    return frozenset(
        row
        for item in block.fillings
        if item.field in fields and fields[item.field].filled_by is FilledBy.ENGINE
        for row, cell in zip(block.rows, block.before(item.column), strict=True)
        if cell is not None
    )


def told_of_columns(work: TabWork) -> Iterator[Problem]:
    """What is amiss with whole columns."""
    yield from _doubled_headings(work)
    yield from _leaking_formulas(work)


def _doubled_headings(work: TabWork) -> Iterator[Problem]:
    """What stands in columns that bear one heading is neither taken nor filled, for nobody knows
    which of them is meant.
    """
    for name, columns in work.binding.doubled.items():
        yield Problem(
            work.tab.table.name,
            "HEADING",
            Severity.REJECT,
            N_("The heading “{heading}” stands twice, above the columns {letters}: none is read."),
            N_("Rename or remove one of the two columns, then sync again."),
            field=name,
            typed=letters(columns),
            params={"heading": work.tab.by_field[name].heading, "letters": letters(columns)},
        )


def _leaking_formulas(work: TabWork) -> Iterator[Problem]:
    """A warning for each column, function and address by which formulas carry cells out of the
    workbook: one for many cells, since a whole column is filled in one go.
    """
    read, fields = work.read, {place: name for name, place in work.binding.columns.items()}
    first: dict[tuple[int, Leak], int] = {}
    for (row, column), formula in sorted(read.formulas.items()):
        for leak in leaks(formula):
            first.setdefault((column, leak), row)
    for (column, leak), row in first.items():
        heading = cell_text(read.cell(work.binding.header_row, column)) or column_letter(column)
        yield Problem(
            work.tab.table.name,
            LEAK,
            Severity.WARN,
            N_(
                "{function} in the column “{heading}” takes what stands in cells out of the "
                "workbook, to {address}."
            )
            if leak.address
            else N_(
                "{function} in the column “{heading}” takes what stands in cells out of the "
                "workbook, to an address that is put together from cells."
            ),
            N_(
                "If nobody meant that, delete the formula and find out who put it there; else "
                "choose “Accept as it is” in the tab Problems."
            ),
            field=fields.get(column, ""),
            row=row if row > work.binding.header_row else None,
            # A cell in a column of the staff's own is not painted.
            column=column if column in fields else None,
            typed=f"{leak.function} {leak.address}".strip(),
            params={"function": leak.function, "heading": heading, "address": leak.address},
        )


_DAILY = frozenset({"clients", "contacts", "agreements"})
