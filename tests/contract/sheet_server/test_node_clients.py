"""Clients of another language, unmodified: google-spreadsheet and googleapis for Node."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
FOLDER = os.environ.get("CRM_SYNC_NODE", "")


@pytest.mark.parametrize(
    ("package", "script"),
    [("google-spreadsheet", "google_spreadsheet.cjs"), ("googleapis", "googleapis.cjs")],
)
def test_a_client_for_node_does_what_it_does_with_google(
    package: str, script: str, server: Any
) -> None:
    node = shutil.which("node")
    if node is None or not (Path(FOLDER) / "node_modules" / package).is_dir():
        pytest.skip(f"CRM_SYNC_NODE names no folder in which `npm install {package}` was run")

    done = subprocess.run(
        [node, HERE / script, FOLDER, server.url, server.token_for("node@example.com")],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert (done.returncode, done.stderr) == (0, "")
