"""Tabs as people see them: titles, headings, words for choices and number formats by language."""

from crm_sync.templates.dictionary import default_statuses
from crm_sync.templates.folder import Language, languages, load_language
from crm_sync.templates.synonyms import load_synonyms
from crm_sync.templates.tabs import fingerprint, generated_titles, load_tabs

__all__ = [
    "Language",
    "default_statuses",
    "fingerprint",
    "generated_titles",
    "languages",
    "load_language",
    "load_synonyms",
    "load_tabs",
]
