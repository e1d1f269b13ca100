"""Puts the application together: the one part that knows the concrete adapters."""

from crm_sync.wiring.application import StoreUse, SystemClock, open_application, waiting_told
from crm_sync.wiring.demo import open_demo
from crm_sync.wiring.local import local_data, serve_data

__all__ = [
    "StoreUse",
    "SystemClock",
    "local_data",
    "open_application",
    "open_demo",
    "serve_data",
    "waiting_told",
]
