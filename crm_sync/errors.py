"""The whole tree of errors; each carries facts as fields and a hint: what to type next.

    CrmSyncError
    ├── UserError                 can be mended by the user: shown without a traceback
    │   ├── ConfigError           config.toml is missing or wrong                    exit 5
    │   ├── KeyFileError          the service account's key file will not do         exit 5
    │   ├── AccessError           Google refuses this account this workbook          exit 5
    │   │   └── Locked            a range is protected against this account           exit 5
    │   ├── OpenToStrangers       somebody may read the workbook who must not        exit 5
    │   ├── WorkbookGone          no such workbook, or it lies in the bin            exit 5
    │   ├── WrongWorkbook         another file than the one this store is bound to   exit 5
    │   ├── OtherStore            another store syncs this workbook                  exit 5
    │   ├── WorkbookOlder         the workbook was put back to an older state        exit 3
    │   ├── StoreOlder            the store was put back to an older state           exit 3
    │   ├── ScopeError            a workbook's scope names what does not exist       exit 5
    │   ├── ShapeError            a tab or a heading that a run needs is not there   exit 3
    │   ├── Unreachable           no answer, or an answer that is not Google's       exit 4
    │   ├── QuotaExhausted        too many requests; the budget of the run is spent  exit 4
    │   ├── RunInProgress         another run holds the store                        exit 6
    │   ├── StoreError            the store cannot be opened or written              exit 6
    │   ├── StoreDamaged          the store's file is not whole, or no store at all  exit 6
    │   ├── StoreNewer            the store was made by a newer version              exit 6
    │   ├── HostError             a timer, a mail, a file beside a run: refused here     exit 1
    │   ├── BackupDamaged         a backup cannot be put back                        exit 6
    │   └── NotFound              no such record, conflict, problem, workbook        exit 2
    │       └── Ambiguous         several are called so                              exit 2
    └── UnknownOutcome            a write was sent and its answer was lost

A message and a hint are templates in English; `messages.py` gives their Russian form. Facts never
hold a secret; personal data stands in them only where the message goes to the person whose sheet
it is.
"""

from __future__ import annotations

from typing import ClassVar


class CrmSyncError(Exception):
    """Anything that crm-sync raises by itself."""


class UserError(CrmSyncError):
    """An error that the user can mend. `facts` fill the placeholders of `message` and `hint`."""

    exit_code: ClassVar[int] = 1
    code: ClassVar[str] = "E-ERROR"

    def __init__(self, message: str, hint: str = "", **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.facts = facts

    def __str__(self) -> str:
        return self.message.format(**self.facts)


class ConfigError(UserError):
    """The configuration is missing, malformed or asks for what cannot be."""

    exit_code = 5
    code = "E-CONFIG"


class KeyFileError(UserError):
    """The key file of the service account is missing, unsafe or not one."""

    exit_code = 5
    code = "E-KEYFILE"


class AccessError(UserError):
    """The account may not do this with the workbook."""

    exit_code = 5
    code = "E-SHARE"


class Locked(AccessError):
    """Somebody protected cells against the account; nothing of the write was done."""


class OpenToStrangers(UserError):
    """Somebody may open the workbook who is not on the list of those who may."""

    exit_code = 5
    code = "E-SHARED"


class WorkbookGone(UserError):
    """The workbook does not exist any more, or never did. Never read as "all rows deleted"."""

    exit_code = 5
    code = "E-BOOK-GONE"


class WrongWorkbook(UserError):
    """The configuration names another file than the one that this store's bases belong to."""

    exit_code = 5
    code = "E-WRONG-BOOK"


class OtherStore(UserError):
    """Another store wrote to this workbook last: two stores must not share one."""

    exit_code = 5
    code = "E-OTHER-STORE"


class WorkbookOlder(UserError):
    """The workbook went back to a state from before our last write: that is no edit by staff."""

    exit_code = 3
    code = "E-BOOK-OLD"


class StoreOlder(UserError):
    """The workbook bears a write that this store has never made, though it is its own: the store
    was put back from a backup, or a copy of it is at work.
    """

    exit_code = 3
    code = "E-STORE-OLD"


class ScopeError(UserError):
    """The scope of a workbook names a branch, employee, kind or status that there is not."""

    exit_code = 5
    code = "E-SCOPE"


class ShapeError(UserError):
    """A workbook lacks a tab or a heading without which nothing can be synced."""

    exit_code = 3
    code = "E-SHAPE"


class Unreachable(UserError):
    """The server did not answer, or what answered is not Google."""

    exit_code = 4
    code = "E-UNREACHABLE"


class QuotaExhausted(UserError):
    """The quota of requests is spent, and so is the time that this run may wait for it."""

    exit_code = 4
    code = "E-QUOTA"


class RunInProgress(UserError):
    """Another run works on this store at this moment."""

    exit_code = 6
    code = "E-RUNNING"


class StoreError(UserError):
    """The store cannot be opened, read or written."""

    exit_code = 6
    code = "E-STORE"


class StoreDamaged(StoreError):
    """The store's file is not whole any more, or holds something else."""


class StoreNewer(StoreError):
    """The store was written by a newer version of crm-sync."""

    code = "E-STORE-NEWER"


class HostError(UserError):
    """This computer, or a server that it asks, refuses something that surrounds a run: a timer, a
    message, a file of figures. The run itself is not touched by it.
    """

    exit_code = 1
    code = "E-HOST"


class BackupDamaged(StoreError):
    """A backup is not as it was made: it is not put in the place of the store."""

    code = "E-BACKUP"


class NotFound(UserError):
    """What the command names does not exist."""

    exit_code = 2
    code = "E-NOT-FOUND"


class Ambiguous(NotFound):
    """What the command names may be any of several."""

    code = "E-AMBIGUOUS"


class UnknownOutcome(CrmSyncError):
    """A write was sent; whether it was applied is not known. The operation id in the journal tab
    tells.
    """

    def __init__(self, operation: str) -> None:
        super().__init__(f"operation {operation}: the answer was lost")
        self.operation = operation


class Overtaken(CrmSyncError):
    """A write was refused whole, because another one of ours has landed since the workbook was
    read: one whose answer was lost, or that of another process. Read and plan again.
    """


class StoreMoved(CrmSyncError):
    """The store changed between planning and applying: plan again from what it holds now."""
