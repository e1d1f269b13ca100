"""The page at `/`: tells a person who opens the server's address how to connect to it.

It shows nothing of what the server holds, so it needs no sign-in.
"""

import html
from collections.abc import Mapping
from dataclasses import dataclass

from crm_sync.sheet_server.exchange import HTML_TYPE, Answer, Call

SECURITY_HEADERS = (
    (
        "content-security-policy",
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
)
_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;"
    "margin:3rem auto;padding:0 1rem}pre{padding:1rem;overflow-x:auto;border:1px solid #8886;"
    "border-radius:6px}code{font:14px/1.4 ui-monospace,monospace}nav{float:right}"
    "h1{font-size:1.5rem;line-height:1.3}"
)
_CODE = """import re
import gspread
from google.oauth2.credentials import Credentials

URL = "{url}"

class Local(gspread.HTTPClient):
    def request(self, method, endpoint, *args, **kwargs):
        endpoint = re.sub("^https://[^/]+", URL, endpoint)
        return super().request(method, endpoint, *args, **kwargs)

client = gspread.Client(Credentials("TOKEN"), http_client=Local)
sheet = client.create("Clients").sheet1
sheet.update([["Name", "Phone"]], "A1")"""
_KEY_CODE = """from pathlib import Path
from crm_sync.sheet_server import create_service_account
from google.oauth2.service_account import Credentials

create_service_account(Path("workbooks.db"), Path("key.json"), token_uri="{url}/token")
auth = "https://www.googleapis.com/auth"
scopes = [f"{{auth}}/spreadsheets", f"{{auth}}/drive"]
credentials = Credentials.from_service_account_file("key.json", scopes=scopes)
client = gspread.Client(credentials, http_client=Local)"""


@dataclass(frozen=True, slots=True)
class _Words:
    """The texts of the page in one language; `other` is the code of the other one."""

    title: str
    lead: str
    safe: str
    token: str
    key: str
    more: str
    other: str
    other_name: str


_LANGUAGES: Mapping[str, _Words] = {
    "en": _Words(
        title="The local Sheets server of crm-sync is running",
        lead="It speaks Google's Sheets v4 and Drive v3 at <code>{url}</code>. Every client of"
        " Google's works with it once its hosts lead here.",
        safe="It listens on this computer only. Its spreadsheets are in one SQLite file and leave"
        " this computer only if you send them.",
        token="gspread with a fixed token: start the server with"
        " <code>crm-sync serve --token TOKEN</code>, then",
        key="gspread with a service account, whose key is made once for the server's data file"
        " (here <code>workbooks.db</code>); the class is the one above:",
        more="docs/sheet-server.md has the rest: Google's own client, storage, what differs from"
        " Google, and faults for tests.",
        other="ru",
        other_name="По-русски",
    ),
    "ru": _Words(
        title="Локальный сервер таблиц crm-sync работает",
        lead="Он говорит на языке Google Sheets v4 и Drive v3 по адресу <code>{url}</code>. С ним"
        " работает любой клиент Google, чьи запросы направлены сюда.",
        safe="Он отвечает только этому компьютеру. Таблицы лежат в одном файле SQLite и покидают"
        " компьютер, только если вы их отправите.",
        token="gspread с постоянным ключом доступа: запустите сервер командой"
        " <code>crm-sync serve --token TOKEN</code>, затем",
        key="gspread с сервисным аккаунтом: его ключ создаётся один раз для файла данных сервера"
        " (здесь <code>workbooks.db</code>); класс тот же, что выше:",
        more="Остальное в docs/sheet-server.md: клиент самой Google, хранение, отличия от Google"
        " и сбои для испытаний.",
        other="en",
        other_name="In English",
    ),
}


def start_page(call: Call, url: str) -> Answer:
    """The page in the language of `?lang=`, else of the browser, else in English."""
    language = page_language(call)
    words = _LANGUAGES[language]
    page = (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{words.title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<nav><a href="/?lang={words.other}" lang="{words.other}">{words.other_name}</a></nav>\n'
        f"<h1>{words.title}</h1>\n"
        f"<p>{words.lead.format(url=html.escape(url))}</p>\n<p>{words.safe}</p>\n"
        f"<p>{words.token}</p>\n<pre><code>{html.escape(_CODE.format(url=url))}</code></pre>\n"
        f"<p>{words.key}</p>\n<pre><code>{html.escape(_KEY_CODE.format(url=url))}</code></pre>\n"
        f"<p>{words.more}</p>\n</body>\n</html>\n"
    )
    return Answer(200, page.encode(), HTML_TYPE, SECURITY_HEADERS)


def page_language(call: Call) -> str:
    """The language of `?lang=`, else of the browser, else English."""
    asked = call.first("lang")
    if asked is not None and asked in _LANGUAGES:
        return asked
    for part in call.headers.get("accept-language", "").split(","):
        code = part.partition(";")[0].strip().partition("-")[0].lower()
        if code in _LANGUAGES:
            return code
    return "en"
