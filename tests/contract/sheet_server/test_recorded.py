"""The local server answers what Google answered, exchange by exchange."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from crm_sync.sheet_server.server import SheetServer
from tests.contract.sheet_server.local_client import Http
from tests.contract.sheet_server.replay import RECORDED, Replay, exchanges

RECORDINGS = sorted(RECORDED.glob("*.json"))

pytestmark = pytest.mark.skipif(
    not RECORDINGS, reason="the recordings in ../shared/sheets_api/recorded are not there"
)


@pytest.fixture
def sign_in(tmp_path: Path) -> Iterator[Callable[[str], Http]]:
    """Clients of a server that holds no file yet."""
    with SheetServer(tmp_path / "office.sheets") as server, ExitStack() as clients:

        def client(email: str) -> Http:
            return clients.enter_context(closing(Http(server.url, server.token_for(email))))

        yield client


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_every_recorded_exchange_is_answered_as_google_did(
    recording: Path, sign_in: Callable[[str], Http]
) -> None:
    assert Replay(exchanges(recording), sign_in).differences() == []
