"""Where watched rows go in the journal: one place each, whoever asks."""

from hypothesis import given
from hypothesis import strategies as st

from crm_sync.workbooks.journal import Run, layout

WATCHED = st.lists(st.tuples(st.sampled_from([7, 3]), st.integers(0, 30)))


@given(WATCHED)
def test_each_watched_row_lies_in_one_run(watched: list[tuple[int, int]]) -> None:
    copied = [
        (run.sheet_id, row) for run in layout(watched).runs for row in range(run.start, run.end)
    ]
    assert len(copied) == len(set(copied))
    assert set(watched) <= set(copied)


@given(WATCHED)
def test_runs_lie_below_one_another_in_the_journal(watched: list[tuple[int, int]]) -> None:
    plan = layout(watched)
    values = [row for run in plan.runs for row in range(run.at, run.at + run.length)]
    texts = [
        row
        for run in plan.runs
        for row in range(plan.formulas_at(run), plan.formulas_at(run) + run.length)
    ]
    assert values + texts == list(range(1, plan.row_count))


@given(WATCHED, st.randoms())
def test_layout_does_not_depend_on_the_order_of_the_rows(watched: list, random: object) -> None:
    shuffled = list(watched)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert layout(shuffled) == layout(watched)


def test_small_gap_is_copied_along_and_a_large_one_is_not() -> None:
    assert layout([(0, 2), (0, 6), (0, 11), (1, 12)]).runs == (
        Run(0, 2, 7, 1),
        Run(0, 11, 12, 6),
        Run(1, 12, 13, 7),
    )
