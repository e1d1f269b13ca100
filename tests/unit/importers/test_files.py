"""Tables come out of files as they were meant, however the files were written."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
import xlsxwriter

from crm_sync.errors import NotFound, UserError
from crm_sync.importers.files import FileForm, read_file


def rows_of(path: Path, content: bytes, form: FileForm | None = None) -> list[tuple[object, ...]]:
    path.write_bytes(content)
    (table,) = read_file(path, form or FileForm())
    return list(table.rows)


@pytest.mark.parametrize(
    "content",
    [
        "Имя;Город\nАнна;Пермь\n".encode("cp1251"),
        "Имя,Город\r\nАнна,Пермь\r\n".encode(),
        "\ufeffИмя\tГород\nАнна\tПермь".encode(),
        "Имя|Город\nАнна|Пермь\n".encode("utf-16-le"),
        "Имя|Город\nАнна|Пермь\n".encode("utf-16-be"),
        "Имя;Город\nАнна;Пермь\n".encode("utf-16"),
        'sep=;\r\nИмя;Город\r\n"Анна";"Пермь"\r\n'.encode(),
    ],
)
def test_encoding_and_delimiter_are_found_out(tmp_path: Path, content: bytes) -> None:
    assert rows_of(tmp_path / "a.csv", content) == [("Имя", "Город"), ("Анна", "Пермь")]


def test_western_letters_are_told_from_russian_ones(tmp_path: Path) -> None:
    assert rows_of(tmp_path / "a.csv", "Müller;x".encode("cp1252")) == [("Müller", "x")]


def test_quotes_line_breaks_and_commas_within_cells_stay(tmp_path: Path) -> None:
    content = b'Name,Note\n"Smith, John","likes ""tea""\nand cake"\n'
    assert rows_of(tmp_path / "a.csv", content)[1] == ("Smith, John", 'likes "tea"\nand cake')


def test_apostrophe_that_made_a_text_harmless_is_taken_away(tmp_path: Path) -> None:
    assert rows_of(tmp_path / "a.csv", b"a,b\n'=1+1,'quoted'\n")[1] == ("=1+1", "'quoted'")


def test_what_somebody_says_of_the_file_counts(tmp_path: Path) -> None:
    form = FileForm(encoding="koi8-r", delimiter=",")
    found = rows_of(tmp_path / "a.csv", "Имя,а;б;в".encode("koi8-r"), form)
    assert found == [("Имя", "а;б;в")]


def test_cells_of_a_workbook_keep_their_kinds(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("One")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_row(0, 0, ["text", 79123456789, 1.5, True])
        sheet.write_datetime(1, 0, datetime(2026, 3, 10), day)
        sheet.write_datetime(1, 1, datetime(2026, 3, 10, 12, 0), moment)
        book.add_worksheet("Empty")
    (table,) = read_file(path, FileForm())
    assert table.title == "One"
    assert table.rows[0] == ("text", 79123456789, 1.5, True)
    assert table.rows[1][:2] == (46091, 46091.5)


def test_files_that_cannot_be_read_say_so(tmp_path: Path) -> None:
    (tmp_path / "torn.xlsx").write_bytes(b"PK\x03\x04")
    with xlsxwriter.Workbook(tmp_path / "whole.xlsx") as book:
        book.add_worksheet("One").write(0, 0, "x")
    with pytest.raises(UserError, match=r"torn\.xlsx is no workbook"):
        read_file(tmp_path / "torn.xlsx", FileForm())
    with pytest.raises(NotFound, match="has no sheet “Two”"):
        read_file(tmp_path / "whole.xlsx", FileForm(sheet="Two"))
    with pytest.raises(UserError, match="No such file"):
        read_file(tmp_path / "none.csv", FileForm())
    with pytest.raises(UserError, match="is not written in ascii"):
        rows_of(tmp_path / "a.csv", "Имя".encode(), FileForm(encoding="ascii"))


def test_cell_at_the_far_end_of_a_sheet_ends_with_a_message(tmp_path: Path) -> None:
    file = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("Far")
        sheet.write(0, 0, "Name")
        sheet.write(1_048_575, 16_383, "x")
    with pytest.raises(UserError, match="too large"):
        read_file(file, FileForm())


@pytest.mark.parametrize(
    "entities",
    [
        '<!ENTITY a "ha"><!ENTITY x "&a;&a;">',
        "".join(
            f'<!ENTITY {name} "{f"&{before};" * 20}">' for before, name in pairwise("abcdefghx")
        )
        + '<!ENTITY a "haha">',
        '<!ENTITY x SYSTEM "{secret}">',
    ],
    ids=["small", "billion", "file"],
)
def test_workbook_with_entities_of_its_own_is_refused_and_none_is_looked_up(
    tmp_path: Path, entities: str
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("password")
    plain = tmp_path / "plain.xlsx"
    with xlsxwriter.Workbook(plain) as book:
        book.add_worksheet("Names").write_column(0, 0, ["Name", "MARK"])
    file = tmp_path / "entities.xlsx"
    doctype = f"<!DOCTYPE sst [{entities.replace('{secret}', secret.as_uri())}]>"
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/sharedStrings.xml":
                declaration, _, rest = content.decode().partition("?>")
                content = f"{declaration}?>{doctype}{rest.replace('MARK', '&x;')}".encode()
            new.writestr(name, content)
    assert [tuple(table.rows) for table in read_file(plain, FileForm())] == [(("Name",), ("MARK",))]
    with pytest.raises(UserError, match="no workbook that can be read"):
        read_file(file, FileForm())


def test_without_a_further_process_nothing_is_called_too_large(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_string(0, 0, "Name")
    # A program that is read from a pipe is one that no process of its own can load again.
    program = (
        "from pathlib import Path\n"
        "from crm_sync.importers.files import FileForm, read_file\n"
        f"read_file(Path({str(path)!r}), FileForm())\n"
    )
    said = subprocess.run(
        [sys.executable, "-"], input=program, capture_output=True, text=True, check=False
    )
    assert "the computer starts no further process" in said.stderr.splitlines()[-1]
