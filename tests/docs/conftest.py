"""The documents are tested on the same demonstration as the command line."""

from tests.cli.demonstration import config, crm, demo, here, played

__all__ = ["config", "crm", "demo", "here", "played"]
