"""Who is calling: reads the bearer token of a request and refuses as Google refuses."""

from crm_sync.sheet_server.api_error import ApiError
from crm_sync.sheet_server.drive_error import DriveError
from crm_sync.sheet_server.exchange import Call
from crm_sync.sheet_server.oauth import Caller
from crm_sync.sheet_server.office import Office
from crm_sync.sheet_server.routes import Api, Route

_CONSOLE = "https://developers.google.com/identity/sign-in/web/devconsole-project"
_EXPECTED = (
    "Expected OAuth 2 access token, login cookie or other valid authentication credential."
    f" See {_CONSOLE}."
)
_UNREGISTERED = (
    "Method doesn't allow unregistered callers (callers without established identity)."
    " Please use API Key or other form of API consumer identity to call this API."
)
_SCOPES = "Request had insufficient authentication scopes."


def signed_in(office: Office, route: Route, call: Call) -> Caller:
    """The caller of a request to a route. Raises ApiError or DriveError 401 or 403."""
    token = bearer_token(call)
    if token is None:
        raise _missing(route)
    caller = office.caller(token)
    if caller is None:
        raise _invalid(route)
    if not caller.everywhere and not (caller.scopes & route.scopes):
        raise _narrow(route)
    return caller


def bearer_token(call: Call) -> str | None:
    """The token of the Authorization header, or of the query as RFC 6750 also allows."""
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    if scheme:
        return token.strip() if scheme.lower() == "bearer" else ""
    return call.first("access_token") or call.first("oauth_token")


def challenge(error: ApiError | DriveError, route: Route) -> tuple[tuple[str, str], ...]:
    """The WWW-Authenticate header that goes with an error, if it is one of sign-in."""
    realm = 'Bearer realm="https://accounts.google.com/"'
    if error.code == 401:
        return (("www-authenticate", f'{realm}, error="invalid_token"'),)
    if error.code == 403 and _SCOPES in error.message:
        wanted = " ".join(sorted(route.scopes))
        return (("www-authenticate", f'{realm}, error="insufficient_scope", scope="{wanted}"'),)
    return ()


def _missing(route: Route) -> ApiError | DriveError:
    if route.api is Api.DRIVE:
        if route.writes:
            return DriveError(
                401,
                "required",
                "Login Required.",
                location="Authorization",
                location_type="header",
            )
        return DriveError(403, "forbidden", _UNREGISTERED)
    if not route.writes:
        return ApiError(403, "PERMISSION_DENIED", _UNREGISTERED)
    message = f"Request is missing required authentication credential. {_EXPECTED}"
    return _unauthenticated(route, message, "CREDENTIALS_MISSING")


def _invalid(route: Route) -> ApiError | DriveError:
    if route.api is Api.DRIVE:
        return DriveError(
            401,
            "authError",
            "Invalid Credentials",
            location="Authorization",
            location_type="header",
        )
    message = f"Request had invalid authentication credentials. {_EXPECTED}"
    return _unauthenticated(route, message, "ACCESS_TOKEN_TYPE_UNSUPPORTED")


def _narrow(route: Route) -> ApiError | DriveError:
    if route.api is Api.DRIVE:
        return DriveError(403, "insufficientPermissions", f"Insufficient Permission: {_SCOPES}")
    details = [_info(route, "ACCESS_TOKEN_SCOPE_INSUFFICIENT")]
    return ApiError(403, "PERMISSION_DENIED", _SCOPES, details)


def _unauthenticated(route: Route, message: str, reason: str) -> ApiError:
    return ApiError(401, "UNAUTHENTICATED", message, [_info(route, reason)])


def _info(route: Route, reason: str) -> dict[str, object]:
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": {"service": route.api.value, "method": route.rpc},
    }
