"""What is unbroken comes to its end before Ctrl-C ends the program."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from crm_sync import interrupts


@pytest.fixture(autouse=True)
def _listening() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    interrupts.listen()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def work(done: list[str], *signals: signal.Signals) -> None:
    """An unbroken piece of work in which these signals come, one after another."""
    with interrupts.unbroken():
        for number in signals:
            signal.raise_signal(number)
            with interrupts.unbroken():
                done.append(number.name)
        done.append("finished")


def failing() -> None:
    with interrupts.unbroken():
        signal.raise_signal(signal.SIGINT)
        raise ConnectionError


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_at_once_what_may_be_cut_off(number: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_unbroken_is_finished_first_and_the_program_ends_then(
    number: signal.Signals,
) -> None:
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        work(done, number)
    assert done == [number.name, "finished"]


def test_who_asks_twice_is_not_kept_waiting() -> None:
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        work(done, signal.SIGINT, signal.SIGTERM)
    assert done == ["SIGINT"]


def test_end_that_was_asked_for_is_not_forgotten_when_the_request_fails() -> None:
    with pytest.raises(KeyboardInterrupt):
        failing()
    done: list[str] = []
    work(done)
    assert done == ["finished"]
