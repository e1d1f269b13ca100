"""The tree of a formula, and the parser that grows it.

Binding, strongest first: sign, `%`, `^`, `* /`, `+ -`, `&`, comparison; all to the left. So
`-2^2` is 4 and `2^3^2` is 64, as in Sheets.
"""

from dataclasses import dataclass
from functools import lru_cache

from crm_sync.sheet_server.formatting.error_value import ErrorType, tidy_number
from crm_sync.sheet_server.formatting.locales import sheet_locale
from crm_sync.sheet_server.formula.references import Reference
from crm_sync.sheet_server.formula.tokens import FormulaSyntaxError, Token, TokenKind, tokenize


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, text or boolean written into the formula; None for an argument left empty."""

    value: float | str | bool | None


@dataclass(frozen=True, slots=True)
class ErrorLiteral:
    """An error written into the formula, mostly `#REF!` for a reference that was deleted."""

    type: ErrorType


@dataclass(frozen=True, slots=True)
class ReferenceNode:
    """Cells of the workbook."""

    reference: Reference


@dataclass(frozen=True, slots=True)
class NameNode:
    """A named range, or an unknown word."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments; `name` is as written."""

    name: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Unary:
    """`-x`, `+x` or `x%`."""

    operator: str
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and one of `+ - * / ^ & = <> < <= > >=`."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class ArrayLiteral:
    """`{1,2;3,4}`: rows of nodes; a node may be a range."""

    rows: tuple[tuple["Node", ...], ...]


Node = Literal | ErrorLiteral | ReferenceNode | NameNode | Call | Unary | Binary | ArrayLiteral


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula understood: its tokens, and its tree, or None where it cannot be parsed."""

    tokens: tuple[Token, ...]
    tree: Node | None

    @property
    def text(self) -> str:
        """The formula as Google stores it, with `=`."""
        return "=" + "".join(token.text for token in self.tokens)


@lru_cache(maxsize=16_384)
def parse(text: str, locale: str) -> Formula:
    """The formula behind a text with its leading `=`, in the locale's separators.

    What cannot be parsed has no tree and keeps its text: its cell shows `#ERROR!`.
    """
    try:
        tokens = tokenize(text[1:], locale)
        return Formula(tokens, _Parser(tokens, locale).parse())
    except (FormulaSyntaxError, RecursionError):
        return Formula((Token(TokenKind.BLANK, text[1:]),), None)


_STRENGTH = {
    **dict.fromkeys(("=", "<>", "<", "<=", ">", ">="), 1),
    "&": 2,
    **dict.fromkeys(("+", "-"), 3),
    **dict.fromkeys(("*", "/"), 4),
    "^": 5,
}


class _Parser:
    def __init__(self, tokens: tuple[Token, ...], locale: str) -> None:
        self._tokens = [token for token in tokens if token.kind is not TokenKind.BLANK]
        self._position = 0
        self._locale = sheet_locale(locale)

    def parse(self) -> Node:
        tree = self._binary(1)
        if self._position < len(self._tokens):
            raise FormulaSyntaxError(f"unexpected {self._tokens[self._position].text!r}")
        return tree

    def _peek(self) -> Token | None:
        if self._position < len(self._tokens):
            return self._tokens[self._position]
        return None

    def _next_is(self, kind: TokenKind) -> bool:
        token = self._peek()
        return token is not None and token.kind is kind

    def _take(self, kind: TokenKind) -> Token:
        token = self._peek()
        if token is None or token.kind is not kind:
            raise FormulaSyntaxError(f"expected {kind.name}")
        self._position += 1
        return token

    def _operator(self) -> str:
        """The operator that comes next, not taken yet; empty if it is something else."""
        token = self._peek()
        return token.text if token is not None and token.kind is TokenKind.OPERATOR else ""

    def _binary(self, weakest: int) -> Node:
        """Operands joined by operators of at least this strength (precedence climbing)."""
        node = self._postfix()
        while (strength := _STRENGTH.get(operator := self._operator(), 0)) >= weakest:
            self._position += 1
            node = Binary(operator, node, self._binary(strength + 1))
        return node

    def _postfix(self) -> Node:
        node = self._signed()
        while self._operator() == "%":
            self._position += 1
            node = Unary("%", node)
        return node

    def _signed(self) -> Node:
        sign = self._operator()
        if sign in ("+", "-"):
            self._position += 1
            return Unary(sign, self._signed())
        return self._operand()

    def _operand(self) -> Node:
        token = self._peek()
        if token is None:
            raise FormulaSyntaxError("the formula ends too early")
        self._position += 1
        match token.kind:
            case TokenKind.NUMBER:
                return Literal(_number(token.text, self._locale.decimal))
            case TokenKind.STRING:
                return Literal(token.text[1:-1].replace('""', '"'))
            case TokenKind.REFERENCE:
                assert token.reference is not None
                return ReferenceNode(token.reference)
            case TokenKind.ERROR:
                return ErrorLiteral(ErrorType(_code(token.text)))
            case TokenKind.NAME:
                return self._word(token.text)
            case TokenKind.FUNCTION:
                return self._call(token.text)
            case TokenKind.OPEN:
                node = self._binary(1)
                self._take(TokenKind.CLOSE)
                return node
            case TokenKind.OPEN_ARRAY:
                return self._array()
            case _:
                raise FormulaSyntaxError(f"unexpected {token.text!r}")

    def _word(self, text: str) -> Node:
        word = text.upper()
        if word in ("TRUE", self._locale.true):
            return Literal(True)
        if word in ("FALSE", self._locale.false):
            return Literal(False)
        return NameNode(text)

    def _call(self, name: str) -> Node:
        self._take(TokenKind.OPEN)
        arguments: list[Node] = []
        if self._next_is(TokenKind.CLOSE):
            self._take(TokenKind.CLOSE)
            return Call(name, ())
        while True:
            arguments.append(self._argument())
            if self._next_is(TokenKind.CLOSE):
                self._take(TokenKind.CLOSE)
                return Call(name, tuple(arguments))
            self._take(TokenKind.ARGUMENT)

    def _argument(self) -> Node:
        if self._next_is(TokenKind.ARGUMENT) or self._next_is(TokenKind.CLOSE):
            return Literal(None)
        return self._binary(1)

    def _array(self) -> Node:
        rows: list[tuple[Node, ...]] = []
        line: list[Node] = [self._binary(1)]
        while not self._next_is(TokenKind.CLOSE_ARRAY):
            if self._next_is(TokenKind.COLUMN):
                self._take(TokenKind.COLUMN)
            else:
                self._take(TokenKind.ROW)
                rows.append(tuple(line))
                line = []
            line.append(self._binary(1))
        self._take(TokenKind.CLOSE_ARRAY)
        return ArrayLiteral((*rows, tuple(line)))


def _number(text: str, decimal: str) -> float:
    return tidy_number(float(text.replace(decimal, ".")))


def _code(text: str) -> str:
    return "#" + text.rpartition("#")[2]
