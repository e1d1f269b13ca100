"""The addresses of Drive v3."""

from dataclasses import dataclass, replace

from crm_sync.sheet_server.drive_comments import DriveComments
from crm_sync.sheet_server.drive_export import DriveExport
from crm_sync.sheet_server.drive_files import DriveFiles
from crm_sync.sheet_server.drive_history import DriveAbout, DriveChanges, DriveRevisions
from crm_sync.sheet_server.drive_import import DriveImport
from crm_sync.sheet_server.drive_permissions import DrivePermissions
from crm_sync.sheet_server.drive_view import FILE_DEFAULTS, PERMISSION_DEFAULTS
from crm_sync.sheet_server.office import Office
from crm_sync.sheet_server.routes import Api, Handler, Route, scopes

_FILES = "/drive/v3/files"
_FILE = _FILES + "/{fileId}"
_PERMISSIONS = _FILE + "/permissions"
_PERMISSION = _PERMISSIONS + "/{permissionId}"

_COMMENTS = _FILE + "/comments"
_COMMENT = _COMMENTS + "/{commentId}"
_REPLIES = _COMMENT + "/replies"
_REPLY = _REPLIES + "/{replyId}"
_REVISIONS = _FILE + "/revisions"
_SINCE = "/drive/v3/changes"

_CHANGE = scopes("drive", "drive.file", "drive.appdata")
_DESCRIBE = _CHANGE | scopes("drive.metadata")
_LOOK = _DESCRIBE | scopes("drive.metadata.readonly", "drive.readonly", "drive.meet.readonly")
_SHARE = scopes("drive", "drive.file")
_SEE_SHARING = _SHARE | scopes("drive.metadata", "drive.metadata.readonly", "drive.readonly")
_READ = scopes("drive", "drive.file", "drive.readonly")
_LIST = f"kind,nextPageToken,incompleteSearch,files({FILE_DEFAULTS})"
_SHARING_LIST = f"kind,nextPageToken,permissions({PERMISSION_DEFAULTS})"
_REVISION = "kind,id,mimeType,modifiedTime"
_CHANGES = (
    "kind,nextPageToken,newStartPageToken,"
    f"changes(kind,type,changeType,time,removed,fileId,file({FILE_DEFAULTS}))"
)


def drive_routes(office: Office) -> tuple[Route, ...]:
    """Every Drive route, in the order in which they are tried."""
    files = DriveFiles(office)
    return (
        *_file_routes(files, DriveExport(office)),
        *_sharing_routes(DrivePermissions(office)),
        *_comment_routes(DriveComments(office)),
        *_reply_routes(DriveComments(office)),
        *_history_routes(DriveRevisions(office), DriveChanges(office, files), DriveAbout(office)),
        _import_route(DriveImport(office)),
    )


def _file_routes(files: DriveFiles, export: DriveExport) -> tuple[Route, ...]:
    file = _Answer("File", FILE_DEFAULTS, takes="File")
    found = _Answer("FileList", _LIST)
    ids = _Answer("GeneratedIds", "*")
    return (
        _reading("Files.List", _FILES, _LOOK, files.search, found),
        _reading("Files.GenerateIds", _FILES + "/generateIds", _CHANGE, files.generate_ids, ids),
        _reading("Files.Get", _FILE, _LOOK, files.get, file),
        _reading("Files.Export", _FILE + "/export", _READ, export.export, _NOTHING),
        _writing("Files.Create POST", _FILES, _CHANGE, files.create, file),
        _writing("Files.Copy POST", _FILE + "/copy", _CHANGE, files.copy, file),
        _writing("Files.Update PATCH", _FILE, _DESCRIBE, files.update, file),
        _writing("Files.Delete DELETE", _FILE, _CHANGE, files.delete, _NOTHING),
    )


def _sharing_routes(sharing: DrivePermissions) -> tuple[Route, ...]:
    one = _Answer("Permission", PERMISSION_DEFAULTS, takes="Permission")
    found = _Answer("PermissionList", _SHARING_LIST)
    return (
        _reading("Permissions.List", _PERMISSIONS, _SEE_SHARING, sharing.search, found),
        _reading("Permissions.Get", _PERMISSION, _SEE_SHARING, sharing.get, one),
        _writing("Permissions.Create POST", _PERMISSIONS, _SHARE, sharing.create, one),
        _writing("Permissions.Update PATCH", _PERMISSION, _SHARE, sharing.update, one),
        _writing("Permissions.Delete DELETE", _PERMISSION, _SHARE, sharing.delete, _NOTHING),
    )


def _comment_routes(comments: DriveComments) -> tuple[Route, ...]:
    one = _Answer("Comment", "*", takes="Comment")
    found = _Answer("CommentList", "*")
    return (
        _reading("Comments.List", _COMMENTS, _READ, comments.search, found),
        _reading("Comments.Get", _COMMENT, _READ, comments.get, one),
        _writing("Comments.Create POST", _COMMENTS, _SHARE, comments.create, one),
        _writing("Comments.Update PATCH", _COMMENT, _SHARE, comments.update, one),
        _writing("Comments.Delete DELETE", _COMMENT, _SHARE, comments.delete, _NOTHING),
    )


def _reply_routes(comments: DriveComments) -> tuple[Route, ...]:
    one = _Answer("Reply", "*", takes="Reply")
    found = _Answer("ReplyList", "*")
    return (
        _reading("Replies.List", _REPLIES, _READ, comments.search_replies, found),
        _reading("Replies.Get", _REPLY, _READ, comments.get_reply, one),
        _writing("Replies.Create POST", _REPLIES, _SHARE, comments.create_reply, one),
        _writing("Replies.Update PATCH", _REPLY, _SHARE, comments.update_reply, one),
        _writing("Replies.Delete DELETE", _REPLY, _SHARE, comments.delete_reply, _NOTHING),
    )


def _history_routes(
    revisions: DriveRevisions, changes: DriveChanges, about: DriveAbout
) -> tuple[Route, ...]:
    one = _Answer("Revision", _REVISION)
    many = _Answer("RevisionList", f"kind,nextPageToken,revisions({_REVISION})")
    since = _Answer("ChangeList", _CHANGES)
    begin = _Answer("StartPageToken", "*")
    who = _Answer("About", "*")
    return (
        _reading("Revisions.List", _REVISIONS, _LOOK, revisions.search, many),
        _reading("Revisions.Get", _REVISIONS + "/{revisionId}", _LOOK, revisions.get, one),
        _reading(
            "Changes.GetStartPageToken", _SINCE + "/startPageToken", _LOOK, changes.start, begin
        ),
        _reading("Changes.List", _SINCE, _LOOK, changes.search, since),
        _reading("About.Get", "/drive/v3/about", _LOOK, about.get, who),
    )


def _import_route(imports: DriveImport) -> Route:
    template = "/upload/drive/v2/files/{fileId}"
    route = _writing("Files.Update PUT", template, _CHANGE, imports.update, _NOTHING)
    return replace(route, raw_body=True)


@dataclass(frozen=True, slots=True)
class _Answer:
    """The message of an answer, the mask of what it shows by default, the message of the body."""

    gives: str | None
    defaults: str | None
    takes: str | None = None


_NOTHING = _Answer(None, None)


def _reading(
    name: str, template: str, allowed: frozenset[str], handle: Handler, answer: _Answer
) -> Route:
    return Route(
        Api.DRIVE,
        f"google.apps.drive.v3.Drive{name}",
        "GET",
        template,
        allowed,
        handle,
        defaults=answer.defaults,
        takes=answer.takes,
        gives=answer.gives,
    )


def _writing(
    name: str, template: str, allowed: frozenset[str], handle: Handler, answer: _Answer
) -> Route:
    rpc, method = name.split()
    route = _reading(rpc, template, allowed, handle, answer)
    return replace(route, method=method, writes=True)
