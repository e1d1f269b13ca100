"""docs/cli.md, made of what the commands say about themselves.

`python -m tests.docs.reference` writes it; a test keeps it in step.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from crm_sync.cli.commands import cli

REFERENCE = Path(__file__).parents[2] / "docs" / "cli.md"
WIDTH = 88
HEAD = """\
# Commands

Written from `--help` by `make reference`. Each command also takes the options of `crm-sync` itself,
before or after its own name. What `--json` prints is described in [json-output.md](json-output.md).
"""


def reference() -> str:
    """The whole document."""
    return "\n".join((HEAD, *_sections(cli, "crm-sync", None)))


def _sections(command: click.Command, path: str, parent: click.Context | None) -> Iterator[str]:
    context = click.Context(
        command,
        info_name=path.rpartition(" ")[2],
        parent=parent,
        max_content_width=WIDTH,
        terminal_width=WIDTH,
        **{**command.context_settings, "help_option_names": ["-h", "--help"]},
    )
    help_text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    yield f"## {path}\n\n```text\n{help_text}\n```\n"
    for name, inner in sorted(getattr(command, "commands", {}).items()):
        yield from _sections(inner, f"{path} {name}", context)


if __name__ == "__main__":
    REFERENCE.write_text(reference(), encoding="utf-8")
