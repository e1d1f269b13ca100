"""How a number without a format is shown: as short as it is exact, ten significant digits at most.

From 1E+15 on, and below 1E-9, Sheets turns to an exponent with six significant digits.
"""

from decimal import ROUND_HALF_UP, Context, Decimal

_SCIENTIFIC = Context(prec=6, rounding=ROUND_HALF_UP)
_EXPONENT_FROM = 1e15
_EXPONENT_BELOW = 1e-9


def format_automatic(value: float, decimal: str = ".", significant: int = 10) -> str:
    """The number's text in an unformatted cell, such as `0.0009765625`, `33.33333333`, `1E+16`.

    Joined into a text, a number keeps more `significant` digits than a cell shows.
    """
    if isinstance(value, int):
        if -_EXPONENT_FROM < value < _EXPONENT_FROM:
            return str(value)
        return _scientific(value, decimal)
    shortest = repr(value)
    if len(shortest) <= 11 and "e" not in shortest:
        text = "0" if value == 0 else shortest.removesuffix(".0")
        return text if decimal == "." else text.replace(".", decimal)
    size = abs(value)
    if significant == 10 and 1e-4 <= size < 1e9:
        rounded = format(value, ".10g")
        # Python rounds the binary number: it differs where the decimal one ends in a lone 5.
        if shortest[-1] != "5" or len(shortest) > 17:
            return rounded if decimal == "." else rounded.replace(".", decimal)
    if size >= _EXPONENT_FROM or 0 < size < _EXPONENT_BELOW:
        return _scientific(value, decimal)
    return _plain(value, decimal, significant)


def _plain(value: float, decimal: str, significant: int) -> str:
    number = Decimal(repr(value))
    if number == number.to_integral_value():
        return format(number.to_integral_value(), "f")
    # A long integer part is never shortened: only the decimals go.
    digits_before = number.adjusted() + 1
    if digits_before >= significant:
        rounded = number.quantize(Decimal(1), rounding=ROUND_HALF_UP)
    else:
        rounded = Context(prec=significant, rounding=ROUND_HALF_UP).plus(number)
    text = format(rounded, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace(".", decimal)


def _scientific(value: float, decimal: str) -> str:
    number = _SCIENTIFIC.create_decimal(Decimal(value) if isinstance(value, int) else repr(value))
    sign, digits, _ = number.as_tuple()
    exponent = number.adjusted()
    mantissa = "".join(map(str, digits)).rstrip("0") or "0"
    text = mantissa[0] + (decimal + mantissa[1:] if len(mantissa) > 1 else "")
    return f"{'-' if sign else ''}{text}E{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
