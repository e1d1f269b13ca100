"""Backups: made before runs and by hand, tried, damaged, encrypted, put back."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import Crm, contents
from tests.cli.terminal import in_a_terminal
from tests.cli.test_bad_config import LANGUAGES, assert_refused


@pytest.fixture
def folder(config: Path) -> Path:
    return config.with_name("backups")


def sql(config: Path, statement: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(config.with_name("crm.db"))
    with connection:
        found = connection.execute(statement).fetchall()
    connection.close()
    return found


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("crm-*") if path.suffix != ".json")


PHONE = "select phone from clients where id = 'C-000013'"
EDIT = "update clients set phone = '+4930007{:04}' where id = 'C-000013'"


def test_run_that_changes_anything_backs_the_store_up_first(
    crm: Crm, config: Path, folder: Path
) -> None:
    before = names(folder)
    assert crm("sync", "-c", config).code == 0
    assert names(folder) == before
    sql(config, EDIT.format(1))
    assert crm("sync", "--dry-run", "-c", config).code == 0
    assert names(folder) == before
    assert crm("sync", "-c", config).code == 0
    (made,) = set(names(folder)) - set(before)
    listed = crm("backup", "list", "--json", "-c", config).json["backups"]
    assert listed[0]["name"] == made
    assert listed[0]["reason"] == "run 3"
    assert re.search(rf"{made} .*before run 3", crm("backup", "list", "-c", config).out)


def test_backups_can_be_read_by_their_owner_alone(crm: Crm, config: Path, folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "crm-20260101T000000000Z.db.part").write_bytes(b"half of it")
    assert crm("backup", "make", "-c", config).code == 0
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert not [path for path in folder.iterdir() if path.suffix == ".part"]


def test_store_goes_back_to_a_backup_and_forward_again(
    crm: Crm, config: Path, folder: Path
) -> None:
    made = crm("backup", "make", "--json", "-c", config).json["backup"]["name"]
    before = sql(config, PHONE)
    sql(config, EDIT.format(2))
    after = sql(config, PHONE)
    assert crm("backup", "restore", made, "--yes", "-c", config).code == 0
    assert sql(config, PHONE) == before
    last = crm("backup", "list", "--json", "-c", config).json["backups"][0]
    assert last["reason"] == "before a restore"
    assert crm("backup", "restore", last["name"], "--yes", "-c", config).code == 0
    assert sql(config, PHONE) == after
    assert sql(config, "pragma integrity_check") == [("ok",)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_good_backup_is_said_to_be_good(crm: Crm, config: Path, lang: str) -> None:
    crm("backup", "make", "-c", config)
    sql(config, EDIT.format(3))
    said = crm("backup", "verify", "-c", config, "--lang", lang)
    assert (said.code, said.err) == (0, "")
    found = crm("backup", "verify", "--json", "-c", config).json["verified"]
    assert found["faults"] == []
    assert found["records"]["clients"] == 127
    assert found["shared"] > 1800


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("damage", ["cut", "flipped", "emptied", "another history"])
def test_damaged_backup_is_found_and_not_put_back(
    crm: Crm, config: Path, folder: Path, damage: str, lang: str
) -> None:
    made = folder / crm("backup", "make", "--json", "-c", config).json["backup"]["name"]
    content = made.read_bytes()
    if damage == "cut":
        made.write_bytes(content[: len(content) // 2])
    elif damage == "flipped":
        middle = len(content) // 2
        made.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    elif damage == "emptied":
        made.write_bytes(b"")
    else:
        sql(config, "update history set changes = '{}' where seq = 5")
    said = crm("backup", "verify", made.name, "-c", config, "--lang", lang)
    assert said.code == 1
    assert said.out.count("✗") >= 1
    before = sql(config, PHONE)
    refused = crm("backup", "restore", made.name, "--yes", "-c", config, "--lang", lang)
    assert_refused(refused, 6, "E-BACKUP", lang)
    assert sql(config, PHONE) == before


def test_old_backups_give_way_but_not_those_made_by_hand(
    crm: Crm, config: Path, folder: Path
) -> None:
    text = config.read_text(encoding="utf-8")
    config.write_text(re.sub(r"(hourly|daily|weekly|monthly) = \d+", r"\1 = 0", text))
    by_hand = crm("backup", "make", "--json", "-c", config).json["backup"]["name"]
    for number in range(9):
        sql(config, EDIT.format(10 + number))
        assert crm("sync", "-c", config).code == 0
    assert by_hand in names(folder)
    assert len(names(folder)) == 1 + 5


def test_encrypted_backup_opens_with_its_key_alone(
    crm: Crm, config: Path, folder: Path, tmp_path: Path
) -> None:
    pyrage = pytest.importorskip("pyrage")
    pair, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    key, wrong = tmp_path / "key.txt", tmp_path / "wrong.txt"
    key.write_text(f"# created today\n{pair}\n")
    wrong.write_text(f"{other}\n")
    text = config.read_text(encoding="utf-8").replace('# recipient = "age1..."', "recipient = 'X'")
    config.write_text(text.replace("'X'", f"'{pair.to_public()}'"), encoding="utf-8")
    made = crm("backup", "make", "--json", "-c", config).json["backup"]
    assert made["encrypted"]
    sealed = (folder / made["name"]).read_bytes()
    assert sealed.startswith(b"age-encryption.org")
    assert b"+49300074399" not in sealed
    assert not (folder / made["name"]).with_suffix("").exists()
    for options in ((), ("--key", wrong)):
        for lang in LANGUAGES:
            said = crm("backup", "verify", *options, "-c", config, "--lang", lang)
            assert_refused(said, 6, "E-STORE", lang)
    assert crm("backup", "verify", "--key", key, "-c", config).code == 0
    before = sql(config, PHONE)
    sql(config, EDIT.format(4))
    name = made["name"]
    assert crm("backup", "restore", name, "--yes", "--key", key, "-c", config).code == 0
    assert sql(config, PHONE) == before


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_not_there_is_refused(crm: Crm, config: Path, folder: Path, lang: str) -> None:
    for name in ("crm-20260101T000000000Z.db", "../crm.db", "x"):
        for command in ("verify", "restore"):
            options = ("--yes",) if command == "restore" else ()
            said = crm("backup", command, name, *options, "-c", config, "--lang", lang)
            assert_refused(said, 2, "E-NOT-FOUND", lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_run_that_cannot_be_backed_up_changes_nothing(
    crm: Crm, config: Path, folder: Path, lang: str
) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    folder.write_text("not a folder")
    sql(config, EDIT.format(5))
    said = crm("sync", "-c", config, "--lang", lang)
    assert_refused(said, 6, "E-STORE", lang)
    assert sql(config, "select count(*) from operations where settled_at is null") == [(0,)]


def test_secret_put_in_the_place_of_the_recipient_is_not_repeated(crm: Crm, config: Path) -> None:
    text = config.read_text(encoding="utf-8")
    secret = "AGE-SECRET-KEY-1QQQQ"
    config.write_text(text.replace('# recipient = "age1..."', f'recipient = "{secret}"'))
    said = crm("backup", "list", "-c", config)
    assert (said.code, said.kind) == (5, "E-CONFIG")
    assert secret not in said.err + said.out


def test_passphrase_closes_and_opens_a_backup(
    crm: Crm, config: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyrage")
    secret, wrong = tmp_path / "secret.txt", tmp_path / "wrong.txt"
    secret.write_text("correct horse\n")
    wrong.write_text("battery\n")
    made = crm("backup", "make", "--passphrase-file", secret, "--json", "-c", config)
    name = made.json["backup"]["name"]
    assert b"+49300074399" not in (folder / name).read_bytes()
    for lang in LANGUAGES:
        said = crm("backup", "verify", "-c", config, "--lang", lang)
        assert_refused(said, 2, "E-USAGE", lang)
    # To try a passphrase takes seconds, and is meant to.
    said = crm("backup", "verify", "--passphrase-file", wrong, "-c", config)
    assert_refused(said, 6, "E-STORE", "en")
    (folder / f"{name}.json").unlink()
    monkeypatch.setenv("CRM_SYNC_PASSPHRASE", "correct horse")
    before = sql(config, PHONE)
    sql(config, EDIT.format(7))
    assert crm("backup", "restore", name, "--yes", "-c", config).code == 0
    assert sql(config, PHONE) == before


def test_passphrase_is_typed_twice_and_shown_nowhere(config: Path) -> None:
    pytest.importorskip("pyrage")
    keys = [("Passphrase", "horse\n"), ("Once more", "horse\n")]
    said = in_a_terminal("backup", "make", "--encrypt", "-c", config, keys=keys)
    assert said.code == 0, said
    assert "horse" not in said.out
    said = in_a_terminal("backup", "verify", "-c", config, keys=[("Passphrase", "horse\n")])
    assert said.code == 0, said


def test_who_was_erased_is_erased_again_when_an_older_backup_is_put_back(
    crm: Crm, config: Path
) -> None:
    name = crm("backup", "make", "--json", "-c", config).json["backup"]["name"]
    assert crm("erase", "C-000045", "--now", "--confirm", "C-000045", "-c", config).code == 0
    said = crm("backup", "restore", name, "--yes", "-c", config)
    assert "Erased again, as the law asks: C-000045." in said.out
    # What the sheet is known to show of them goes with the next run, as after any erasing.
    assert crm("recover", "-c", config).code == 0
    assert b"around the horn" not in config.with_name("crm.db").read_bytes().lower()
    assert crm("verify", "-c", config).code == 0


def gone(store: Path) -> None:
    for path in store.parent.glob(f"{store.name}*"):
        path.unlink()


def not_a_database(store: Path) -> None:
    store.write_text("full_name;phone\n" * 100)


def spoilt_in_the_middle(store: Path) -> None:
    content = bytearray(store.read_bytes())
    content[8192:65536] = b"\xff" * 57344
    store.write_bytes(content)


@pytest.mark.parametrize("lose", [gone, not_a_database, spoilt_in_the_middle])
def test_backup_takes_the_place_of_a_store_that_is_gone_or_damaged(
    crm: Crm, config: Path, folder: Path, lose: Callable[[Path], None]
) -> None:
    name = crm("backup", "make", "--json", "-c", config).json["backup"]["name"]
    before, store = sql(config, PHONE), config.with_name("crm.db")
    lose(store)
    bad = store.read_bytes() if store.exists() else None
    if lose is not spoilt_in_the_middle:
        refused = crm("problems", "list", "-c", config)
        assert (refused.code, refused.kind) == (6, "E-STORE")
        assert "backup restore" in refused.err
    assert crm("backup", "list", "--json", "-c", config).json["backups"][0]["name"] == name
    assert crm("backup", "verify", "-c", config).code == 0
    assert (store.read_bytes() if store.exists() else None) == bad
    assert crm("backup", "restore", "--yes", "-c", config).code == 0
    assert sql(config, PHONE) == before
    assert store.stat().st_mode & 0o777 == 0o600
    assert [path.read_bytes() for path in store.parent.glob("crm.db.damaged-*")] == (
        [] if bad is None else [bad]
    )
    assert names(folder)[-1] == name
    assert crm("verify", "-c", config).code == 0
    assert crm("sync", "-c", config).code == 0


def test_run_makes_no_new_store_where_backups_tell_of_a_lost_one(
    crm: Crm, config: Path, folder: Path, tmp_path: Path
) -> None:
    assert crm("backup", "make", "-c", config).code == 0
    before = sql(config, PHONE)
    gone(config.with_name("crm.db"))
    kept = contents(config.parent)
    for command in (("sync",), ("sync", "--dry-run"), ("status",), ("recover",)):
        for lang in LANGUAGES:
            said = crm(*command, "-c", config, "--lang", lang)
            assert_refused(said, 6, "E-STORE", lang)
            assert "backup restore" in said.err
    assert contents(config.parent) == kept
    assert crm("backup", "restore", "--yes", "-c", config).code == 0
    assert sql(config, PHONE) == before

    gone(config.with_name("crm.db"))
    folder.rename(tmp_path / "backups")
    assert crm("sync", "--dry-run", "-c", config).code == 0


def test_backup_that_will_not_open_makes_no_store(
    crm: Crm, config: Path, folder: Path, tmp_path: Path
) -> None:
    pytest.importorskip("pyrage")
    secret, wrong = tmp_path / "secret.txt", tmp_path / "wrong.txt"
    secret.write_text("correct horse\n")
    wrong.write_text("battery\n")
    crm("backup", "make", "--passphrase-file", secret, "-c", config)
    before, store = sql(config, PHONE), config.with_name("crm.db")
    gone(store)
    said = crm("backup", "restore", "--yes", "--passphrase-file", wrong, "-c", config)
    assert_refused(said, 6, "E-STORE", "en")
    assert not store.exists()
    said = crm("backup", "restore", "--yes", "--passphrase-file", secret, "-c", config)
    assert said.code == 0
    assert sql(config, PHONE) == before
