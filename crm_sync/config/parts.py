"""What the sections of config.toml are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo

from crm_sync.core.values import N_
from crm_sync.messages.faults import Wrong


class Section(BaseModel):
    """A section: no key that is not known, and nothing changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


def _path(value: object, info: ValidationInfo) -> Path:
    """A path from the folder of the configuration; ~ is the home folder."""
    if not isinstance(value, str | Path) or not str(value).strip() or "\0" in str(value):
        raise Wrong(N_("a path in quotes is needed here."))
    folder = (info.context or {}).get("folder", Path())
    try:
        return Path(folder, Path(value).expanduser()).resolve()
    except RuntimeError:
        raise Wrong(N_("the home folder in “{typed}” is not known."), typed=value) from None


def name_of(name: str) -> str:
    """A name for a workbook, a branch, a person."""
    if not name.strip() or name != name.strip() or not name.isprintable():
        raise Wrong(N_("a name has letters or digits, and no blanks around it."))
    return name


FolderPath: TypeAlias = Annotated[Path, BeforeValidator(_path)]
