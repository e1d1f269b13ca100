"""Where the files that come with the program lie, in a checkout and in an installed package."""

from pathlib import Path
from typing import Final, Literal

ResourceName = Literal["sheets_templates", "demo_data", "locale"]

_PACKAGE: Final = Path(__file__).resolve().parent


def resource(name: ResourceName) -> Path:
    """Return the folder of this name that came with the program.

    A wheel carries `sheets_templates` inside the package; a checkout has it at the top, beside
    the package. Raises FileNotFoundError if neither is there: the installation is damaged.
    """
    for home in (_PACKAGE, _PACKAGE.parent):
        folder = home / name
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        f"The folder {name} that belongs to crm-sync is missing from {_PACKAGE}. "
        "Install crm-sync again: pip install --force-reinstall crm-sync"
    )
