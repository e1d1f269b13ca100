"""Drive's comments and replies."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson

from crm_sync.sheet_server.discussion import Comment, new_comment_id
from crm_sync.sheet_server.drive_error import (
    DriveError,
    bad_request,
    insufficient_role,
    invalid_parameter,
)
from crm_sync.sheet_server.drive_paging import check_fields_asked, page_size, page_start, page_token
from crm_sync.sheet_server.drive_view import user_view
from crm_sync.sheet_server.files import shown_time
from crm_sync.sheet_server.office import Office
from crm_sync.sheet_server.permissions import Role
from crm_sync.sheet_server.routes import Asked

_PAGE_SIZE, _LARGEST_PAGE = 20, 100
_LONGEST = 2048 * 4


class DriveComments:
    """One method for each method of Drive's `comments` and `replies`."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def search(self, asked: Asked) -> dict[str, Any]:
        """comments.list; the last modified first."""
        file_id = self._file(asked, Role.READER)
        found = self._office.comments.of_file(file_id)
        since = asked.call.first("startModifiedTime")
        if since:
            limit = _moment(since)
            found = tuple(comment for comment in found if comment.modified >= limit)
        return self._page(asked, found, "comment", "comments")

    def search_replies(self, asked: Asked) -> dict[str, Any]:
        """replies.list; oldest first."""
        comment = self._comment(asked, Role.READER)
        found = self._office.comments.replies(comment.file_id, comment.id)
        return self._page(asked, found, "reply", "replies")

    def get(self, asked: Asked) -> dict[str, Any]:
        """comments.get."""
        return self._view(self._comment(asked, Role.READER), asked)

    def get_reply(self, asked: Asked) -> dict[str, Any]:
        """replies.get."""
        return self._view(self._reply(asked, Role.READER), asked)

    def create(self, asked: Asked) -> dict[str, Any]:
        """comments.create: by anybody who may comment."""
        file_id = self._file(asked, Role.COMMENTER)
        quoted = asked.body.get("quotedFileContent")
        comment = Comment(
            file_id=file_id,
            id=new_comment_id(),
            author=asked.caller.email,
            content=_content(asked.body),
            created=self._office.now(),
            modified=self._office.now(),
            anchor=asked.body.get("anchor"),
            quoted=None if quoted is None else orjson.dumps(quoted).decode(),
        )
        return self._saved(comment, asked)

    def create_reply(self, asked: Asked) -> dict[str, Any]:
        """replies.create: a text, or the action `resolve` or `reopen`, or both."""
        comment = self._comment(asked, Role.COMMENTER)
        action = asked.body.get("action")
        if action not in (None, "", "resolve", "reopen"):
            raise bad_request("The specified action is invalid.")
        reply = Comment(
            file_id=comment.file_id,
            id=new_comment_id(),
            parent=comment.id,
            author=asked.caller.email,
            content=asked.body.get("content", "") if action else _content(asked.body),
            created=self._office.now(),
            modified=self._office.now(),
            action=action or None,
        )
        resolved = comment.resolved if not action else action == "resolve"
        touched = replace(comment, modified=reply.modified, resolved=resolved)
        self._office.comments.put(touched)
        return self._saved(reply, asked)

    def update(self, asked: Asked) -> dict[str, Any]:
        """comments.update: another text, by its author."""
        return self._rewritten(self._comment(asked, Role.COMMENTER), asked)

    def update_reply(self, asked: Asked) -> dict[str, Any]:
        """replies.update: another text, by its author."""
        return self._rewritten(self._reply(asked, Role.COMMENTER), asked)

    def delete(self, asked: Asked) -> None:
        """comments.delete: by its author or the file's owner."""
        self._erase(self._comment(asked, Role.COMMENTER), asked)

    def delete_reply(self, asked: Asked) -> None:
        """replies.delete: by its author or the file's owner."""
        self._erase(self._reply(asked, Role.COMMENTER), asked)

    def _file(self, asked: Asked, need: Role) -> str:
        if asked.call.method != "DELETE":
            check_fields_asked(asked)
        return self._office.drive_file(asked.path["fileId"], asked.caller, need).id

    def _comment(self, asked: Asked, need: Role) -> Comment:
        return self._known(asked, need, asked.path["commentId"], "", "Comment")

    def _reply(self, asked: Asked, need: Role) -> Comment:
        return self._known(asked, need, asked.path["replyId"], asked.path["commentId"], "Reply")

    def _known(self, asked: Asked, need: Role, identity: str, parent: str, name: str) -> Comment:
        file_id = self._file(asked, need)
        comment = self._office.comments.find(file_id, identity, parent)
        hidden = comment is not None and comment.deleted
        if comment is None or (hidden and not asked.call.flag("includeDeleted")):
            raise DriveError(
                404,
                "notFound",
                f"{name} not found: {identity}.",
                location=f"{name.lower()}Id",
            )
        return comment

    def _rewritten(self, comment: Comment, asked: Asked) -> dict[str, Any]:
        if comment.author != asked.caller.email:
            raise insufficient_role()
        content = _content(asked.body)
        return self._saved(replace(comment, content=content, modified=self._office.now()), asked)

    def _erase(self, comment: Comment, asked: Asked) -> None:
        if comment.author != asked.caller.email:
            self._office.drive_file(comment.file_id, asked.caller, Role.OWNER)
        self._saved(replace(comment, content="", deleted=True, modified=self._office.now()), asked)

    def _saved(self, comment: Comment, asked: Asked) -> dict[str, Any]:
        office = self._office
        office.accounts.add(asked.caller.email, office.now())
        office.comments.put(comment)
        office.counted(office.drive_file(comment.file_id, asked.caller, Role.COMMENTER))
        return self._view(comment, asked)

    def _page(
        self, asked: Asked, found: tuple[Comment, ...], kind: str, name: str
    ) -> dict[str, Any]:
        with_deleted = asked.call.flag("includeDeleted")
        shown = [comment for comment in found if with_deleted or not comment.deleted]
        size = page_size(asked.call.first("pageSize"), _PAGE_SIZE, _LARGEST_PAGE)
        start = page_start(asked.call.first("pageToken"))
        answer: dict[str, Any] = {"kind": f"drive#{kind}List"}
        if start + size < len(shown):
            answer["nextPageToken"] = page_token(start + size)
        answer[name] = [self._view(comment, asked) for comment in shown[start : start + size]]
        return answer

    def _view(self, comment: Comment, asked: Asked) -> dict[str, Any]:
        author = self._office.accounts.named(comment.author)
        is_reply = bool(comment.parent)
        view: dict[str, Any] = {
            "kind": "drive#reply" if is_reply else "drive#comment",
            "id": comment.id,
            "createdTime": shown_time(comment.created),
            "modifiedTime": shown_time(comment.modified),
            "author": user_view(author, asked.caller.email),
            "deleted": comment.deleted,
        }
        if not comment.deleted:
            view["htmlContent"] = _html(comment.content)
            view["content"] = comment.content
        if comment.action is not None:
            view["action"] = comment.action
        if not is_reply:
            view.update(self._comment_members(comment, asked))
        return view

    def _comment_members(self, comment: Comment, asked: Asked) -> dict[str, Any]:
        replies = self._office.comments.replies(comment.file_id, comment.id)
        with_deleted = asked.call.flag("includeDeleted")
        members: dict[str, Any] = {"resolved": True} if comment.resolved else {}
        if comment.anchor is not None:
            members["anchor"] = comment.anchor
        if comment.quoted is not None:
            members["quotedFileContent"] = orjson.loads(comment.quoted)
        members["replies"] = [
            self._view(reply, asked) for reply in replies if with_deleted or not reply.deleted
        ]
        return members


def _content(body: dict[str, Any]) -> str:
    content = body.get("content")
    if not content:
        raise DriveError(400, "required", "The comment content is required.")
    if len(content) > _LONGEST:
        raise bad_request("The comment content is too long.")
    return str(content)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid_parameter("startModifiedTime") from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _html(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("\n", "<br>")
