"""References: how people name a client, an employee or a status, and the id or key that it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crm_sync.core.codecs.codec import CellCodec, Stored, unreadable
from crm_sync.core.codecs.decimals import plain_number
from crm_sync.core.values import N_, Cell, Scalar, Unreadable, cell_text, same_cell

if TYPE_CHECKING:
    from crm_sync.core.references import ReferenceIndex

_MOST_LISTED: Final = 5


@dataclass(frozen=True, eq=False)
class ReferenceCodec(CellCodec):
    """The id of a record of `table` (for statuses: a key), found by whatever people call it."""

    table: str
    index: ReferenceIndex

    def format(self, value: Scalar) -> Cell:
        """What people see: "Name (C-000123)" or the label; an unknown id as it is."""
        if not isinstance(value, str):
            return value
        return self.index.shown(value) or value

    def shows(self, cell: Cell, value: Scalar) -> bool:
        """True for a cell that shows a value as people see it now. An id that stands beside every
        name says by itself who is meant: beside it the name may be an old one.
        """
        if self.index.show_id and cell_text(cell).endswith(f"({value})"):
            return True
        return same_cell(cell, self.format(value))

    def normal(self, value: Stored) -> Scalar | Unreadable:
        """The canonical form of a stored reference; an archived record may stay referred to."""
        if isinstance(value, str) and value in self.index:
            return value
        return super().normal(value)

    def _read_text(self, text: str) -> Scalar | Unreadable:
        found = self.index.find(text)
        if len(found) == 1:
            entry = found[0]
            return self._archived(text, entry.value) if entry.archived else entry.value
        if not found:
            bearer = self.index.bearer(text)
            return self._missing(text) if bearer is None else self._misnamed(text, bearer)
        names = [self.index.shown_with_id(entry.value) for entry in found]
        listed = "; ".join(names[:_MOST_LISTED]) + ("; …" if len(names) > _MOST_LISTED else "")
        return unreadable(
            text,
            "V07",
            N_('"{typed}" may be any of {count}: {matches}.'),
            N_("Type the one that is meant together with its ID, like {example}."),
            count=str(len(names)),
            matches=listed,
            example=names[0],
        )

    def _read_number(self, number: int | float) -> Scalar | Unreadable:
        return self._read_text(plain_number(number))

    def _read_boolean(self, flag: bool) -> Scalar | Unreadable:
        return self._read_text("TRUE" if flag else "FALSE")

    def _archived(self, text: str, value: str) -> Unreadable:
        heir = self.index.heir(value)
        if heir is not None:
            return unreadable(
                text,
                "V07",
                N_('"{typed}" was merged into {match}.'),
                N_("Type {match}."),
                match=heir,
            )
        return unreadable(
            text,
            "V07",
            N_('"{typed}" is in the archive.'),
            N_("Choose another one, or ask for it to be restored."),
        )

    def _misnamed(self, text: str, bearer: str) -> Unreadable:
        return unreadable(
            text,
            "V07",
            N_('"{typed}" is not what the record with this ID is called: {match}.'),
            N_("Type {match}, or the name and the ID of another one."),
            match=bearer,
        )

    def _missing(self, text: str) -> Unreadable:
        if self.table == "clients":
            # No suggestions: they would show people the clients of their colleagues.
            return unreadable(
                text,
                "V07",
                N_('No client is known as "{typed}".'),
                N_("Type the client's ID, phone, e-mail or full name, or add the client first."),
            )
        if self.table == "agreements":
            return unreadable(
                text,
                "V07",
                N_('No agreement is known as "{typed}".'),
                N_("Type the ID of the agreement, like {example}."),
                example="A-000045",
            )
        if self.table == "contacts":
            return unreadable(
                text,
                "V07",
                N_('No contact is known as "{typed}".'),
                N_("Type the ID of the contact, like {example}."),
                example="K-0000045",
            )
        near = ", ".join(self.index.nearest(text))
        if not near:
            return unreadable(
                text,
                "V04",
                N_('"{item}" is not in the list.'),
                N_("Choose a value of the list, or ask for this one to be added to it."),
                item=text,
            )
        return unreadable(
            text,
            "V04",
            N_('"{item}" is not in the list.'),
            N_("Did you mean {suggestions}?"),
            item=text,
            suggestions=near,
        )


@dataclass(frozen=True, eq=False)
class StandingCodec(ReferenceCodec):
    """Reads what has long stood in a cell, so that more is understood than of what is typed: who is
    in the archive may be referred to, and a name that nobody bears any more is that of who bore it
    `before`.
    """

    before: ReferenceIndex

    def _read_text(self, text: str) -> Scalar | Unreadable:
        found = self.index.find(text) or self.before.find(text)
        return found[0].value if len(found) == 1 else super()._read_text(text)

    def has_passed(self, cell: Cell) -> bool:
        """True for a cell that would be read otherwise by the names of `before`."""
        return ReferenceCodec(self.table, self.before).parse(cell) != self.parse(cell)
