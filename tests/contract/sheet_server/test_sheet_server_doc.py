"""docs/sheet-server.md says what is so: its code runs and its tables are complete."""

import re
import warnings
from pathlib import Path
from typing import Any

import pytest

from crm_sync.sheet_server import schema
from crm_sync.sheet_server.batch.runner import KINDS
from crm_sync.sheet_server.faults import FaultKind
from crm_sync.sheet_server.formula.functions import names

DOC = (Path(__file__).parents[3] / "docs" / "sheet-server.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return DOC.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_every_example_runs_in_order(
    server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names_: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", DOC, re.DOTALL):
        code = block.replace('"SECRET"', repr(server.token)).replace(
            "http://127.0.0.1:8765", server.url
        )
        if "create_service_account(" in code:
            code = code.replace('"workbooks.db"', repr(str(server.data)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            exec(code, names_)
    assert [file["name"] for file in names_["files"]["files"]] == ["Clients"]
    names_["client"].http_client.session.close()
    names_["sheets"].close()
    names_["drive"].close()


def test_every_fault_is_in_the_table() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", section("Faults for tests"), re.MULTILINE)
    assert rows == [kind.value for kind in FaultKind]


def test_what_batch_update_lacks_is_named() -> None:
    lacking = schema.field_names("Request") - KINDS.keys()
    named = set(re.findall(r"`(\w+)`", section("What differs from Google")))
    assert lacking <= named
    assert f"Formulas: {len(names())} functions." in section("What differs from Google")
