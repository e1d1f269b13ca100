"""Pictures: SVG drawn into PNG by resvg, with a font that comes along, so that a server without
any fonts writes Russian, too. Both come with `pip install 'crm-sync[charts]'`.
"""

from __future__ import annotations

from crm_sync.core.values import N_
from crm_sync.errors import UserError

_SCALE = 2.0


def png_bytes(svg: str) -> bytes:
    """The picture at twice its size, for sharp prints. Raises UserError without the libraries."""
    try:
        from font_roboto import Roboto, RobotoMedium
        from resvg_py import svg_to_bytes
    except ImportError as exc:
        raise UserError(
            N_("To draw PNG pictures, two small libraries are missing."),
            N_("Type: pip install 'crm-sync[charts]' — or ask for an .html or .svg file."),
        ) from exc
    return bytes(
        svg_to_bytes(
            svg_string=svg,
            zoom=_SCALE,
            skip_system_fonts=True,
            font_files=[Roboto, RobotoMedium],
            font_family="Roboto",
            sans_serif_family="Roboto",
        )
    )
