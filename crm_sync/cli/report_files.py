"""Reports as files: Excel, web page, picture. A file appears whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path

from crm_sync.cli.files import write_file
from crm_sync.core.grid import Shown
from crm_sync.core.values import N_
from crm_sync.errors import UserError
from crm_sync.exports.html import charts_page, html_page
from crm_sync.exports.png import png_bytes
from crm_sync.exports.svg import chart_svg, pile
from crm_sync.exports.xlsx import Patterns, xlsx_bytes
from crm_sync.reports.report import Report
from crm_sync.templates import load_language


class FileKind(StrEnum):
    """What a file of a report is."""

    XLSX = "xlsx"
    HTML = "html"


@dataclass(frozen=True)
class Sheaf:
    """A report with what its files need beside it: title, words, the day that it is of."""

    title: str
    report: Report
    text: Callable[[Shown], str]
    language: str
    day: date

    def content(self, kind: FileKind) -> bytes:
        """The whole file."""
        if kind is FileKind.HTML:
            page = html_page(self.title, {self.title: self.report}, self.text, self.language)
            return page.encode()
        found = load_language(self.language).patterns
        patterns = Patterns(found["date"], found["datetime"])
        created = datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC)
        return xlsx_bytes({self.title: self.report}, patterns, created)


def write_report(sheaf: Sheaf, files: Mapping[FileKind, Path | None]) -> Iterator[Path]:
    """Writes the files that are named; gives those."""
    for kind, file in files.items():
        if file is not None:
            write_file(file, sheaf.content(kind))
            yield file


def write_chart(sheaf: Sheaf, file: Path) -> Iterator[Path]:
    """Writes the report's charts: into one page, or one picture below the other."""
    charts = sheaf.report.charts
    if not charts:
        raise UserError(
            N_("This report has no charts."),
            N_("Ask for --xlsx or --html, or for another report: summary, comparison ..."),
        )
    match file.suffix.lower():
        case ".html" | ".htm":
            page = charts_page(sheaf.title, sheaf.report, sheaf.text, sheaf.language)
            content = page.encode()
        case ".svg" | ".png" as suffix:
            pictures = [chart_svg(chart, sheaf.report.grid, sheaf.text) for chart in charts]
            picture = pile(pictures)
            content = picture.encode() if suffix == ".svg" else png_bytes(picture)
        case _:
            raise UserError(
                N_("“{file}”: charts are written as .png, .svg or .html."),
                N_("Give the file one of these endings."),
                file=file,
            )
    write_file(file, content)
    yield file
