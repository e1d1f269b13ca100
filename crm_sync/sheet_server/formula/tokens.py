"""A formula's text cut into tokens; joined again they give the text back, blanks included."""

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from crm_sync.sheet_server.formatting.locales import sheet_locale
from crm_sync.sheet_server.formula.references import Reference, parse_reference


class FormulaSyntaxError(Exception):
    """The text is no formula; a cell with it shows `#ERROR!`, Formula parse error."""


class TokenKind(Enum):
    """What a token is for the parser."""

    NUMBER = auto()
    STRING = auto()
    REFERENCE = auto()
    ERROR = auto()
    FUNCTION = auto()
    NAME = auto()
    OPERATOR = auto()
    OPEN = auto()
    CLOSE = auto()
    OPEN_ARRAY = auto()
    CLOSE_ARRAY = auto()
    ARGUMENT = auto()
    ROW = auto()
    COLUMN = auto()
    BLANK = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """One token as written; `reference` is there for REFERENCE only."""

    kind: TokenKind
    text: str
    reference: Reference | None = None


_SHEET = r"(?:'(?:[^']|'')+'|[^\W\d][\w.]*)!"
_CELL = r"\$?[A-Za-z]{1,3}\$?[1-9]\d*"
_COLUMN = r"\$?[A-Za-z]{1,3}"
_ROW = r"\$?[1-9]\d*"
_RANGE = rf"(?:{_CELL}|{_COLUMN}|{_ROW}):(?:{_CELL}|{_COLUMN}|{_ROW})"
_ERRORS = r"\#(?:NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A|ERROR!)"


@lru_cache(maxsize=64)
def _shapes(locale: str) -> re.Pattern[str]:
    conventions = sheet_locale(locale)
    decimal = re.escape(conventions.decimal)
    return re.compile(
        rf"""
          (?P<BLANK>\s+)
        | (?P<STRING>"(?:[^"]|"")*")
        | (?P<ERROR>(?:{_SHEET})?{_ERRORS})
        | (?P<REFERENCE>(?:{_SHEET})?(?:{_RANGE}(?![\w.])|{_CELL}(?![\w.(!])))
        | (?P<NUMBER>(?:\d+(?:{decimal}\d*)?|{decimal}\d+)(?:[eE][+-]?\d+)?)
        | (?P<FUNCTION>[^\W\d][\w.]*(?=\())
        | (?P<NAME>(?:{_SHEET})?[^\W\d][\w.]*)
        | (?P<OPERATOR><=|>=|<>|[-+*/^&=<>%])
        | (?P<OPEN>\()
        | (?P<CLOSE>\))
        | (?P<OPEN_ARRAY>\{{)
        | (?P<CLOSE_ARRAY>\}})
        | (?P<ARGUMENT>{re.escape(conventions.argument_separator)})
        | (?P<ROW>;)
        | (?P<COLUMN>\\)
        """,
        re.VERBOSE,
    )


def tokenize(text: str, locale: str) -> tuple[Token, ...]:
    """The tokens of a formula without its leading `=`; FormulaSyntaxError at a strange character.

    References are put into their written form (`b1:b1` is `B1`), and where arguments are
    separated by commas a `;` between them becomes one, as Google does. Within `{...}` separators
    have the kinds ROW and COLUMN, elsewhere ARGUMENT.
    """
    shapes = _shapes(locale)
    separators = _Separators(locale)
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        match = shapes.match(text, position)
        if match is None:
            raise FormulaSyntaxError(f"unexpected {text[position]!r} at {position}")
        position = match.end()
        kind = TokenKind[match.lastgroup or "BLANK"]
        tokens.append(separators.settled(_token(kind, match[0])))
    return tuple(tokens)


def _token(kind: TokenKind, text: str) -> Token:
    if kind is not TokenKind.REFERENCE:
        return Token(kind, text)
    reference = parse_reference(text)
    if reference is None:
        raise FormulaSyntaxError(f"no reference: {text!r}")
    return Token(kind, reference.text, reference)


class _Separators:
    """Tells argument separators from those of array literals by the brackets around them."""

    def __init__(self, locale: str) -> None:
        conventions = sheet_locale(locale)
        self._argument = conventions.argument_separator
        self._column = conventions.column_separator
        self._brackets: list[TokenKind] = []

    def settled(self, token: Token) -> Token:
        """The token with its final kind and text."""
        if token.kind in (TokenKind.OPEN, TokenKind.OPEN_ARRAY):
            self._brackets.append(token.kind)
        elif token.kind in (TokenKind.CLOSE, TokenKind.CLOSE_ARRAY):
            if self._brackets:
                self._brackets.pop()
        elif token.kind in (TokenKind.ARGUMENT, TokenKind.ROW, TokenKind.COLUMN):
            return self._settled_separator(token)
        return token

    def _settled_separator(self, token: Token) -> Token:
        in_array = bool(self._brackets) and self._brackets[-1] is TokenKind.OPEN_ARRAY
        if not in_array:
            if token.text == "\\":
                raise FormulaSyntaxError("a backslash outside of an array")
            return Token(TokenKind.ARGUMENT, self._argument)
        if token.text == ";":
            return Token(TokenKind.ROW, ";")
        return Token(TokenKind.COLUMN, self._column)
