"""config.toml: what it gives, and that every mistake in it is named at once, with its remedy."""

import os
import tomllib
from datetime import date, datetime, time
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sync.config import (
    Config,
    GoogleWorkbook,
    Limits,
    LocalWorkbook,
    Requests,
    SampleValues,
    SampleWorkbook,
    load_config,
    sample_config,
    spoken_language,
)
from crm_sync.config.settings import ReportTab
from crm_sync.config.surroundings import Access, Email, Metrics, Notify
from crm_sync.errors import ConfigError, NotFound
from crm_sync.messages.faults import check
from crm_sync.messages.toml_file import Document, parse
from crm_sync.reports.names import REPORTS

ROOT = Path(__file__).resolve().parents[2]
SHEET = "1AbCdefghijklmnopqrstuvwxyz0123456789"
TOP = """\
language = "ru"
timezone = "Europe/Moscow"
currency = "RUB"
phone_region = "RU"
"""
LOCAL = '[[workbooks]]\nname = "office"\nkind = "local"\n'
NOTHING: dict[str, str] = {}


def written(folder: Path, text: str) -> Path:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


def loaded(folder: Path, text: str, environment: dict[str, str] | None = None) -> Config:
    return load_config(written(folder, text), environment or NOTHING)


def faults(folder: Path, text: str, environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, text, environment)
    first, *lines = str(caught.value).split("\n")
    assert first == f"The configuration {folder / 'config.toml'} cannot be used:"
    return lines


# What it gives


def test_shortest_configuration_has_defaults_for_the_rest(tmp_path: Path) -> None:
    config = loaded(tmp_path, TOP + LOCAL)
    folder = tmp_path.resolve()
    assert config.store.path == folder / "crm.db"
    assert config.limits == Limits(
        delete_rows=5, delete_share=0.05, column_rows=10, column_share=0.30
    )
    assert config.requests == Requests(connect_timeout=10, read_timeout=60, budget=300)
    assert config.requests.timeout == (10, 60)
    assert config.workbooks == (
        LocalWorkbook(kind="local", name="office", data=folder / "workbook.db"),
    )
    assert config.zone.key == "Europe/Moscow"
    assert config.file == folder / "config.toml"


def test_paths_are_relative_to_the_file_and_not_to_where_the_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    text = (
        f'{TOP}[store]\npath = "../store.db"\n{LOCAL}data = "~/books.db"\n'
        f'[[workbooks]]\nname = "sales"\nkind = "google"\nid = "{SHEET}"\n'
    )
    config = loaded(tmp_path, text)
    local, google = config.workbooks
    assert config.store.path == tmp_path.resolve().parent / "store.db"
    assert isinstance(local, LocalWorkbook)
    assert local.data == tmp_path.resolve() / "home" / "books.db"
    assert google.key == tmp_path.resolve() / "service-account.json"


@pytest.mark.parametrize(
    "typed",
    [
        SHEET,
        f"https://docs.google.com/spreadsheets/d/{SHEET}",
        f"https://docs.google.com/spreadsheets/d/{SHEET}/edit?usp=sharing#gid=0",
        f"https://docs.google.com/spreadsheets/u/1/d/{SHEET}/edit",
        f"https://drive.google.com/open?id={SHEET}",
        f"  {SHEET} ",
    ],
)
def test_google_workbook_takes_the_whole_address(tmp_path: Path, typed: str) -> None:
    text = f'{TOP}[[workbooks]]\nname = "sales"\nkind = "google"\nid = "{typed}"\n'
    (workbook,) = loaded(tmp_path, text).workbooks
    assert isinstance(workbook, GoogleWorkbook)
    assert workbook.id == SHEET


def test_environment_stands_above_the_file(tmp_path: Path) -> None:
    environment = {
        "CRM_SYNC_LANGUAGE": "en",
        "CRM_SYNC_TIMEZONE": "Asia/Yekaterinburg",
        "CRM_SYNC_CURRENCY": "KZT",
        "CRM_SYNC_PHONE_REGION": "KZ",
        "CRM_SYNC_STORE": "other.db",
    }
    config = loaded(tmp_path, TOP + LOCAL, environment)
    assert (config.language, config.timezone) == ("en", "Asia/Yekaterinburg")
    assert (config.currency, config.phone_region) == ("KZT", "KZ")
    assert config.store.path == tmp_path.resolve() / "other.db"


def test_empty_variable_of_the_environment_is_as_good_as_none(tmp_path: Path) -> None:
    assert loaded(tmp_path, TOP + LOCAL, {"CRM_SYNC_LANGUAGE": ""}).language == "ru"


def test_file_of_windows_notepad_is_read(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"\xef\xbb\xbf" + (TOP + LOCAL).replace("\n", "\r\n").encode())
    assert load_config(file, NOTHING).language == "ru"


def test_configuration_cannot_be_changed(tmp_path: Path) -> None:
    config = loaded(tmp_path, TOP + LOCAL)
    with pytest.raises(ValueError, match="frozen"):
        config.language = "en"  # type: ignore[misc]


def test_workbook_is_found_by_its_name_and_a_wrong_name_lists_them(tmp_path: Path) -> None:
    config = loaded(tmp_path, TOP + LOCAL)
    assert config.workbook("office") is config.workbooks[0]
    with pytest.raises(NotFound) as caught:
        config.workbook("ofice")
    assert caught.value.facts["names"] == "office"


# Mistakes


def test_all_faults_are_named_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = f"""\
language = "xx"
timezone = "Moscow"
currency = "rub"
phone_region = "ru"
storee = 1
[limits]
delete_rows = "5"
delete_share = 5
column_share = nan
column_rows = 1.5
[store]
path = 5
[[workbooks]]
name = " x"
kind = "gogle"
[[workbooks]]
name = "a"
kind = "google"
[[workbooks]]
nam = "a"
name = "b"
kind = "local"
url = "127.0.0.1:80"
keep_extra = "yes"
[[workbooks]]
name = "c"
kind = "google"
id = "https://docs.google.com/spreadsheets/d/e/2PACX-{SHEET}/pubhtml"
[[workbooks]]
name = "d"
[requests]
budget = 0
read_timeout = true
"""
    assert faults(tmp_path, text) == [
        "line 1, language: “xx” is none of: en, ru.",
        (
            "line 2, timezone: “Moscow” is no time zone. "
            "It is written like Europe/Moscow (continent/city)."
        ),
        (
            "line 3, currency: “rub” is no currency. "
            "Its code has three capital letters, like RUB, EUR, USD."
        ),
        (
            "line 4, phone_region: “ru” is no country. "
            "Its code has two capital letters, like RU, KZ, US."
        ),
        "line 5, storee: there is no such key. Did you mean store?",
        'line 7, limits.delete_rows: "5" is not a whole number. Write it without quotes: 5',
        (
            "line 8, limits.delete_share: 5 is too large: 1 is the most. "
            "A share: 0.05 is five of a hundred."
        ),
        (
            "line 9, limits.column_share: nan will not do here. "
            "A share: 0.30 is thirty of a hundred."
        ),
        "line 10, limits.column_rows: 1.5 is not a whole number. Write it without quotes: 5",
        "line 12, store.path: a path in quotes is needed here.",
        (
            'line 15, workbooks[1].kind: "gogle" is none of: local, google. '
            'For example: kind = "local"'
        ),
        (
            "line 16, workbooks[2].id: it is missing. "
            "Copy the spreadsheet's address from the browser."
        ),
        "line 20, workbooks[3].nam: there is no such key. Did you mean name?",
        (
            "line 23, workbooks[3].url: “127.0.0.1:80” is no address. "
            "Write it like http://127.0.0.1:8765."
        ),
        (
            'line 24, workbooks[3].keep_extra: "yes" is not yes or no. '
            "Write true or false, without quotes."
        ),
        (
            "line 28, workbooks[4].id: this is a published page. "
            "Open the spreadsheet itself, copy its address."
        ),
        'line 29, workbooks[5].kind: it is missing. For example: kind = "local"',
        "line 32, requests.budget: 0 is too small: it must be more than 0.",
        (
            "line 33, requests.read_timeout: true is not a number. "
            "Write it without quotes, with a point: 0.05"
        ),
    ]


def test_empty_file_lacks_what_must_be_said(tmp_path: Path) -> None:
    assert faults(tmp_path, "") == [
        'language: it is missing. For example: language = "en"',
        'timezone: it is missing. For example: timezone = "Europe/Moscow"',
        'currency: it is missing. For example: currency = "RUB"',
        'phone_region: it is missing. For example: phone_region = "RU"',
        ("workbooks: it is missing. Each workbook has a section [[workbooks]] with name and kind."),
    ]


def test_no_workbook_at_all_is_a_fault(tmp_path: Path) -> None:
    assert faults(tmp_path, f"workbooks = []\n{TOP}") == [
        "line 1, workbooks: it is empty: at least one entry is needed."
    ]


def test_workbooks_must_not_share_names_spreadsheets_or_the_file_of_the_store(
    tmp_path: Path,
) -> None:
    text = f"""{TOP}\
[[workbooks]]
name = "a"
kind = "local"
data = "crm.db"
[[workbooks]]
name = "A"
kind = "google"
id = "https://docs.google.com/spreadsheets/d/{SHEET}/edit"
[[workbooks]]
name = "c"
kind = "google"
id = "{SHEET}"
"""
    assert faults(tmp_path, text) == [
        (
            "line 8, workbooks[1].data: "
            "the store is this file already. A workbook needs a file of its own."
        ),
        (
            "line 10, workbooks[2].name: "
            "another workbook is called “A” already. Choose another name."
        ),
        "line 16, workbooks[3].id: the workbook “A” is this spreadsheet already.",
    ]


def test_several_local_workbooks_may_lie_in_one_file(tmp_path: Path) -> None:
    config = loaded(tmp_path, TOP + LOCAL + LOCAL.replace("office", "branch"))
    assert [item.name for item in config.workbooks] == ["office", "branch"]


@pytest.mark.parametrize(
    ("setting", "fault"),
    [
        ('timezone = "UTC+3"', "“UTC+3” is no time zone."),
        ('timezone = "Europe/Moskow"', "It is written like Europe/Moscow (continent/city)."),
        ('timezone = "../../etc/passwd"', "“../../etc/passwd” is no time zone."),
        ('timezone = ""', "“” is no time zone."),
        ('currency = "SUR"', "“SUR” is no currency."),
        ('currency = "XAU"', "“XAU” is no currency."),
        ('phone_region = "SU"', "“SU” is no country."),
        ("language = 5", "5 is not a text. Write it in quotes."),
        ("language = { a = 1 }", "{...} is not a text."),
    ],
)
def test_value_that_only_looks_right_is_refused(tmp_path: Path, setting: str, fault: str) -> None:
    key = setting.split(" ")[0]
    others = "\n".join(line for line in TOP.splitlines() if not line.startswith(f"{key} "))
    (line,) = faults(tmp_path, f"{setting}\n{others}\n{LOCAL}")
    assert line.startswith(f"line 1, {key}: ")
    assert fault in line


@pytest.mark.parametrize("name", ["", " ", "a\\nb", " a", "x" * 61])
def test_name_that_would_spoil_a_report_is_refused(tmp_path: Path, name: str) -> None:
    (line,) = faults(tmp_path, TOP + LOCAL.replace("office", name))
    assert line.startswith("line 6, workbooks[1].name: ")


@pytest.mark.parametrize(
    "url",
    ["ftp://host", "http://", "http://[", "http://host:99999", "http://me:s3cret@host/", "host"],
)
def test_address_that_is_none_is_refused_without_repeating_a_password(
    tmp_path: Path, url: str
) -> None:
    (line,) = faults(tmp_path, f'{TOP}{LOCAL}url = "{url}"\n')
    assert "is no address" in line
    assert "s3cret" not in line


def test_fault_in_the_environment_names_its_variable(tmp_path: Path) -> None:
    assert faults(tmp_path, TOP + LOCAL, {"CRM_SYNC_LANGUAGE": "fr"}) == [
        "environment variable CRM_SYNC_LANGUAGE: “fr” is none of: en, ru."
    ]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ('path = "C:\\crm\\x.db"', 1, "a path with \\ stands in single quotes: 'C:\\crm\\crm.db'"),
        ("a = 1\na = 2\n", 2, "this key or section stands here a second time."),
        ("[store]\n[store]", 2, "this key or section stands here a second time."),
        ('a = "x\nb = 1', 1, "the closing quote is missing."),
        ("a = 'x", 1, "the closing quote is missing."),
        ('a = """x\n\n', 1, "the closing quote is missing."),
        ("a = [1, 2\n", 1, "the closing bracket is missing, here or above."),
        ("a = 1\nlanguage ru", 2, "after the key comes = and then its value."),
        (
            "language = ru",
            1,
            "this is no value: texts stand in quotes, yes and no are true and false.",
        ),
        ("a = 1 2", 1, "there is more on this line than one key with its value."),
        ("[store", 1, "this is neither a key with its value nor a [section]."),
        ("= 3", 1, "this is neither a key with its value nor a [section]."),
    ],
)
def test_fault_of_syntax_says_line_text_and_remedy(
    tmp_path: Path, text: str, line: int, what: str
) -> None:
    shown = text.split("\n")[line - 1]
    assert faults(tmp_path, text) == [f"line {line} ({shown}): {what}"]


def test_file_in_another_encoding_is_named_with_the_line(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b'language = "ru"\n' + "# настройки".encode("cp1251"))
    with pytest.raises(ConfigError, match=r"line 2: the file is not UTF-8\. Save it as UTF-8\."):
        load_config(file, NOTHING)


def test_missing_file_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "config.toml", NOTHING)
    assert str(caught.value) == f"There is no configuration {tmp_path / 'config.toml'}."
    assert "crm-sync demo" in caught.value.hint
    assert "crm-sync init" in caught.value.hint


def test_folder_in_place_of_the_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is a folder, not a configuration") as caught:
        load_config(tmp_path, NOTHING)
    assert caught.value.facts["inside"] == tmp_path / "config.toml"


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything"
)
def test_file_that_may_not_be_read_is_said(tmp_path: Path) -> None:
    file = written(tmp_path, TOP + LOCAL)
    file.chmod(0)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(file, NOTHING)


def test_file_below_a_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read: .+"):
        load_config(written(tmp_path, TOP) / "config.toml", NOTHING)


TOP_KEYS = ["language", "timezone", "store", "limits", "workbooks", "requests"]
INNER_KEYS = ["name", "kind", "id", "path", "data", "url", "key", "delete_rows", "budget", "x"]
KEYS = st.sampled_from([*TOP_KEYS, *INNER_KEYS])
WORDS = st.sampled_from(["ru", "local", "google", "http://[", "~nobody/x", "\0", "", "/", SHEET])
LEAVES = (
    WORDS
    | st.text(max_size=5)
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([date(2026, 1, 1), datetime(2026, 1, 1), time(12)])
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4)
)


@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_any_toml_gives_a_configuration_or_faults_that_can_be_said(data: dict[str, object]) -> None:
    found = check(Config, Document(data, ""), {}, {"folder": Path("/nowhere")})
    assert isinstance(found, Config) or all(str(fault) for fault in found)


@given(st.data())
def test_sample_with_a_piece_torn_out_is_read_or_its_fault_is_named(data: st.DataObject) -> None:
    text = sample_config("ru").encode()
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    found = parse(
        text[:start] + data.draw(st.sampled_from([b"", b'"', b"[", b"\xff"])) + text[end:]
    )
    if isinstance(found, Document):
        checked = check(Config, found, {}, {"folder": Path("/nowhere")})
        assert isinstance(checked, Config) or all("{" not in str(fault) for fault in checked)
    else:
        assert str(found).startswith("line ")


# The sample


def test_sample_in_the_repository_is_the_one_that_the_program_writes() -> None:
    assert (ROOT / "config.toml").read_text(encoding="utf-8") == sample_config("en")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_sample_names_every_key_with_its_default(tmp_path: Path, language: str) -> None:
    config = loaded(tmp_path, sample_config(language))
    assert config.language == language
    assert config.limits == Limits()
    assert config.requests == Requests()
    text = sample_config(language)
    for model in (Config, Limits, Requests, GoogleWorkbook, Access, Notify, Email, Metrics):
        for key in model.model_fields:
            assert f"{key} = " in text or f"{key}]" in text, key


def test_sample_in_russian_explains_in_russian() -> None:
    english = {line for line in sample_config("en").splitlines() if line.startswith("#")}
    russian = {line for line in sample_config("ru").splitlines() if line.startswith("#")}
    shared = english & russian
    assert all("=" in line or line.startswith("# [") or line == "#" for line in shared), shared


def test_examples_in_the_sample_work_when_their_signs_are_removed(tmp_path: Path) -> None:
    lines = sample_config("en").splitlines()
    start = lines.index("# [[workbooks]]")
    example = "\n".join(line.removeprefix("# ") for line in lines[start : start + 8])
    config = loaded(tmp_path, TOP + LOCAL + example.replace("1AbC...", SHEET))
    assert config.workbook("sales").id == SHEET


def test_sample_takes_the_values_that_it_is_given(tmp_path: Path) -> None:
    values = SampleValues(
        timezone="Europe/London",
        currency="GBP",
        phone_region="GB",
        store="a b/крм.db",
        workbooks=(SampleWorkbook("Отдел «Юг»", 'quo"te.db', "Northwind"),),
    )
    config = loaded(tmp_path, sample_config("ru", values))
    (workbook,) = config.workbooks
    assert isinstance(workbook, LocalWorkbook)
    assert (config.timezone, config.currency, config.phone_region) == (
        "Europe/London",
        "GBP",
        "GB",
    )
    assert config.store.path == tmp_path.resolve() / "a b" / "крм.db"
    assert (workbook.name, workbook.title) == ("Отдел «Юг»", "Northwind")
    assert workbook.data == tmp_path.resolve() / 'quo"te.db'


def test_sample_names_workbooks_of_both_kinds_and_who_may_open_them(tmp_path: Path) -> None:
    workbooks = (SampleWorkbook("sales", spreadsheet=SHEET), SampleWorkbook("office"))
    values = SampleValues(workbooks=workbooks, allow=("anna@company.com",))
    config = loaded(tmp_path, sample_config("en", values))
    assert [item.kind for item in config.workbooks] == ["google", "local"]
    assert config.access.allow == ("anna@company.com",)


@pytest.mark.parametrize(
    ("section", "fault"),
    [
        ('[access]\nallow = ["anna"]', "“anna” is none of: an address"),
        ('[notify]\nwebhook = "http://chat.company.com/SECRET"', "by https:// alone"),
        ('[notify]\nwebhook = "https://u:SECRET@chat.company.com"', "no address of a webhook"),
        (
            '[notify.email]\nhost = "smtp.co"\nsecurity = "none"\nsender = "a@b.c"\nto = ["c@d.e"]',
            "security: without encryption",
        ),
        (
            '[notify.email]\nhost = "localhost"\nsender = "nobody"\nto = ["c@d.ee"]',
            "“nobody” is no e-mail address",
        ),
    ],
)
def test_surroundings_that_will_not_do_are_refused(
    tmp_path: Path, section: str, fault: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, TOP + LOCAL + section)
    assert fault in str(caught.value)
    assert "SECRET" not in str(caught.value)


def test_lines_of_the_sample_fit_a_terminal() -> None:
    for language in ("en", "ru"):
        assert max(map(len, sample_config(language).splitlines())) <= 100
        tomllib.loads(sample_config(language))


# The language to speak


@pytest.mark.parametrize(
    ("text", "environment", "language"),
    [
        ('language = "ru"\nnonsense = 1', {}, "ru"),
        ('language = "xx"', {"LANG": "ru_RU.UTF-8"}, "ru"),
        ('language = "en"', {"LANG": "ru_RU.UTF-8"}, "en"),
        ("language = ru", {}, "en"),
        ('language = "ru"', {"CRM_SYNC_LANGUAGE": "en"}, "en"),
        ("", {"LC_ALL": "C", "LANG": "de_DE"}, "en"),
    ],
)
def test_language_is_known_before_the_configuration_can_be_used(
    tmp_path: Path, text: str, environment: dict[str, str], language: str
) -> None:
    assert spoken_language(written(tmp_path, text), environment) == language


def test_language_without_a_file_is_that_of_the_system(tmp_path: Path) -> None:
    assert spoken_language(tmp_path / "none.toml", {"LANG": "ru_RU.UTF-8"}) == "ru"


def test_tabs_of_reports_are_the_reports_that_there_are() -> None:
    assert get_args(ReportTab) == REPORTS
