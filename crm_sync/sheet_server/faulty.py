"""Puts the faults that are due between a call and its answer."""

from collections.abc import Callable
from urllib.parse import quote

import orjson

from crm_sync.sheet_server.accounts import OWNER_EMAIL
from crm_sync.sheet_server.dispatch import NORMAL, Dispatcher, Mode
from crm_sync.sheet_server.exchange import Answer, Call
from crm_sync.sheet_server.fault_answers import instead, spoiled
from crm_sync.sheet_server.faults import Fault, FaultBook, FaultKind, StaffAction, When
from crm_sync.sheet_server.oauth import Caller
from crm_sync.sheet_server.office import ALL_SCOPES, Office
from crm_sync.sheet_server.routes import Route
from crm_sync.sheet_server.sign_in import bearer_token

Answering = Callable[[Call, Mode], Answer]


class Faulty:
    """Answers a call as `answering` does, but for the faults of the book that hit it."""

    def __init__(
        self, office: Office, dispatcher: Dispatcher, book: FaultBook, answering: Answering
    ) -> None:
        self._office = office
        self._dispatcher = dispatcher
        self._book = book
        self._answering = answering
        self.staff_answers: list[Answer] = []
        self._on_their_way: list[tuple[int, Call]] = []

    def answer(self, call: Call) -> Answer:
        """The answer, whole or spoiled.

        1. What others do before it.  2. A failure in its place.  3. The work.
        4. What others do after it.   5. A failure in place of its answer.  6. The way back.
        """
        self._let_arrive()
        due = self._book.due(call)
        if not due:
            return self._answering(call, NORMAL)
        route = self._dispatcher.route(call)
        before = [fault for fault in due if fault.when is When.BEFORE]
        after = [fault for fault in due if fault.when is When.AFTER]
        replaced = self._interfere(before, call, route)
        if replaced is not None:
            return replaced
        answer = self._answering(call, _mode(due))
        replaced = self._interfere(after, call, route)
        if replaced is not None:
            return replaced
        for fault in due:
            answer = spoiled(answer, fault)
        return answer

    def act(self, action: StaffAction) -> Answer:
        """Does one staff action now and gives its answer; it is kept in `staff_answers` too."""
        email = (action.email or OWNER_EMAIL).lower()
        caller = Caller(email, ALL_SCOPES, everywhere=action.email is None)
        token = self._office.tokens.issue(caller, self._office.now())
        body = b"" if action.body is None else orjson.dumps(action.body)
        path = quote(action.path, safe="/:%!'(),~*")
        headers = {"authorization": f"Bearer {token}"}
        call = Call(action.method.upper(), path, action.query or {}, headers, body)
        answer = self._dispatcher.answer(call)
        # Whoever acts thousands of times would leave as many behind for an hour.
        self._office.tokens.drop(token)
        self.staff_answers.append(answer)
        return answer

    def _interfere(self, faults: list[Fault], call: Call, route: Route | None) -> Answer | None:
        replaced: Answer | None = None
        for fault in faults:
            if fault.run is not None:
                fault.run()
            for action in fault.actions:
                self.act(action)
            if fault.kind in (FaultKind.REVOKE, FaultKind.TRASH):
                self._take_away(fault.kind, call)
            if fault.kind is FaultKind.LATE:
                self._on_their_way.append((fault.lag, call))
            if replaced is None:
                replaced = instead(fault, route)
        return replaced

    def _let_arrive(self) -> None:
        """Does the requests that were held up for as long as until now."""
        waiting = [(left - 1, call) for left, call in self._on_their_way]
        self._on_their_way = [(left, call) for left, call in waiting if left > 0]
        for left, call in waiting:
            if left <= 0:
                self._answering(call, NORMAL)

    def _take_away(self, kind: FaultKind, call: Call) -> None:
        """Ends the caller's permission on the file of the call, or trashes the file."""
        office = self._office
        caller = office.caller(bearer_token(call) or "")
        file_id = self._dispatcher.file_id(call)
        record = None if file_id is None else office.files.find(file_id)
        if caller is None or record is None:
            return
        with office.library.transaction():
            if kind is FaultKind.TRASH:
                office.trash(record, Caller(record.owner, ALL_SCOPES))
            else:
                office.revoke(record, caller.email)


def _mode(due: tuple[Fault, ...]) -> Mode:
    kinds = {fault.kind for fault in due}
    return Mode(drop=FaultKind.DROP_WRITE in kinds, stale=FaultKind.STALE_READ in kinds)
