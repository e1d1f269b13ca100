"""Lets a process see each fsync that it makes, SQLite's too: a small library, made by the compiler
of this machine, that is loaded before the C library.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

SOURCE: Final = r"""
#define _GNU_SOURCE
#include <dlfcn.h>

static void (*hook)(int);

void before_each_sync(void (*given)(int)) { hook = given; }

static int synced(const char *name, int file) {
    if (hook) hook(file);
    return ((int (*)(int)) dlsym(RTLD_NEXT, name))(file);
}

int fsync(int file) { return synced("fsync", file); }
int fdatasync(int file) { return synced("fdatasync", file); }
"""
LIBRARY: Final = "CRM_SYNC_TEST_SYNCS"
REASON: Final = "needs Linux and a C compiler"

_kept: list[Any] = []


def can_watch() -> bool:
    """True if this machine can make and load the library."""
    return sys.platform == "linux" and shutil.which("cc") is not None


def watching(folder: Path) -> dict[str, str]:
    """The environment in which a process can use `before_each_sync`."""
    library = folder / "syncs.so"
    command = ["cc", "-shared", "-fPIC", "-o", str(library), "-x", "c", "-", "-ldl"]
    subprocess.run(command, input=SOURCE, text=True, check=True)
    return {"LD_PRELOAD": str(library), LIBRARY: str(library)}


def before_each_sync(call: Callable[[int], None]) -> None:
    """Calls with the number of the file, before each fsync that this process makes from now on."""
    hook = ctypes.CFUNCTYPE(None, ctypes.c_int)(call)
    _kept.append(hook)
    ctypes.CDLL(os.environ[LIBRARY]).before_each_sync(hook)
