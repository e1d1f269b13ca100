"""What every test of the command line begins with."""

from tests.cli.demonstration import config, crm, demo, here, played

__all__ = ["config", "crm", "demo", "here", "played"]
