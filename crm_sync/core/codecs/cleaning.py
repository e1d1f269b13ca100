"""Text as it is kept: what people cannot see is taken out, what they see stays.

`clean` gives the form that the store keeps, `bare` the form in which numbers and addresses are
read, `fold` the form in which two spellings of one name are equal, `squeeze` what is left of a name
typed in haste. Laws, for each of the four: f(f(x)) = f(x).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST_CELL: Final = 50_000
"""Characters a cell of Google Sheets may hold; one more and the whole batch is refused."""

LONGEST_TYPED: Final = 300
"""Characters of a bad cell that a problem quotes."""

# Composed already, seen, with no neighbour that could change it: nearly every cell there is.
_PLAIN: Final = re.compile(r"[ -~А-яЁё«»№–—…\n]*\Z")

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_LINE_BREAK: Final = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_BLANK: Final = re.compile("[\t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
# Joiners carry meaning inside an emoji and in Arabic or Indic words; elsewhere they are rubbish.
_JOINED: Final = "\u0590-\u1cff\u2600-\ud7ff\uf900-\ufdff\U00010000-\U0010ffff"
_UNSEEN: Final = re.compile(
    f"[\xad\u200b\u2060\ufeff]|[\u200c\u200d](?![{_JOINED}])"
    # Behind what says in which form an emoji is shown, too.
    f"|(?<![{_JOINED}\ufe00-\ufe0f])[\u200c\u200d]"
)
_DIRECTION: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_JOINER: Final = re.compile("[\u200c\u200d]")
_QUOTES: Final = re.compile("[«»“”„‟″]")
_DASHES: Final = re.compile("[\u2010-\u2015\u2212]")
_SPACES: Final = re.compile(r"\s+")
_LOOK_RUSSIAN: Final = str.maketrans("abcehkmoptxy", "авсенкмортху")
# What keyboards of East Asia and of Arabic countries make of Latin signs and of digits.
_WIDE: Final = re.compile("[\uff01-\uff5e]")
_OTHER_DIGIT: Final = re.compile(r"(?![0-9])\d")


def fitting(text: str) -> str:
    """The text, cut where it is longer than a cell may be."""
    if 2 * len(text) <= LONGEST_CELL or sheet_length(text) <= LONGEST_CELL:
        return text
    units = text.encode("utf-16-le", "surrogatepass")[: 2 * (LONGEST_CELL - 1)]
    return units.decode("utf-16-le", "ignore") + "…"


def sheet_length(text: str) -> int:
    """The length as a spreadsheet counts it, in units of UTF-16: most emoji count twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str) -> str:
    """The text as the store keeps it: NFC, trimmed, line breaks as "\\n", every other blank as a
    plain one, no control or zero-width characters, half a surrogate pair as U+FFFD.
    """
    if _PLAIN.match(text) is None:
        text = _scrubbed(text)
    return text.strip(" \n")


def _scrubbed(text: str) -> str:
    if _SURROGATE.search(text):
        # SQLite refuses a lone surrogate; two halves of a pair become the one character they mean.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = _LINE_BREAK.sub("\n", text)
    text = _BLANK.sub(" ", text)
    # Composed before and after: what is taken out may have stood between a letter and its accent.
    text = unicodedata.normalize("NFC", _CONTROL.sub("", text))
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text))


def bare(text: str) -> str:
    """Clean text without joiners and direction marks, which come along when a phone is copied;
    full-width signs and the digits of other scripts as the Latin ones that they are.
    """
    if text.isascii():
        return text
    text = _WIDE.sub(lambda match: chr(ord(match[0]) - 0xFEE0), text)
    text = _OTHER_DIGIT.sub(lambda match: str(unicodedata.digit(match[0])), text)
    return clean(_JOINER.sub("", _DIRECTION.sub("", text)))


def fold(text: str) -> str:
    """The form in which two spellings of one name are equal: no case, ё as е, one kind of quote
    and dash, single blanks.
    """
    if not text.isascii():
        text = bare(clean(text))
        text = _DASHES.sub("-", _QUOTES.sub('"', text))
        # Some letters fold to what is not composed; composing may leave what folds once more.
        text = unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())
        text = unicodedata.normalize("NFC", text.casefold()).replace("ё", "е")
    return _SPACES.sub(" ", text.casefold()).strip()


def squeeze(text: str) -> str:
    """The letters and digits of a folded text, Latin letters that look like Russian ones as those:
    what is left when "юр. лицо!" and "Юрлицо", «Ромашка» and "Рoмашка" are one.
    """
    return "".join(filter(str.isalnum, fold(text))).translate(_LOOK_RUSSIAN)


def typed_text(cell: object) -> str:
    """What stands in a cell, as a problem quotes it: cut to `LONGEST_TYPED`, safe to be stored."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, bytes):
        text = cell.decode("utf-8", "replace")
    elif isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        text = str(int(cell))
    elif isinstance(cell, int) and cell.bit_length() > 1000:
        # Python refuses to write out an int of thousands of digits.
        text = f"{cell >> (cell.bit_length() - 40)}…"
    else:
        text = str(cell)
    text = clean(text[: 4 * LONGEST_TYPED])
    return text if len(text) <= LONGEST_TYPED else text[: LONGEST_TYPED - 1] + "…"
