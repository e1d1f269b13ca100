"""Who calls: access tokens, and the token endpoint for a service account's signed grant.

The grant is described at https://developers.google.com/identity/protocols/oauth2/service-account.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt

from crm_sync.sheet_server.accounts import GOOGLE_TOKEN_URI, AccountBook

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_LIFETIME = timedelta(seconds=3599)
SCOPE_ROOT = "https://www.googleapis.com/auth/"

_LONGEST_GRANT = 3600
# How far ahead of the server a client's clock may be. Google does not document its own figure.
_CLOCK_SKEW = 300
_BAD_TIME = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
    " Check your iat and exp values in the JWT claim."
)


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf a request is made, and for what. `everywhere`: an owner of every file."""

    email: str
    scopes: frozenset[str]
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """A token as the endpoint hands it out."""

    access_token: str
    expires_in: int


class GrantRefused(Exception):
    """The token endpoint says no; `status`, `error` and `description` are its answer."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status

    def body(self) -> dict[str, str]:
        """The error in the shape of RFC 6749, section 5.2."""
        return {"error": self.error, "error_description": self.description}


class Tokens:
    """Access tokens in force. They live in memory: after a restart clients sign anew."""

    def __init__(self) -> None:
        self._issued: dict[str, tuple[Caller, datetime | None]] = {}

    def issue(self, caller: Caller, now: datetime, lifetime: timedelta = TOKEN_LIFETIME) -> str:
        """A new token for the caller, valid for `lifetime`."""
        token = "ya29.c." + secrets.token_urlsafe(48)
        self._issued[token] = (caller, now + lifetime)
        self._forget_expired(now)
        return token

    def keep(self, token: str, caller: Caller) -> None:
        """Makes a given token valid until `revoke`."""
        self._issued[token] = (caller, None)

    def caller(self, token: str, now: datetime) -> Caller | None:
        """Who holds the token, or None if it is unknown or has expired."""
        caller, expires = self._issued.get(token, (None, None))
        return None if expires is not None and expires <= now else caller

    def drop(self, token: str) -> None:
        """Ends one token."""
        self._issued.pop(token, None)

    def revoke(self, email: str) -> None:
        """Ends every token of an account, as closing the account at Google does."""
        for token, (caller, _) in list(self._issued.items()):
            if caller.email == email.lower():
                del self._issued[token]

    def _forget_expired(self, now: datetime) -> None:
        for token, (_, expires) in list(self._issued.items()):
            if expires is not None and expires <= now:
                del self._issued[token]


class TokenEndpoint:
    """`POST /token`: a signed assertion in, an access token out."""

    def __init__(self, accounts: AccountBook, tokens: Tokens) -> None:
        self._accounts = accounts
        self._tokens = tokens
        self.lifetime = TOKEN_LIFETIME

    def exchange(self, form: Mapping[str, str], now: datetime) -> Grant:
        """A token for the signer of the form's assertion. Raises GrantRefused."""
        kind = form.get("grant_type")
        if not kind:
            raise GrantRefused("invalid_request", "Required parameter is missing: grant_type")
        if kind != JWT_GRANT:
            raise GrantRefused("unsupported_grant_type", f"Invalid grant_type: {kind}")
        assertion = form.get("assertion")
        if not assertion:
            raise GrantRefused("invalid_request", "Required parameter is missing: assertion")
        claims = self._verified(assertion)
        _check_audience(claims)
        _check_times(claims, now)
        caller = self._caller(claims)
        token = self._tokens.issue(caller, now, self.lifetime)
        return Grant(token, int(self.lifetime.total_seconds()))

    def _verified(self, assertion: str) -> dict[str, Any]:
        """The claims of an assertion whose RS256 signature is that of a key of its issuer."""
        try:
            header = jwt.get_unverified_header(assertion)
            claims = jwt.decode(assertion, options={"verify_signature": False})
        except jwt.InvalidTokenError as error:
            raise GrantRefused("invalid_grant", "Invalid JWT: malformed assertion.") from error
        issuer = claims.get("iss")
        account = self._accounts.find(issuer) if isinstance(issuer, str) else None
        if account is None or account.disabled:
            raise GrantRefused("invalid_grant", "Invalid grant: account not found")
        for key in self._accounts.keys(account.email):
            if header.get("kid") in (None, key.key_id) and not key.disabled:
                try:
                    return dict(jwt.decode(assertion, key.public_key, ["RS256"], _SIGNATURE_ONLY))
                except jwt.InvalidTokenError:
                    continue
        raise GrantRefused("invalid_grant", "Invalid JWT Signature.")

    def _caller(self, claims: Mapping[str, Any]) -> Caller:
        issuer = str(claims["iss"]).lower()
        if claims.get("sub", issuer) != issuer:
            raise GrantRefused(
                "unauthorized_client",
                "Client is unauthorized to retrieve access tokens using this method, or client"
                " not authorized for any of the scopes requested.",
                status=401,
            )
        scope = claims.get("scope")
        scopes = frozenset(scope.split()) if isinstance(scope, str) else frozenset()
        if not scopes:
            raise GrantRefused("invalid_scope", "Empty or missing scope not allowed.")
        if not all(name.startswith("https://") or name in _SHORT_SCOPES for name in scopes):
            raise GrantRefused(
                "invalid_scope", "Invalid OAuth scope or ID token audience provided."
            )
        return Caller(issuer, scopes)


# Times and audience are checked apart, for each has its own answer.
_SIGNATURE_ONLY: Any = {
    "verify_signature": True,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
}
_SHORT_SCOPES = frozenset({"openid", "email", "profile"})


def _check_audience(claims: Mapping[str, Any]) -> None:
    # Google's own address, also when the key file sends clients to this server: that is what
    # google-auth signs whatever the key's token_uri says.
    if claims.get("aud") != GOOGLE_TOKEN_URI:
        raise GrantRefused(
            "invalid_grant",
            f"Invalid JWT: Failed audience check. The right audience is {GOOGLE_TOKEN_URI}",
        )


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    issued, expires = _seconds(claims, "iat"), _seconds(claims, "exp")
    seconds = now.timestamp()
    if not (issued <= seconds + _CLOCK_SKEW and seconds < expires <= issued + _LONGEST_GRANT):
        raise GrantRefused("invalid_grant", _BAD_TIME)


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise GrantRefused("invalid_grant", _BAD_TIME)
    return value
