"""docs/faults.md tells of every fault that was looked at, docs/proof.md of every invariant; the
tests that they name exist.
"""

from __future__ import annotations

import re

from tests.docs.fenced import ROOT

FAULTS = {"A": 22, "B": 11, "C": 22, "D": 28, "E": 19, "F": 23, "G": 9}


def text(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


def test_each_fault_has_one_row() -> None:
    rows = re.findall(r"^\| ([A-G]\d+) \|", text("faults"), re.MULTILINE)
    wanted = [f"{group}{number + 1}" for group, count in FAULTS.items() for number in range(count)]
    assert rows == wanted


def test_each_invariant_has_one_row() -> None:
    rows = re.findall(r"^\| (I\d+) \|", text("proof"), re.MULTILINE)
    assert rows == [f"I{number + 1}" for number in range(24)]


def test_each_test_that_is_named_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", text("faults") + text("proof")))
    written = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(named) > 150
    assert named - written == set()
