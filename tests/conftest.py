"""What holds for every test: no network but this machine, and the same examples in each run."""

import gc
import ipaddress
import sys
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# Seeded, so that a red run stays red. `pytest --hypothesis-profile explore` looks for new examples.
settings.register_profile(
    "seeded",
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "explore", settings.get_profile("seeded"), derandomize=False, max_examples=1000
)
settings.register_profile(
    "soak", settings.get_profile("explore"), max_examples=20_000, deadline=timedelta(minutes=1)
)
settings.load_profile("seeded")


def _is_this_machine(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode()
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


class NetworkForbidden(RuntimeError):
    """A test tried to reach another machine. The suite is offline: start a server on 127.0.0.1."""


def _guard_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple) and not _is_this_machine(address[0]):
            raise NetworkForbidden(f"connect to {address[0]}")
    elif event == "socket.getaddrinfo" and not _is_this_machine(arguments[0]):
        raise NetworkForbidden(f"look up {arguments[0]!r}")


def pytest_configure(config: pytest.Config) -> None:
    # An audit hook sees connections made by any library, also those made from C code.
    if config.getoption("markexpr") != "google":
        sys.addaudithook(_guard_network)


def pytest_collection_finish() -> None:
    # What is loaded by now is there to stay: no search for cycles need look at it again.
    gc.collect()
    gc.freeze()
