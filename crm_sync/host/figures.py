"""Figures of the last runs in Prometheus' text format, for node_exporter's textfile collector:
https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from crm_sync.core.values import N_
from crm_sync.errors import HostError
from crm_sync.host.notes import write_whole

# The exporter runs as another user, and the figures name nobody.
_FOR_ALL: Final = 0o644


@dataclass
class Metric:
    """One gauge: its name without the prefix, what it is, and its values by labels."""

    name: str
    help: str
    values: list[tuple[Mapping[str, str], float]] = field(default_factory=list)

    def lines(self) -> Iterable[str]:
        """The metric as Prometheus reads it."""
        name = f"crm_sync_{self.name}"
        yield f"# HELP {name} {self.help}"
        yield f"# TYPE {name} gauge"
        for labels, value in self.values:
            shown = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
            number = f"{value:g}" if value < 1e5 else f"{value:.0f}"
            yield f"{name}{{{shown}}} {number}"


def write_figures(path: Path, metrics: Iterable[Metric]) -> None:
    """Puts the figures in place, whole. Raises HostError."""
    text = "".join(f"{line}\n" for metric in metrics for line in metric.lines())
    failed = write_whole(path, text.encode(), _FOR_ALL)
    if failed is not None:
        raise HostError(
            N_("The figures cannot be written to {file}: {reason}."),
            N_("Correct file in [metrics] of config.toml, or see who may write to its folder."),
            file=path,
            reason=failed.strerror or str(failed),
        ) from failed


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
