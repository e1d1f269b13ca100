"""Puts the application together: the one part that knows the concrete adapters."""

from crm_sync.wiring.application import StoreUse, SystemClock, open_application, waiting_told

__all__ = [
    "StoreUse",
    "SystemClock",
    "open_application",
    "waiting_told",
]
