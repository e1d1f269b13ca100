"""`crm-sync completion`: what makes a shell complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from crm_sync.cli.settings import Settings, spoken
from crm_sync.cli.usage import OneOf

PROGRAM = "crm-sync"
VARIABLE = "_CRM_SYNC_COMPLETE"


@click.command("completion", short_help="Print what makes a shell complete commands.")
@click.argument("shell", type=OneOf(("bash", "zsh", "fish")))
@spoken
def completion(settings: Settings, shell: str) -> None:
    """Print the script that makes a shell (bash 4.4 or newer, zsh, fish) complete the commands and
    options of crm-sync. Put it where the shell reads such scripts, then start a new shell.

    \b
    bash:  crm-sync completion bash >> ~/.bashrc
    zsh:   crm-sync completion zsh >> ~/.zshrc
    fish:  crm-sync completion fish > ~/.config/fish/completions/crm-sync.fish

    \b
    Example:  crm-sync completion bash
    """
    known = get_completion_class(shell)
    assert known is not None
    root = click.get_current_context().find_root().command
    script = known(root, {}, PROGRAM, VARIABLE)
    # source() also starts bash to see how old it is, and complains on stderr.
    text = known.source_template % script.source_vars()
    settings.out.line(text.strip(), keep=True)
