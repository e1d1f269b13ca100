"""How a cell looks as CSS: each look once, as a class of its own."""

from __future__ import annotations

from crm_sync.sheet_server.workbook import Json

_ALIGNMENT = {"LEFT": "left", "CENTER": "center", "RIGHT": "right"}
_BY_VALUE = {"numberValue": "right", "boolValue": "center", "errorValue": "center"}
_VERTICAL = {"TOP": "top", "MIDDLE": "middle"}
_LINES = {
    "SOLID": "1px solid",
    "SOLID_MEDIUM": "2px solid",
    "SOLID_THICK": "3px solid",
    "DASHED": "1px dashed",
    "DOTTED": "1px dotted",
    "DOUBLE": "3px double",
}
_SIDES = ("top", "right", "bottom", "left")
_TEXT = (("bold", "font-weight:bold"), ("italic", "font-style:italic"))
_DECORATION = (("underline", "underline"), ("strikethrough", "line-through"))


class Looks:
    """The looks of the cells of a page, named in the order in which they appear."""

    def __init__(self, default: Json) -> None:
        self._background = css_colour(default.get("backgroundColor"))
        text = default.get("textFormat", {})
        self._foreground = css_colour(text.get("foregroundColor"))
        self._size = text.get("fontSize")
        self._names: dict[str, str] = {}

    def classes(self, cell: Json, next_is_free: bool) -> str:
        """The class names of a CellData; a text may reach over a neighbour that is free."""
        shown = cell.get("effectiveFormat", {})
        value = cell.get("effectiveValue", {})
        reaches = "stringValue" in value and next_is_free
        declared = [*self._colours(shown), *self._text(shown), *_placed(shown, value, reaches)]
        names = ["note"] if "note" in cell else []
        if declared:
            style = ";".join(declared)
            names.append(self._names.setdefault(style, f"c{len(self._names)}"))
        return " ".join(names)

    def style(self) -> str:
        """The style sheet with all looks that were named."""
        return "".join(f".{name}{{{style}}}" for style, name in self._names.items())

    def _colours(self, shown: Json) -> list[str]:
        declared = []
        background = css_colour(shown.get("backgroundColor"))
        if background != self._background and background is not None:
            declared.append(f"background:{background}")
        for side in _SIDES:
            border = shown.get("borders", {}).get(side, {})
            line = _LINES.get(border.get("style", ""))
            if line is not None:
                declared.append(f"border-{side}:{line} {css_colour(border.get('color', {}))}")
        return declared

    def _text(self, shown: Json) -> list[str]:
        text = shown.get("textFormat", {})
        declared = [style for name, style in _TEXT if text.get(name)]
        lines = [style for name, style in _DECORATION if text.get(name)]
        if lines:
            declared.append(f"text-decoration:{' '.join(lines)}")
        colour = css_colour(text.get("foregroundColor"))
        if colour != self._foreground and colour is not None:
            declared.append(f"color:{colour}")
        size = text.get("fontSize")
        if size != self._size and isinstance(size, int):
            declared.append(f"font-size:{min(max(size, 1), 400)}pt")
        return declared


def _placed(shown: Json, value: Json, reaches: bool) -> list[str]:
    declared = []
    kind = next(iter(value), "")
    alignment = _ALIGNMENT.get(shown.get("horizontalAlignment", "")) or _BY_VALUE.get(kind)
    if alignment not in (None, "left"):
        declared.append(f"text-align:{alignment}")
    vertical = _VERTICAL.get(shown.get("verticalAlignment", ""))
    if vertical is not None:
        declared.append(f"vertical-align:{vertical}")
    wrap = shown.get("wrapStrategy")
    if wrap == "WRAP":
        declared.append("white-space:pre-wrap;overflow-wrap:anywhere")
    elif reaches and wrap == "OVERFLOW_CELL" and alignment in (None, "left"):
        declared.append("overflow:visible")
    return declared


def css_colour(colour: Json | None) -> str | None:
    """A Color as `#rrggbb`, without its transparency; None if there is none."""
    if colour is None:
        return None
    parts = (float(colour.get(name, 0)) for name in ("red", "green", "blue"))
    return "#" + "".join(f"{round(255 * min(max(part, 0.0), 1.0)):02x}" for part in parts)
