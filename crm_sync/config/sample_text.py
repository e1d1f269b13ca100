"""Lines of a configuration: comments and strings."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Final

_WIDTH: Final = 98


def comment(text: str, depth: int = 1) -> Iterator[str]:
    """Lines of a comment; `depth` 2 for one inside an example that is commented out itself."""
    mark = "# " * depth
    yield from textwrap.wrap(text, _WIDTH, initial_indent=mark, subsequent_indent=mark)


def quoted(text: str) -> str:
    """A string as TOML writes it; the escapes of JSON are among those of TOML."""
    return json.dumps(text, ensure_ascii=False)
