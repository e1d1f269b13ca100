"""The fenced examples of a document."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def fenced(document: str, language: str) -> list[str]:
    """The blocks of one language, in order."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands(document: str) -> list[str]:
    """Each command line of the document's shell blocks, without the remarks behind them."""
    lines = "\n".join(fenced(document, "sh")).splitlines()
    return [re.sub(r"\s{2,}# .*", "", line) for line in lines if line.strip()]


def inline(document: str) -> list[str]:
    """The crm-sync commands that stand within sentences."""
    text = (ROOT / document).read_text(encoding="utf-8")
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [found.replace("\n", " ") for found in re.findall(r"`(crm-sync [^`]+)`", prose)]
