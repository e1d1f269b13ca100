"""What tests and operators ask of a running server, under /admin, with its admin token.

The token stands in `<data>.serving`. Every answer is JSON; what cannot be read is a 400 with a
sentence.
"""

import re
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.alias_generators import to_camel

from crm_sync.sheet_server.exchange import Answer, Call, json_answer, parse_query
from crm_sync.sheet_server.faults import Fault, FaultBook, FaultKind, StaffAction, When
from crm_sync.sheet_server.faulty import Faulty
from crm_sync.sheet_server.oauth import TOKEN_LIFETIME, Caller
from crm_sync.sheet_server.office import ALL_SCOPES, Office
from crm_sync.sheet_server.quota import Limits, Quota
from crm_sync.sheet_server.request_log import RequestLog
from crm_sync.sheet_server.sign_in import bearer_token

PREFIX = "/admin/"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True)


class ActionBody(_Body):
    """One staff action: an API call, its path with or without a query."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    body: Any = None
    email: str | None = None

    def action(self) -> StaffAction:
        """The same as a value."""
        path, _, query = self.path.partition("?")
        return StaffAction(self.method, path, self.body, self.email, parse_query(query))


class FaultBody(_Body):
    """One fault, as `faults.Fault` describes it."""

    kind: FaultKind
    method: str | None = None
    path: str = ""
    nth: int = Field(default=1, ge=1)
    times: int | None = Field(default=1, ge=1)
    when: When = When.BEFORE
    status: int = Field(default=503, ge=200, le=599)
    reason: str | None = None
    delay: float = Field(default=0.0, ge=0)
    keep: int | None = Field(default=None, ge=0)
    lag: int = Field(default=1, ge=1)
    location: str = ""
    actions: list[ActionBody] = []

    @field_validator("path")
    @classmethod
    def _pattern(cls, path: str) -> str:
        try:
            re.compile(path)
        except re.error as error:
            raise ValueError(f"no regular expression: {error}") from error
        return path

    def fault(self) -> Fault:
        """The same as a value."""
        return Fault(
            self.kind,
            self.method,
            self.path,
            self.nth,
            self.times,
            self.when,
            self.status,
            self.reason,
            self.delay,
            self.keep,
            self.lag,
            self.location,
            tuple(action.action() for action in self.actions),
        )


class TokenBody(_Body):
    """Whose token, for which scopes, for how many seconds."""

    email: str
    scopes: list[str] | None = None
    lifetime: float = TOKEN_LIFETIME.total_seconds()


class LimitsBody(_Body):
    """Requests a minute; null is without limit."""

    per_user: int | None = None
    per_project: int | None = None


class AccountBody(_Body):
    """Closes or opens an account, ends its tokens, or revokes one of its keys."""

    email: str
    disabled: bool | None = None
    revoke_tokens: bool = False
    disabled_key: str | None = None


class Admin:
    """Answers the calls under /admin."""

    def __init__(
        self,
        token: str,
        office: Office,
        faulty: Faulty,
        book: FaultBook,
        quota: Quota,
        log: RequestLog,
    ) -> None:
        self._token = token
        self._office = office
        self._faulty = faulty
        self._book = book
        self._quota = quota
        self._log = log
        self._handlers: dict[tuple[str, str], Callable[[Any], Any]] = {
            ("GET", "requests"): self._requests,
            ("DELETE", "requests"): self._forget,
            ("GET", "faults"): self._faults,
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): self._clear_faults,
            ("POST", "actions"): self._act,
            ("GET", "actions"): self._acted,
            ("POST", "tokens"): self._issue,
            ("PUT", "quota"): self._limit,
            ("POST", "accounts"): self._account,
        }

    def answer(self, call: Call) -> Answer:
        """The answer to a call under /admin: 401 without the token, 404 for unknown paths."""
        if not secrets.compare_digest((bearer_token(call) or "").encode(), self._token.encode()):
            return _problem(401, "The admin token is needed: see the .serving file")
        handler = self._handlers.get((call.method, call.path.removeprefix(PREFIX)))
        if handler is None:
            return _problem(404, "There is nothing at this address")
        try:
            body = orjson.loads(call.body) if call.body else None
            return json_answer(handler(body))
        except orjson.JSONDecodeError:
            return _problem(400, "The body is not JSON")
        except ValidationError as error:
            return _problem(400, "; ".join(map(_place, error.errors())))

    def _requests(self, _: Any) -> Any:
        seen = self._log.all()
        return {
            "requests": [
                {"method": each.method, "path": each.path, "status": each.status} for each in seen
            ]
        }

    def _forget(self, _: Any) -> Any:
        self._log.clear()
        return {}

    def _faults(self, _: Any) -> Any:
        return {
            "faults": [
                {"id": number, "kind": fault.kind.value, "method": fault.method, "path": fault.path}
                for number, fault in self._book.waiting()
            ]
        }

    def _add_fault(self, body: Any) -> Any:
        return {"id": self._book.add(FaultBody.model_validate(body).fault())}

    def _clear_faults(self, _: Any) -> Any:
        self._book.clear()
        return {}

    def _act(self, body: Any) -> Any:
        return _shown(self._faulty.act(ActionBody.model_validate(body).action()))

    def _acted(self, _: Any) -> Any:
        return {"answers": [_shown(answer) for answer in self._faulty.staff_answers]}

    def _issue(self, body: Any) -> Any:
        wanted = TokenBody.model_validate(body)
        scopes = ALL_SCOPES if wanted.scopes is None else frozenset(wanted.scopes)
        now = self._office.now()
        with self._office.library.transaction():
            self._office.accounts.add(wanted.email, now)
        caller = Caller(wanted.email.lower(), scopes)
        lifetime = timedelta(seconds=wanted.lifetime)
        return {"token": self._office.tokens.issue(caller, now, lifetime)}

    def _limit(self, body: Any) -> Any:
        wanted = LimitsBody.model_validate(body)
        self._quota.limits = Limits(wanted.per_user, wanted.per_project)
        return {}

    def _account(self, body: Any) -> Any:
        wanted = AccountBody.model_validate(body)
        with self._office.library.transaction():
            self._office.accounts.add(wanted.email, self._office.now())
            if wanted.disabled is not None:
                self._office.accounts.disable_account(wanted.email, wanted.disabled)
            if wanted.disabled_key is not None:
                self._office.accounts.disable_key(wanted.disabled_key)
        if wanted.revoke_tokens or wanted.disabled:
            self._office.tokens.revoke(wanted.email)
        return {}


def _shown(answer: Answer) -> dict[str, Any]:
    is_json = answer.content_type.startswith("application/json") and answer.body
    return {"status": answer.status, "body": orjson.loads(answer.body) if is_json else None}


def _place(problem: Any) -> str:
    return ".".join(map(str, problem["loc"])) + ": " + str(problem["msg"])


def _problem(status: int, sentence: str) -> Answer:
    return json_answer({"error": {"code": status, "message": sentence}}, status)
