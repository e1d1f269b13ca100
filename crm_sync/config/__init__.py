"""The configuration: one TOML file, checked before anything else happens."""

from crm_sync.config.load import check_known, load_config, spoken_language
from crm_sync.config.sample import SampleValues, sample_config
from crm_sync.config.sample_workbooks import SampleWorkbook
from crm_sync.config.settings import (
    BackupSettings,
    Config,
    GoogleWorkbook,
    Limits,
    LocalWorkbook,
    Requests,
    StoreSettings,
)

__all__ = [
    "BackupSettings",
    "Config",
    "GoogleWorkbook",
    "Limits",
    "LocalWorkbook",
    "Requests",
    "SampleValues",
    "SampleWorkbook",
    "StoreSettings",
    "check_known",
    "load_config",
    "sample_config",
    "spoken_language",
]
