"""A running server and people who call it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from tests.contract.sheet_server.local_client import Http

OWNER_TOKEN = "owner-token"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One server for a test module; the tests make their own files on it."""
    from crm_sync.sheet_server.server import SheetServer

    data: Path = tmp_path_factory.mktemp("server") / "office.sheets"
    with SheetServer(data, token=OWNER_TOKEN) as running:
        yield running


@pytest.fixture
def person(server: Any) -> Iterator[Callable[[str], Http]]:
    """Makes an HTTP client that is signed in as an e-mail address."""
    with ExitStack() as clients:

        def sign_in(email: str) -> Http:
            return clients.enter_context(closing(Http(server.url, server.token_for(email))))

        yield sign_in


@pytest.fixture
def owner(server: Any) -> Iterator[Http]:
    """The office's owner, by the fixed token."""
    with closing(Http(server.url, OWNER_TOKEN)) as client:
        yield client


@pytest.fixture
def ann(person: Callable[[str], Http]) -> Http:
    """A person with files of her own."""
    return person("ann@example.com")


@pytest.fixture
def bob(person: Callable[[str], Http]) -> Http:
    """A person to share with."""
    return person("bob@example.com")


@pytest.fixture
def on_office(server: Any) -> Callable[[Callable[[Any], Any]], Any]:
    """Does something to the server's own tables, between two requests."""
    return lambda work: server.in_worker(lambda desk: work(desk.office))
