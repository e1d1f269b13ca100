"""All that can be wrong is found, with its remedy."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from crm_sync.services.checkup import State
from crm_sync.wiring.checkup import clock_checks
from crm_sync.wiring.trying import Tried
from tests.cli.command import Crm, Said, contents, is_russian
from tests.cli.test_bad_config import LANGUAGES


def states(said: Said) -> dict[str, str]:
    checks = said.json["checks"]
    order = ["ok", "warning", "error"]
    found: dict[str, str] = {}
    for item in checks:
        worst = max(found.get(item["area"], "ok"), item["state"], key=order.index)
        found[item["area"]] = worst
    return found


def test_healthy_company_has_nothing_to_mend_and_is_not_touched(crm: Crm, config: Path) -> None:
    before = contents(config.parent)
    said = crm("doctor", "--json", "-c", config)
    found = states(said)
    assert (said.code, said.err) == (0, "")
    assert said.json["healthy"]
    assert [found[area] for area in ("config", "sqlite", "disk", "store", "backups", "reach")] == [
        "ok"
    ] * 6
    assert found["schedule"] == "warning"
    assert contents(config.parent) == before


def damage(config: Path) -> None:
    config.with_name("crm.db").write_bytes(b"no database at all" * 100)


def remove(config: Path) -> None:
    config.with_name("crm.db").unlink()


def open_mode(config: Path) -> None:
    config.chmod(0o666)


def old_conflict(config: Path) -> None:
    with sqlite3.connect(config.with_name("crm.db")) as store:
        store.execute("update conflicts set opened_at = '2026-01-01T00:00:00+00:00'")
    store.close()


def no_workbook(config: Path) -> None:
    config.with_name("workbook.db").unlink()


def no_key(config: Path) -> None:
    text = config.read_text(encoding="utf-8")
    more = '\n[[workbooks]]\nname = "sales"\nkind = "google"\nid = "' + "x" * 30 + '"\n'
    config.write_text(text + more, encoding="utf-8")


def no_config(config: Path) -> None:
    config.write_text("language = 5", encoding="utf-8")


def no_password(config: Path) -> None:
    text = config.read_text(encoding="utf-8")
    mail = '[notify.email]\nhost = "localhost"\nuser = "x"\nsender = "a@b.cc"\nto = ["a@b.cc"]\n'
    config.write_text(text.replace("[metrics]", f"{mail}[metrics]"), encoding="utf-8")


def no_place_for_figures(config: Path) -> None:
    text = config.read_text(encoding="utf-8")
    figures = '[metrics]\nfile = "nowhere/crm.prom"'
    config.write_text(text.replace("[metrics]", figures), encoding="utf-8")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("spoil", "area", "state"),
    [
        (damage, "store", "error"),
        (remove, "store", "error"),
        (open_mode, "files", "error"),
        (old_conflict, "conflicts", "warning"),
        (no_workbook, "reach", "error"),
        (no_key, "key", "error"),
        (no_config, "config", "error"),
        (no_password, "notify", "error"),
        (no_place_for_figures, "metrics", "error"),
    ],
    ids=lambda item: getattr(item, "__name__", item),
)
def test_what_is_wrong_is_found_with_its_remedy(
    crm: Crm, config: Path, spoil: Callable[[Path], None], area: str, state: str, lang: str
) -> None:
    spoil(config)
    offline = [] if area in ("reach", "key") else ["--offline"]
    said = crm("doctor", "--json", *offline, "-c", config, "--lang", lang)
    assert states(said)[area] == state
    assert said.code == (1 if state == "error" else 0)
    assert all(item["remedy"] for item in said.json["checks"] if item["state"] != "ok")
    assert is_russian(" ".join(item["message"] for item in said.json["checks"])) == (lang == "ru")


@pytest.mark.parametrize(
    ("skew", "states"), [(30, []), (-90, [State.WARNING]), (300, [State.ERROR])]
)
def test_clock_that_is_off_is_told_before_google_refuses_it(
    skew: float, states: list[State]
) -> None:
    assert [item.state for item in clock_checks(Tried("office", skew=skew))] == states


def test_run_at_work_is_seen(crm: Crm, config: Path) -> None:
    with FileLock(config.with_name("crm.db.lock")):
        assert states(crm("doctor", "--offline", "--json", "-c", config))["lock"] == "warning"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_screen_says_what_to_type(crm: Crm, config: Path, lang: str) -> None:
    said = crm("doctor", "--offline", "-c", config, "--lang", lang)
    assert "schedule install" in said.out
    assert said.code == 0
