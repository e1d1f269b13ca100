"""An account stays within its quota by waiting, not by being refused."""

from hypothesis import given
from hypothesis import strategies as st

from crm_sync.workbooks.pace import Pace


class Time:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def paced(per_minute: int | None, time: Time) -> Pace:
    return Pace(per_minute, lambda: time.now, time.sleep)


def test_one_too_many_waits_until_the_oldest_is_a_minute_ago() -> None:
    time = Time()
    pace = paced(2, time)
    pace.take(write=False)
    time.now += 10
    pace.take(write=False)
    assert time.slept == []
    pace.take(write=False)
    assert time.slept == [50.0]


def test_reads_and_writes_are_counted_apart() -> None:
    time = Time()
    pace = paced(1, time)
    pace.take(write=False)
    pace.take(write=True)
    assert time.slept == []


def test_without_a_limit_nothing_waits() -> None:
    time = Time()
    pace = paced(None, time)
    for _ in range(1000):
        pace.take(write=True)
    assert time.slept == []


@given(st.integers(1, 5), st.lists(st.floats(0, 90), max_size=40))
def test_no_minute_ever_holds_more_than_the_limit(most: int, pauses: list[float]) -> None:
    time = Time()
    pace = paced(most, time)
    sent = []
    for pause in pauses:
        time.now += pause
        pace.take(write=True)
        sent.append(time.now)
    for begin in sent:
        assert sum(begin <= at < begin + 60 for at in sent) <= most
