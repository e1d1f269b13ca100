"""Numbers by a section of a pattern: places, groups, percent, thousands, exponents, fractions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from crm_sync.sheet_server.formatting.locales import SheetLocale
from crm_sync.sheet_server.formatting.pattern import Kind, Section, Token

_WIDE = Context(prec=400, rounding=ROUND_HALF_UP)
_SILENT = (Kind.COMMA,)


@dataclass(frozen=True, slots=True)
class _Layout:
    """A number section taken apart at its decimal point and its exponent."""

    before: tuple[Token, ...]
    after: tuple[Token, ...]
    exponent: tuple[Token, ...]
    exponent_sign: str
    has_point: bool
    is_grouped: bool
    power: int


def number_formatter(section: Section, locale: SheetLocale) -> Callable[[float], str]:
    """A function that shows a number by this section without its sign, which is the caller's."""
    if _is_fraction(section.tokens):
        return _fraction_formatter(section.tokens, locale)
    layout = _layout(section.tokens)
    if not any(token.kind is Kind.DIGIT for token in section.tokens):
        literal = "".join(token.text for token in section.tokens if token.kind not in _SILENT)
        return lambda value: literal
    if layout.exponent_sign:
        return lambda value: _show_scientific(abs(value), layout, locale)
    places = _count(layout.after)
    in_full = _filled_in(layout, places, locale)
    return _quick(layout, places, locale, in_full) if _is_common(layout) else in_full


def _filled_in(layout: _Layout, places: int, locale: SheetLocale) -> Callable[[float], str]:
    def show(value: float) -> str:
        whole, decimals = _rounded(_exact(abs(value)).scaleb(layout.power), places)
        return _fill_whole(layout, whole, locale) + _fill_decimals(layout, decimals, locale)

    return show


def _is_common(layout: _Layout) -> bool:
    """Whether the section is like `0`, `#,##0` or `#,##0.00`, with nothing else in it."""
    before = "".join(token.text for token in layout.before)
    after = "".join(token.text for token in layout.after)
    return layout.power == 0 and before in ("0", "#,##0") and after.strip("0") == ""


def _quick(
    layout: _Layout, places: int, locale: SheetLocale, in_full: Callable[[float], str]
) -> Callable[[float], str]:
    """The same texts by Python's own formatting, five times as fast; most cells are like that.

    Python rounds the binary number: only where its shortest decimal ends in a lone 5 behind the
    last place can this differ from rounding half up.
    """
    pattern = f"{',' if layout.is_grouped else ''}.{places}f"
    point = locale.decimal if layout.has_point else ""
    is_english = locale.group == "," and locale.decimal == "."
    has_bare_point = layout.has_point and not places

    def show(value: float) -> str:
        shortest = repr(value)
        is_half = shortest[-1] == "5" and shortest.partition(".")[2][places:] == "5"
        if is_half or has_bare_point or "e" in shortest:
            return in_full(value)
        text = format(abs(value), pattern)
        if is_english:
            return text
        return text.replace(",", "\0").replace(".", point).replace("\0", locale.group)

    return show


def _exact(value: float) -> Decimal:
    # The shortest decimal that reads back as the float is what people see: 2.345 rounds to 2.35.
    return Decimal(value) if isinstance(value, int) else Decimal(repr(value))


def _rounded(number: Decimal, places: int) -> tuple[str, str]:
    """The digits before and after the point, rounded half up; a zero whole part is empty."""
    text = format(number.quantize(Decimal(1).scaleb(-places), context=_WIDE), "f")
    whole, _, decimals = text.partition(".")
    return whole.lstrip("0"), decimals


def _count(tokens: Sequence[Token]) -> int:
    return sum(token.kind is Kind.DIGIT for token in tokens)


def _split(tokens: Sequence[Token], kind: Kind) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
    for index, token in enumerate(tokens):
        if token.kind is kind:
            return tuple(tokens[:index]), tuple(tokens[index + 1 :])
    return tuple(tokens), ()


def _layout(tokens: Sequence[Token]) -> _Layout:
    mantissa, exponent = _split(tokens, Kind.EXPONENT)
    before, after = _split(mantissa, Kind.POINT)
    signs = [token.text[1] for token in tokens if token.kind is Kind.EXPONENT]
    percents = sum(token.kind is Kind.PERCENT for token in tokens)
    scale = _trailing_commas(before) + (_trailing_commas(after) if _count(after) else 0)
    return _Layout(
        before=before,
        after=after,
        exponent=exponent,
        exponent_sign=signs[0] if signs else "",
        has_point=any(token.kind is Kind.POINT for token in mantissa),
        is_grouped=_is_grouped(before),
        power=2 * percents - 3 * scale,
    )


def _digit_bounds(tokens: Sequence[Token]) -> tuple[int, int]:
    digits = [index for index, token in enumerate(tokens) if token.kind is Kind.DIGIT]
    return (digits[0], digits[-1]) if digits else (len(tokens), len(tokens))


def _trailing_commas(tokens: Sequence[Token]) -> int:
    """Commas right after the last place: each divides by a thousand."""
    _, last = _digit_bounds(tokens)
    count = 0
    for token in tokens[last + 1 :]:
        if token.kind is not Kind.COMMA:
            break
        count += 1
    return count


def _is_grouped(tokens: Sequence[Token]) -> bool:
    first, last = _digit_bounds(tokens)
    return any(token.kind is Kind.COMMA for token in tokens[first:last])


def _padding(placeholder: str) -> str:
    return {"0": "0", "?": " "}.get(placeholder, "")


def _fill_whole(layout: _Layout, digits: str, locale: SheetLocale) -> str:
    """The places before the point, filled from the right; the first takes what is left over."""
    tokens, remaining, shown = layout.before, digits, 0
    first, _ = _digit_bounds(tokens)
    if first == len(tokens):
        return "".join(token.text for token in tokens if token.kind is not Kind.COMMA) + digits
    pieces: list[str] = []

    def put(char: str) -> None:
        nonlocal shown
        if layout.is_grouped and shown and shown % 3 == 0:
            pieces.append(locale.group if char != " " else " ")
        pieces.append(char)
        shown += 1

    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        if token.kind is Kind.DIGIT:
            char, remaining = (remaining[-1:] or _padding(token.text)), remaining[:-1]
            if char:
                put(char)
            if index == first:
                for left_over in reversed(remaining):
                    put(left_over)
        elif token.kind is not Kind.COMMA:
            pieces.append(token.text[::-1])
    return "".join(pieces)[::-1]


def _fill_decimals(layout: _Layout, digits: str, locale: SheetLocale) -> str:
    if not layout.has_point:
        return ""
    kept = len(digits.rstrip("0"))
    pieces, position = [locale.decimal], 0
    for token in layout.after:
        if token.kind is Kind.DIGIT:
            needed = position < kept or token.text == "0"
            pieces.append(digits[position] if needed else _padding(token.text))
            position += 1
        elif token.kind is not Kind.COMMA:
            pieces.append(token.text)
    return "".join(pieces)


def _show_scientific(value: float, layout: _Layout, locale: SheetLocale) -> str:
    places, width = _count(layout.after), max(_count(layout.before), 1)
    number = _exact(value).scaleb(layout.power)
    exponent = number.adjusted() - width + 1 if number else 0
    whole, decimals = _rounded(number.scaleb(-exponent), places)
    if len(whole) > width:
        exponent += 1
        whole, decimals = _rounded(number.scaleb(-exponent), places)
    digits = [token for token in layout.exponent if token.kind is Kind.DIGIT]
    rest = [token for token in layout.exponent if token.kind is not Kind.DIGIT]
    sign = "-" if exponent < 0 else ("+" if layout.exponent_sign == "+" else "")
    return (
        _fill_whole(layout, whole, locale)
        + _fill_decimals(layout, decimals, locale)
        + f"E{sign}{str(abs(exponent)).zfill(len(digits))}"
        + "".join(token.text for token in rest)
    )


def _is_fraction(tokens: Sequence[Token]) -> bool:
    before, after = _split(tokens, Kind.SLASH)
    return _count(before) > 0 and (_count(after) > 0 or _fixed_denominator(after) is not None)


def _fixed_denominator(tokens: Sequence[Token]) -> int | None:
    digits = "".join(token.text for token in tokens if token.kind in (Kind.DIGIT, Kind.LITERAL))
    return int(digits) if digits.strip().isdigit() and int(digits) > 0 else None


def _fraction_formatter(tokens: Sequence[Token], locale: SheetLocale) -> Callable[[float], str]:
    before, after = _split(tokens, Kind.SLASH)
    fixed = _fixed_denominator(after)
    widest = 10 ** _count(after) - 1
    groups = "".join("d" if token.kind is Kind.DIGIT else " " for token in before).split()
    has_whole = len(groups) > 1

    def show(value: float) -> str:
        number = Fraction(_exact(abs(value)))
        whole = int(number) if has_whole else 0
        rest = number - whole
        if fixed is not None:
            top, bottom = round(rest * fixed), fixed
        else:
            near = rest.limit_denominator(widest)
            top, bottom = near.numerator, near.denominator
        if has_whole and top == bottom:
            whole, top = whole + 1, 0
        if has_whole and top == 0:
            return f"{whole}"
        return (f"{whole} " if whole else "") + f"{top}/{bottom}"

    return show
