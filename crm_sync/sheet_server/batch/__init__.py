"""The requests of spreadsheets.batchUpdate: see `runner.run_requests`."""

from crm_sync.sheet_server.batch.context import Batch, Caller
from crm_sync.sheet_server.batch.runner import run_requests

__all__ = ["Batch", "Caller", "run_requests"]
