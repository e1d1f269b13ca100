"""Spreadsheets for people with a browser: `/spreadsheets/d/ID/edit`, and files to take away.

The page only shows: no scripts, no forms, nothing that changes anything. It is shown to the user
of this computer who runs the server, and to whoever signs in with a token that may read the file:
as bearer token, or as the password that the browser asks for, under any name.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from crm_sync.sheet_server import office_suite
from crm_sync.sheet_server.accounts import OWNER_EMAIL
from crm_sync.sheet_server.api_error import ApiError
from crm_sync.sheet_server.calculation import local_time
from crm_sync.sheet_server.drive_error import DriveError
from crm_sync.sheet_server.drive_export import DriveExport
from crm_sync.sheet_server.drive_view import EXPORTS
from crm_sync.sheet_server.exchange import HTML_TYPE, Answer, Call, decode_segment
from crm_sync.sheet_server.files import FileRecord
from crm_sync.sheet_server.loopback_peer import is_own_program
from crm_sync.sheet_server.oauth import Caller
from crm_sync.sheet_server.office import ALL_SCOPES, Office
from crm_sync.sheet_server.permissions import Role
from crm_sync.sheet_server.sheet_looks import css_colour
from crm_sync.sheet_server.sheet_page import TabTable, tab_table
from crm_sync.sheet_server.sign_in import bearer_token
from crm_sync.sheet_server.start_page import SECURITY_HEADERS, page_language
from crm_sync.sheet_server.workbook import Sheet, Workbook

PREFIX = "/spreadsheets/"
_ADDRESS = re.compile(r"/spreadsheets/d/(?P<id>[^/]+)(?:/(?P<what>edit|view|export))?/?")
_CHALLENGE = ("www-authenticate", 'Basic realm="crm-sync local Sheets server", charset="UTF-8"')
_MEDIA = {ending: media for media, ending in EXPORTS.items()}
_STYLE = (
    "body{margin:0;font:10pt/1.3 Arial,sans-serif;color:#000;background:#fff}"
    "header{padding:12px 16px;border-bottom:1px solid #ccc}h1{font-size:14pt;margin:0 0 6px}"
    "nav a,nav b{display:inline-block;margin:0 12px 0 0;padding:3px 2px;border-bottom:3px solid"
    " transparent}nav b{border-color:#188038}p{margin:6px 0}main{overflow:auto;"
    "max-height:calc(100vh - 7.5rem)}main p{padding:12px 16px}"
    "table{border-collapse:separate;border-spacing:0;table-layout:fixed}"
    "th{background:#f3f3f3;color:#444;font-weight:normal;text-align:center;"
    "border:solid #ccc;border-width:0 1px 1px 0}col.n{width:46px}"
    "thead{position:sticky;top:0;z-index:2;background:#fff}"
    "tr th:first-child{position:sticky;left:0;z-index:1}"
    "td{position:relative;padding:2px 3px;border:solid #e2e2e2;border-width:0 1px 1px 0;"
    "overflow:hidden;white-space:pre;vertical-align:bottom}"
    "thead tr:last-child td{border-bottom:2px solid #999}"
    "td.note::after{content:'';position:absolute;top:0;right:0;"
    "border:4px solid;border-color:#f4b400 #f4b400 transparent transparent}"
)


@dataclass(frozen=True, slots=True)
class _Words:
    """The texts of the page in one language."""

    read_only: str
    take: str
    rows: str
    back: str
    on: str
    empty: str
    missing: str
    sign_in: str


_LANGUAGES: Mapping[str, _Words] = {
    "en": _Words(
        read_only="Read only. Programs change it through the API.",
        take="As a file:",
        rows="Rows {first} to {end} of {used}",
        back="earlier rows",
        on="later rows",
        empty="This tab is empty.",
        missing="There is no such spreadsheet here, or you may not see it.",
        sign_in="Sign in with any name and, as the password, the token with which the server was"
        " started: crm-sync serve --token TOKEN",
    ),
    "ru": _Words(
        read_only="Только просмотр. Программы меняют таблицу через API.",
        take="Скачать:",
        rows="Строки {first}–{end} из {used}",
        back="предыдущие строки",
        on="следующие строки",
        empty="Этот лист пуст.",
        missing="Такой таблицы здесь нет, или она вам не открыта.",
        sign_in="Войдите под любым именем; пароль — ключ доступа, с которым запущен сервер:"
        " crm-sync serve --token TOKEN",
    ),
}


class Pages:
    """Answers the addresses under `/spreadsheets/`."""

    def __init__(self, office: Office, port: int) -> None:
        self._office = office
        self._export = DriveExport(office)
        self._port = port

    def answer(self, call: Call) -> Answer | None:
        """The page or file at an address; None if it is none of these."""
        match = _ADDRESS.fullmatch(call.path)
        if match is None or call.method != "GET":
            return None
        language = page_language(call)
        words = _LANGUAGES[language]
        caller = self._caller(call)
        if caller is None:
            return _message(401, words.sign_in, language, (_CHALLENGE,))
        try:
            file_id = decode_segment(match["id"])
            record = self._office.sheet_file(file_id, caller, Role.READER)
            if match["what"] == "export":
                return self._file(call, record, caller)
        except ApiError:
            return _message(404, words.missing, language)
        except DriveError as error:
            return _message(error.code, error.message, language)
        return self._page(call, record, language)

    def _caller(self, call: Call) -> Caller | None:
        token = _password(call) or bearer_token(call)
        if token:
            return self._office.caller(token)
        # Whoever runs the server can read its data file as well.
        if is_own_program(call.client_port, self._port):
            return Caller(OWNER_EMAIL, ALL_SCOPES, everywhere=True)
        return None

    def _file(self, call: Call, record: FileRecord, caller: Caller) -> Answer:
        ending = call.first("format") or call.first("exportFormat") or "xlsx"
        tab = call.first("gid") or ""
        sheet_id = int(tab) if tab.isdecimal() else None
        answer = self._export.exported(record, caller, _MEDIA.get(ending, ending), sheet_id)
        name = quote(f"{record.name}.{ending}", safe="")
        headers = (("content-disposition", f"attachment; filename*=UTF-8''{name}"),)
        return replace(answer, headers=(*headers, *SECURITY_HEADERS))

    def _page(self, call: Call, record: FileRecord, language: str) -> Answer:
        workbook = self._office.library.workbook(record.id)
        sheet = _chosen(workbook, call.first("gid"))
        first = call.first("row") or "1"
        today = local_time(self._office.now(), workbook.time_zone).date()
        row = int(first) - 1 if first.isdecimal() and len(first) < 10 else 0
        table = tab_table(workbook, sheet, row, today)
        words = _LANGUAGES[language]
        title = html.escape(record.name)
        files = f"{words.take} {_files(record.id, sheet)}"
        page = (
            f"<header>\n<h1>{title}</h1>\n<nav>{_tabs(workbook, sheet)}</nav>\n"
            f"<p>{words.read_only} {files}{_steps(table, sheet, words)}</p>\n</header>\n"
            f"<main>\n{table.html if table.used else f'<p>{words.empty}</p>'}\n</main>\n"
        )
        return Answer(
            200, _document(title, page, table.style, language), HTML_TYPE, SECURITY_HEADERS
        )


def _password(call: Call) -> str | None:
    """The password of HTTP's basic sign-in (RFC 7617), or None."""
    scheme, _, given = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name_and_password = base64.b64decode(given, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return name_and_password.partition(":")[2]


def _chosen(workbook: Workbook, tab: str | None) -> Sheet:
    """The tab of this id, else the first one that is not hidden."""
    found = workbook.sheet(int(tab)) if tab is not None and tab.isdecimal() else None
    return found or next(one for one in workbook.sheets if not one.properties.get("hidden"))


def _tabs(workbook: Workbook, chosen: Sheet) -> str:
    written = []
    for sheet in workbook.sheets:
        if sheet.properties.get("hidden") and sheet is not chosen:
            continue
        title = html.escape(sheet.title)
        colour = css_colour(sheet.properties.get("tabColor"))
        look = f' style="border-color:{colour}"' if colour else ""
        if sheet is chosen:
            written.append(f"<b{look}>{title}</b>")
        else:
            written.append(f'<a href="?gid={sheet.id}"{look}>{title}</a>')
    return "".join(written)


def _files(file_id: str, sheet: Sheet) -> str:
    export = f"/spreadsheets/d/{quote(file_id, safe='')}/export?gid={sheet.id}"
    endings = ["xlsx", "csv"]
    if office_suite.find_program() is not None:
        endings += ["ods", "pdf"]
    return " ".join(f'<a href="{export}&amp;format={ending}">{ending}</a>' for ending in endings)


def _steps(table: TabTable, sheet: Sheet, words: _Words) -> str:
    if table.end - table.first >= table.used:
        return ""
    height = table.end - table.first
    text = words.rows.format(first=table.first + 1, end=table.end, used=table.used)
    links = []
    if table.first:
        row = max(1, table.first + 1 - height)
        links.append(f'<a href="?gid={sheet.id}&amp;row={row}">{words.back}</a>')
    if table.end < table.used:
        links.append(f'<a href="?gid={sheet.id}&amp;row={table.end + 1}">{words.on}</a>')
    return f" · {text}: {' '.join(links)}"


def _message(
    status: int, text: str, language: str, headers: tuple[tuple[str, str], ...] = ()
) -> Answer:
    body = _document("crm-sync", f"<header><p>{html.escape(text)}</p></header>\n", "", language)
    return Answer(status, body, HTML_TYPE, (*SECURITY_HEADERS, *headers))


def _document(title: str, body: str, style: str, language: str) -> bytes:
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{title}</title>\n<style>{_STYLE}{style}</style>\n</head>\n"
        f"<body>\n{body}</body>\n</html>\n"
    ).encode()
