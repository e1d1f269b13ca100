"""Which clients a scope shows, what follows them, and what makes a record one of a workbook's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crm_sync.core.records import Record
from crm_sync.core.values import Scalar
from crm_sync.model.scope import FOLLOWERS, Scope, branch_of

EMPLOYEES = {
    "E-1": Record("E-1", {"name": "Anna", "branch": "B-1"}),
    "E-2": Record("E-2", {"name": "Pavel", "branch": "B-2"}),
    "E-3": Record("E-3", {"name": "Olga", "branch": None}),
}
KINDS = ("customer", "supplier", "partner")
STATUSES = ("cold", "ordered", "served")
DEFAULTS: dict[str, Scalar] = {"kind": "customer", "status": "cold"}


def some(*items: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(items), unique=True, max_size=2).map(tuple)


scopes = st.builds(
    Scope,
    branch=some("B-1", "B-2"),
    employee=some(*EMPLOYEES),
    kind=some(*KINDS),
    status=some(*STATUSES),
)
clients = st.fixed_dictionaries(
    {
        "owner": st.sampled_from([None, *EMPLOYEES, "E-9"]),
        "branch": st.sampled_from([None, "B-1", "B-2"]),
        "kind": st.sampled_from([None, "customer", "customer; supplier", "partner"]),
        "status": st.sampled_from([None, *STATUSES]),
    }
)


def records(client: dict[str, Scalar], *, archived: bool = False) -> dict[str, dict[str, Record]]:
    return {"employees": EMPLOYEES, "clients": {"C-1": Record("C-1", client, 1, archived)}}


@given(clients)
def test_scope_without_parts_shows_everything(client: dict[str, Scalar]) -> None:
    assert Scope().whole
    assert Scope().shows("clients", client, records(client))
    assert Scope().claim("clients", client, records(client)) == {}


@given(scopes, clients)
def test_client_must_pass_every_part(scope: Scope, client: dict[str, Scalar]) -> None:
    known = records(client)
    parts = (
        Scope(branch=scope.branch),
        Scope(employee=scope.employee),
        Scope(kind=scope.kind),
        Scope(status=scope.status),
    )
    shown = scope.shows("clients", client, known)
    assert shown == all(part.shows("clients", client, known) for part in parts)


@given(scopes, clients, st.sampled_from(sorted(FOLLOWERS)), st.booleans())
def test_contacts_and_agreements_are_where_their_client_is(
    scope: Scope, client: dict[str, Scalar], table: str, archived: bool
) -> None:
    known = records(client, archived=archived)
    follower: dict[str, Scalar] = {"client": "C-1", "owner": "E-2", "employee": "E-2"}
    assert scope.shows(table, follower, known) == scope.shows("clients", client, known)


@given(scopes, clients)
def test_claim_makes_a_client_one_of_the_workbooks(scope: Scope, client: dict[str, Scalar]) -> None:
    known = records(client)
    claimed = scope.claim("clients", client, known)
    assert scope.shows("clients", {**client, **claimed}, known)
    if scope.shows("clients", client, known):
        assert claimed == {}


@given(scopes)
def test_blank_new_row_belongs_to_the_workbook_that_it_is_typed_in(scope: Scope) -> None:
    known = records({})
    blank = {**DEFAULTS, **scope.starts("clients", DEFAULTS, known)}
    assert scope.shows("clients", blank, known)


@given(scopes, st.sampled_from(["statuses", "employees", "branches", "campaigns"]))
def test_reference_tables_stand_in_every_workbook(scope: Scope, table: str) -> None:
    assert scope.shows(table, {"name": "x"}, records({}))


def test_touch_of_an_unknown_client_is_shown_by_whole_workbooks_alone() -> None:
    lost: dict[str, Scalar] = {"client": "C-404"}
    assert Scope().shows("contacts", lost, records({}))
    assert not Scope(kind=("customer",)).shows("contacts", lost, records({}))


def test_branch_of_a_client_is_its_own_else_its_owners() -> None:
    known = records({})
    assert branch_of({"branch": "B-2", "owner": "E-1"}, known) == "B-2"
    assert branch_of({"branch": None, "owner": "E-1"}, known) == "B-1"
    assert branch_of({"branch": None, "owner": "E-3"}, known) is None
    assert branch_of({"branch": None, "owner": None}, known) is None


def test_one_employee_is_who_writes_down_contacts_and_agreements() -> None:
    known = records({})
    one, two = Scope(employee=("E-1",)), Scope(employee=("E-1", "E-2"))
    assert one.starts("contacts", {}, known) == {"employee": "E-1"}
    assert one.starts("agreements", {}, known) == {"owner": "E-1"}
    assert two.starts("contacts", {}, known) == {}
