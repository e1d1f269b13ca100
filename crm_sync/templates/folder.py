"""The folder of templates, read: `<language>/<tab>.toml`, `<language>/language.toml`,
`<language>/generated.toml` and `statuses.toml`. docs/templates.md says what may stand in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Final, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
)

from crm_sync.core.values import N_
from crm_sync.errors import ConfigError
from crm_sync.messages import Phrase, Phrases
from crm_sync.messages.faults import check, nearest, not_empty
from crm_sync.messages.toml_file import Document, parse
from crm_sync.resources import resource

LANGUAGE_FILE: Final = "language.toml"
GENERATED_FILE: Final = "generated.toml"
HIGHLIGHTS_FILE: Final = "highlights.toml"
SYNONYMS_FILE: Final = "synonyms.toml"

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class TemplateFile(BaseModel):
    """Any file of the folder: an unknown key is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnFile(TemplateFile):
    """A `[[column]]` of a tab's file. What is left out follows from the kind of the field; an
    empty pattern leaves the format to Sheets.
    """

    field: Words
    heading: Words
    aliases: tuple[Words, ...] = ()
    width: Annotated[StrictInt, Field(ge=20, le=2000)] = 120
    pattern: str | None = None
    note: str = ""
    hidden: StrictBool = False
    dropdown: StrictBool | None = None


class TabFile(TemplateFile):
    """`<language>/<tab>.toml`."""

    title: Title
    column: Annotated[tuple[ColumnFile, ...], AfterValidator(not_empty)]
    labels: dict[str, dict[str, Words]] = {}


class PatternsFile(TemplateFile):
    """The number formats of a language, in the notation of Sheets."""

    integer: Words
    decimal: Words
    percent: Words
    date: Words
    datetime: Words


class LanguageFile(TemplateFile):
    """`<language>/language.toml`."""

    name: Words
    locale: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}_[A-Z]{2}$")]
    patterns: PatternsFile


class TitlesFile(TemplateFile):
    """The titles of the tabs that crm-sync writes by itself."""

    problems: Title
    conflicts: Title
    followups: Title
    comparison: Title
    summary: Title
    seasonality: Title
    plans: Title
    kpi: Title
    customers: Title
    campaigns: Title


class HighlightFile(TemplateFile):
    """A `[[highlight]]`: a colour that cells take by themselves."""

    table: Words
    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]
    column: Words
    when: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    colour: Annotated[str, StringConstraints(pattern=r"^#[0-9A-F]{6}$")]


class HighlightsFile(TemplateFile):
    """`highlights.toml`, for all languages."""

    highlight: tuple[HighlightFile, ...] = ()


class GeneratedFile(TemplateFile):
    """`<language>/generated.toml`."""

    titles: TitlesFile


@dataclass(frozen=True)
class Language:
    """A language that the templates have: its own name, the locale of new workbooks ("ru_RU") and
    number formats for "integer", "decimal", "percent", "date" and "datetime".
    """

    code: str
    name: str
    locale: str
    patterns: Mapping[str, str]


@dataclass(frozen=True)
class TabSource:
    """A tab's file as read: `name` is "ru/clients.toml"."""

    name: str
    content: TabFile
    document: Document


@dataclass(frozen=True)
class LanguageSource:
    """All the files of one language."""

    language: Language
    tabs: Mapping[str, TabSource]
    generated: Mapping[str, str]


FileModel = TypeVar("FileModel", bound=TemplateFile)


class Reader:
    """Reads files of the folder and gathers what is wrong in them."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or resource("sheets_templates")
        self.faults: list[tuple[str, Phrase]] = []

    def read(self, name: str, model: type[FileModel]) -> tuple[FileModel, Document] | None:
        """A file as a model, or None with its faults noted."""
        try:
            document = parse((self.folder / name).read_bytes())
        except FileNotFoundError:
            self.fault(name, Phrase(N_("the file is missing.")))
            return None
        except OSError as error:
            reason = error.strerror or str(error)
            self.fault(name, Phrase(N_("it cannot be read: {reason}"), {"reason": reason}))
            return None
        if isinstance(document, Phrase):
            self.fault(name, document)
            return None
        content = check(model, document)
        if isinstance(content, tuple):
            for fault in content:
                self.fault(name, fault)
            return None
        return content, document

    def language(self, code: str, tables: tuple[str, ...]) -> LanguageSource | None:
        """All the files of a language, None if one of its own two cannot be read."""
        about = self.read(f"{code}/{LANGUAGE_FILE}", LanguageFile)
        generated = self.read(f"{code}/{GENERATED_FILE}", GeneratedFile)
        tabs = {}
        for table in tables:
            name = f"{code}/{table}.toml"
            if found := self.read(name, TabFile):
                tabs[table] = TabSource(name, *found)
        if about is None or generated is None:
            return None
        content = about[0]
        language = Language(code, content.name, content.locale, content.patterns.model_dump())
        return LanguageSource(language, tabs, generated[0].titles.model_dump())

    def fault(self, name: str, what: Phrase) -> None:
        """Notes a fault of a file."""
        self.faults.append((name, Phrase("{file}: {what}", {"file": name, "what": what})))

    def finish(self) -> None:
        """Raises ConfigError if there were faults, with all of them by file."""
        if self.faults:
            phrases = [phrase for _, phrase in sorted(self.faults, key=itemgetter(0))]
            raise ConfigError(
                N_("The templates of the tabs cannot be used:\n{faults}"),
                N_("Mend these files in {folder}; docs/templates.md explains them."),
                faults=Phrases(tuple(phrases)),
                folder=self.folder,
            )


def languages(folder: Path | None = None) -> tuple[str, ...]:
    """The languages that there are templates for, sorted: ("en", "ru")."""
    home = folder or resource("sheets_templates")
    return tuple(sorted(file.parent.name for file in home.glob(f"*/{LANGUAGE_FILE}")))


def require_language(language: str, folder: Path | None = None) -> None:
    """Raises ConfigError if there are no templates for this language."""
    there_are = languages(folder)
    if language not in there_are:
        raise ConfigError(
            N_("There are no templates for the language “{language}”."),
            N_("Choose one of: {languages}."),
            language=language,
            languages=", ".join(there_are),
            meant=nearest(language, there_are),
        )


def load_language(language: str, folder: Path | None = None) -> Language:
    """What is to be known of a language. Raises ConfigError if it has no templates."""
    require_language(language, folder)
    reader = Reader(folder)
    source = reader.language(language, ())
    reader.finish()
    if source is None:
        raise AssertionError("a language without faults was read")
    return source.language
