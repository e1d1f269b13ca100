"""Errors of SQLite in words that a person can act on."""

import sqlite3
from pathlib import Path

import pytest

from crm_sync.errors import StoreError
from crm_sync.store.failures import told_plainly

PATH = Path("data/crm.db")


def told(error: Exception) -> StoreError:
    with pytest.raises(StoreError) as caught, told_plainly(PATH):
        raise error
    assert caught.value.__cause__ is error
    return caught.value


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("SQLITE_NOTADB", "is not a SQLite database"),
        ("SQLITE_CORRUPT_INDEX", "is damaged"),
        ("SQLITE_FULL", "disk is full"),
        ("SQLITE_READONLY_DIRECTORY", "read-only"),
        ("SQLITE_CANTOPEN_ISDIR", "cannot be opened"),
        ("SQLITE_PERM", "cannot be opened"),
        ("SQLITE_BUSY_SNAPSHOT", "Another program is using"),
        ("SQLITE_LOCKED_SHAREDCACHE", "Another program is using"),
        ("SQLITE_IOERR_FSYNC", "disk reports an error"),
        ("SQLITE_CONSTRAINT_FOREIGNKEY", "would refer to one"),
        ("SQLITE_CONSTRAINT_NOTNULL", "SQLite refuses this"),
        ("SQLITE_TOOBIG", "SQLite refuses this"),
    ],
)
def test_each_kind_of_failure_names_the_store_and_what_to_do(name: str, words: str) -> None:
    error = sqlite3.OperationalError("what SQLite says")
    error.sqlite_errorcode = getattr(sqlite3, name)
    failure = told(error)
    assert words in str(failure)
    assert str(PATH) in str(failure)
    assert failure.hint


def test_failure_of_the_system_is_told_by_its_name() -> None:
    assert "Too many open files" in str(told(OSError(24, "Too many open files")))


@pytest.mark.parametrize(
    "error",
    [UnicodeEncodeError("utf-8", "secret", 0, 1, "secret"), OverflowError("79121234567 is secret")],
)
def test_value_that_cannot_be_kept_is_not_shown(error: Exception) -> None:
    failure = told(error)
    assert "secret" not in str(failure)
    assert "cells last typed" in failure.hint


def test_fault_of_ours_passes_as_it_is() -> None:
    with pytest.raises(sqlite3.ProgrammingError), told_plainly(PATH):
        raise sqlite3.ProgrammingError("Cannot operate on a closed database.")
