"""Runs that go by themselves, and what they leave behind: lines, figures, notes."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import stat
import subprocess
from pathlib import Path

import pytest
from filelock import FileLock
from prometheus_client.parser import text_string_to_metric_families

from crm_sync.cli.watch import Ending, Pace
from tests.cli.command import COMMAND, Crm, contents, in_a_process
from tests.cli.test_bad_config import assert_refused
from tests.docs.test_json_output import assert_described


def figures(file: Path) -> dict[tuple[str, str], float]:
    """Values by metric and its first label's value, as Prometheus reads them."""
    families = text_string_to_metric_families(file.read_text(encoding="utf-8"))
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in families
        for sample in family.samples
    }


def test_log_line_says_what_a_run_did(crm: Crm, config: Path) -> None:
    with sqlite3.connect(config.with_name("crm.db")) as store:
        store.execute("update clients set city = 'Bergen' where city = 'Stavern'")
    store.close()
    said = crm("sync", "--log-json", "-c", config)
    assert (said.code, said.err) == (0, "")
    assert len(said.out.splitlines()) == 1
    assert_described(said.json, "Log line")
    assert (said.json["outcome"], said.json["error"]) == ("synced", "")
    assert said.json["counts"]["rows_changed"] >= 1
    assert said.json["requests"] >= 3
    unchanged = crm("sync", "--log-json", "-c", config).json
    assert (unchanged["outcome"], unchanged["requests"]) == ("unchanged", 1)
    assert (unchanged["conflicts"], unchanged["problems"]) == (1, said.json["problems"])


def test_log_line_says_what_ended_a_run(crm: Crm, config: Path) -> None:
    config.with_name("workbook.db").unlink()
    said = crm("sync", "--log-json", "-c", config)
    assert (said.code, said.err) == (5, "")
    assert_described(said.json, "Log line")
    assert said.json["error"] == "E-BOOK-GONE"
    config.with_name("crm.db").write_bytes(b"no database at all" * 100)
    said = crm("sync", "--log-json", "-c", config)
    assert (said.code, said.err) == (6, "")
    assert (said.json["workbook"], said.json["error"]) == ("", "E-STORE")
    said = crm("sync", "--json", "--log-json", "-c", config)
    assert (said.code, said.json["error"]["code"]) == (2, "E-USAGE")


def test_run_that_meets_another_says_so_and_leaves_no_failure(crm: Crm, config: Path) -> None:
    with FileLock(config.with_name("crm.db.lock")):
        said = crm("sync", "--log-json", "-c", config)
    assert (said.code, said.err, said.json["error"]) == (6, "", "E-RUNNING")
    looks = crm("status", "--json", "-c", config).json["status"]["last_looks"]
    assert [look["error"] for look in looks if look["error"]] == []


@pytest.mark.parametrize(
    "command", [["doctor", "--offline"], ["watch"], ["sync", "--log-json"], ["completion", "zsh"]]
)
def test_closed_pipe_ends_it_without_a_word(config: Path, command: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    said = in_a_process(*command, stdout=writing, CRM_SYNC_CONFIG=str(config))
    os.close(writing)
    assert (said.code, said.err) == (141, "")


def test_figures_are_such_as_prometheus_reads(crm: Crm, config: Path, tmp_path: Path) -> None:
    file = tmp_path / "metrics" / "crm.prom"
    file.parent.mkdir()
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("[metrics]", f'[metrics]\nfile = "{file}"'), encoding="utf-8")
    crm("sync", "-c", config)
    found = figures(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert found["crm_sync_last_run_exit_code", "office"] == 0
    assert found["crm_sync_open_conflicts", "office"] == 1
    assert found["crm_sync_records", "clients"] == 126
    success = found["crm_sync_last_success_timestamp_seconds", "office"]
    config.with_name("workbook.db").unlink()
    crm("sync", "-c", config)
    found = figures(file)
    assert found["crm_sync_last_run_exit_code", "office"] == 5
    assert found["crm_sync_last_success_timestamp_seconds", "office"] == success
    assert [path.name for path in file.parent.iterdir()] == ["crm.prom"]


def test_figures_that_cannot_be_written_fail_no_run(crm: Crm, config: Path) -> None:
    text = config.read_text(encoding="utf-8")
    config.write_text(
        text.replace("[metrics]", '[metrics]\nfile = "nowhere/crm.prom"'), encoding="utf-8"
    )
    said = crm("sync", "-c", config)
    assert (said.code, said.kind) == (0, "E-HOST")


def test_dry_run_leaves_no_notes(crm: Crm, config: Path) -> None:
    notes = config.with_name("crm.db.notes.json")
    notes.unlink(missing_ok=True)
    before = contents(config.parent)
    crm("sync", "--dry-run", "-c", config)
    assert not notes.exists()
    assert contents(config.parent) == before


def test_notes_that_cannot_be_read_are_made_anew(crm: Crm, config: Path) -> None:
    notes = config.with_name("crm.db.notes.json")
    for rubbish in (b"", b"[]", b'{"runs": 1, "told": [], "asked": {}}'):
        notes.write_bytes(rubbish)
        assert crm("sync", "-c", config).code == 0
        assert json.loads(notes.read_bytes())["runs"]["office"]["outcome"] == "unchanged"
    assert stat.S_IMODE(notes.stat().st_mode) == 0o600


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_watch_ends_when_told_with_its_last_run_whole(config: Path, by: signal.Signals) -> None:
    command = [*COMMAND, "watch", "-c", str(config)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as process:
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        process.send_signal(by)
        _, err = process.communicate(timeout=30)
    assert line["outcome"] == "unchanged"
    assert (process.returncode, err) == (0, "Stopped; the last run is whole.\n")


def test_watch_goes_on_when_a_run_fails(crm: Crm, config: Path) -> None:
    config.with_name("workbook.db").unlink()
    said = crm("watch", "--runs", "1", "-c", config)
    assert said.code == 5
    assert json.loads(said.out)["error"] == "E-BOOK-GONE"
    assert_refused(crm("watch", "nobody", "-c", config), 2, "E-NOT-FOUND")
    assert_refused(crm("watch", "--every", "0", "-c", config), 2, "E-USAGE")
    assert_refused(crm("watch", "-c", config.with_name("x.toml")), 5, "E-CONFIG")


def test_pause_grows_while_runs_fail_to_an_hour_at_most() -> None:
    pace = Pace(300)
    pauses = [pace.after(failed=True) for _ in range(5)]
    assert pauses == [600, 1200, 2400, 3600, 3600]
    assert pace.after(failed=False) == 300
    assert Pace(7200).after(failed=True) == 7200


def test_second_signal_and_one_while_nothing_is_on_its_way_end_at_once() -> None:
    ending = Ending()
    ending.on_waiting(5)
    ending.on_signal(signal.SIGTERM, None)
    with pytest.raises(KeyboardInterrupt):
        ending.on_waiting(5)
    with pytest.raises(KeyboardInterrupt):
        ending.on_signal(signal.SIGTERM, None)
