"""Whose program is at the other end of a connection within this computer.

Linux tells it in /proc/net/tcp (https://docs.kernel.org/networking/proc_net_tcp.html); other
systems do not, and then nobody is known.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
# 127.0.0.1 as the kernel prints it, plain and within IPv6.
_LOOPBACK = frozenset({"0100007F", "0000000000000000FFFF00000100007F"})


def is_own_program(client_port: int, server_port: int) -> bool:
    """Whether the client of a connection runs as the user who runs this server."""
    if not hasattr(os, "geteuid"):
        return False
    for table in _TABLES:
        try:
            lines = table.read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        user = user_of(lines, client_port, server_port)
        if user is not None:
            return user == os.geteuid()
    return False


def user_of(lines: Iterable[str], client_port: int, server_port: int) -> int | None:
    """The user id of the socket from one loopback port to the other, by a kernel's table."""
    for line in lines:
        fields = line.split()
        if len(fields) < 8 or not fields[7].isdecimal():
            continue
        ends = (fields[1].partition(":"), fields[2].partition(":"))
        if any(address not in _LOOPBACK for address, _, _ in ends):
            continue
        if (int(ends[0][2], 16), int(ends[1][2], 16)) == (client_port, server_port):
            return int(fields[7])
    return None
