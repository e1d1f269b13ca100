"""The addresses of Drive v3."""

from crm_sync.sheet_server.drive_export import DriveExport
from crm_sync.sheet_server.drive_files import DriveFiles
from crm_sync.sheet_server.drive_permissions import DrivePermissions
from crm_sync.sheet_server.drive_view import FILE_DEFAULTS, PERMISSION_DEFAULTS
from crm_sync.sheet_server.office import Office
from crm_sync.sheet_server.routes import Api, Handler, Route, scopes

_FILES = "/drive/v3/files"
_FILE = _FILES + "/{fileId}"
_PERMISSIONS = _FILE + "/permissions"
_PERMISSION = _PERMISSIONS + "/{permissionId}"

_CHANGE = scopes("drive", "drive.file", "drive.appdata")
_DESCRIBE = _CHANGE | scopes("drive.metadata")
_LOOK = _DESCRIBE | scopes("drive.metadata.readonly", "drive.readonly", "drive.meet.readonly")
_SHARE = scopes("drive", "drive.file")
_SEE_SHARING = _SHARE | scopes("drive.metadata", "drive.metadata.readonly", "drive.readonly")
_READ = scopes("drive", "drive.file", "drive.readonly")
_LIST = f"kind,nextPageToken,incompleteSearch,files({FILE_DEFAULTS})"
_SHARING_LIST = f"kind,nextPageToken,permissions({PERMISSION_DEFAULTS})"


def drive_routes(office: Office) -> tuple[Route, ...]:
    """Every Drive route, in the order in which they are tried."""
    return (*_file_routes(DriveFiles(office), DriveExport(office)), *_sharing_routes(office))


def _file_routes(files: DriveFiles, export: DriveExport) -> tuple[Route, ...]:
    one = FILE_DEFAULTS
    return (
        _reading("Files.List", _FILES, _LOOK, files.search, _LIST),
        _reading("Files.GenerateIds", _FILES + "/generateIds", _CHANGE, files.generate_ids, "*"),
        _reading("Files.Get", _FILE, _LOOK, files.get, one),
        _reading("Files.Export", _FILE + "/export", _READ, export.export, None),
        _writing("Files.Create", "POST", _FILES, _CHANGE, files.create, one),
        _writing("Files.Copy", "POST", _FILE + "/copy", _CHANGE, files.copy, one),
        _writing("Files.Update", "PATCH", _FILE, _DESCRIBE, files.update, one),
        _writing("Files.Delete", "DELETE", _FILE, _CHANGE, files.delete, None),
    )


def _sharing_routes(office: Office) -> tuple[Route, ...]:
    sharing, one = DrivePermissions(office), PERMISSION_DEFAULTS
    return (
        _reading("Permissions.List", _PERMISSIONS, _SEE_SHARING, sharing.search, _SHARING_LIST),
        _reading("Permissions.Get", _PERMISSION, _SEE_SHARING, sharing.get, one),
        _writing("Permissions.Create", "POST", _PERMISSIONS, _SHARE, sharing.create, one),
        _writing("Permissions.Update", "PATCH", _PERMISSION, _SHARE, sharing.update, one),
        _writing("Permissions.Delete", "DELETE", _PERMISSION, _SHARE, sharing.delete, None),
    )


def _reading(
    name: str, template: str, allowed: frozenset[str], handle: Handler, defaults: str | None
) -> Route:
    rpc = f"google.apps.drive.v3.Drive{name}"
    return Route(Api.DRIVE, rpc, "GET", template, allowed, handle, defaults=defaults)


def _writing(
    name: str,
    method: str,
    template: str,
    allowed: frozenset[str],
    handle: Handler,
    defaults: str | None,
) -> Route:
    rpc = f"google.apps.drive.v3.Drive{name}"
    return Route(Api.DRIVE, rpc, method, template, allowed, handle, writes=True, defaults=defaults)
