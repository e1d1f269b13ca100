"""The search language of Drive's files.list."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sync.sheet_server.drive_error import DriveError
from crm_sync.sheet_server.drive_query import Candidate, in_order, parse_query

SHEET = "application/vnd.google-apps.spreadsheet"


def candidate(
    name: str = "Clients 2024",
    *,
    mime_type: str = SHEET,
    trashed: bool = False,
    day: int = 15,
) -> Candidate:
    moment = datetime(2024, 5, day, 12, tzinfo=UTC)
    return Candidate(
        name=name,
        mime_type=mime_type,
        created=moment,
        modified=moment,
        trashed=trashed,
        parents=("folder-1", "root"),
        owners=("ann@example.com", "me"),
        writers=("ann@example.com", "me", "bob@example.com"),
        readers=("ann@example.com", "me", "bob@example.com"),
        shared_with_me=False,
        starred=False,
        properties={"branch": "north"},
        app_properties={},
    )


@pytest.mark.parametrize(
    ("query", "passes"),
    [
        ("", True),
        (f'mimeType="{SHEET}"', True),
        (f"mimeType = '{SHEET}' and name = 'Clients 2024'", True),
        ("name = 'clients 2024'", True),
        ("name = 'Clients'", False),
        ("name contains 'cli'", True),
        ("name contains 'lients'", False),
        ("name contains '2024'", True),
        ("fullText contains 'clients'", True),
        ("name != 'x'", True),
        ("not name = 'x'", True),
        ("trashed = false", True),
        ("trashed = true", False),
        ("trashed != true", True),
        ("'folder-1' in parents", True),
        ('parents in "folder-1"', True),
        ("'root' in parents", True),
        ("'other' in parents", False),
        ("'me' in owners", True),
        ("'BOB@example.com' in writers", True),
        ("'bob@example.com' in owners", False),
        ("modifiedTime > '2024-05-01T00:00:00'", True),
        ("modifiedTime > '2024-05-15T14:00:00+01:00'", False),
        ("createdTime <= '2024-05-15T12:00:00Z'", True),
        ("properties has { key='branch' and value='north' }", True),
        ("properties has { key='branch' and value='south' }", False),
        ("trashed = true or name contains 'cl' and starred = false", True),
        ("(trashed = true or name contains 'cl') and starred = true", False),
        ("sharedWithMe = false", True),
    ],
)
def test_query_is_read_as_drive_reads_it(query: str, passes: bool) -> None:
    assert parse_query(query)(candidate()) is passes


def test_quotes_and_backslashes_in_a_value_are_escaped_with_a_backslash() -> None:
    assert parse_query(r"name = 'Jon\'s \\ book'")(candidate("Jon's \\ book"))


@pytest.mark.parametrize(
    "query",
    [
        "name",
        "name =",
        "name = Clients",
        "colour = 'red'",
        "name > 'x'",
        "(name = 'x'",
        "name = 'x')",
        "name = 'x' and",
        "name = 'x' name = 'y'",
        "trashed = maybe",
        "modifiedTime > 'yesterday'",
        "properties has { key='a' }",
        "name = 'open",
        "'x' in colours",
        "and",
        "§",
    ],
)
def test_query_that_drive_cannot_read_is_refused_by_its_place(query: str) -> None:
    with pytest.raises(DriveError) as caught:
        parse_query(query)
    assert (caught.value.code, caught.value.reason, caught.value.location) == (400, "invalid", "q")


@pytest.mark.parametrize(
    ("order", "names"),
    [
        (None, ["b10", "b2", "a folder"]),
        ("modifiedTime", ["a folder", "b2", "b10"]),
        ("modifiedTime desc", ["b10", "b2", "a folder"]),
        ("name", ["a folder", "b10", "b2"]),
        ("name_natural desc", ["b10", "b2", "a folder"]),
        ("folder,name desc", ["a folder", "b2", "b10"]),
    ],
)
def test_files_come_in_the_asked_order(order: str | None, names: list[str]) -> None:
    found = [
        (candidate("b2", day=2), "2"),
        (candidate("b10", day=3), "3"),
        (candidate("a folder", mime_type="application/vnd.google-apps.folder", day=1), "1"),
    ]
    assert [file.name for file, _ in in_order(found, order)] == names


def test_unknown_order_is_refused() -> None:
    with pytest.raises(DriveError, match="Invalid Value"):
        in_order([], "colour")


@given(st.text(max_size=30))
def test_any_text_is_a_query_or_a_refusal(text: str) -> None:
    try:
        test = parse_query(text)
    except DriveError:
        return
    assert test(candidate()) in (True, False)


@given(st.text(max_size=20))
def test_every_name_can_be_searched_for(name: str) -> None:
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    assert parse_query(f"name = '{escaped}'")(candidate(name))
