"""Within one page the same question is asked once; outside pages every time."""

from __future__ import annotations

from collections.abc import Collection

from erp.core.reading import asked_once, reading

asked: list[frozenset[int]] = []


@asked_once
def double(ids: Collection[int]) -> dict[int, int]:
    """Answer, and note that it was asked."""
    asked.append(frozenset(ids))
    return {pk: 2 * pk for pk in ids}


def test_the_same_question_is_asked_once_while_a_page_is_read() -> None:
    asked.clear()
    with reading():
        assert double([1, 2]) == double({2, 1}) == {1: 2, 2: 4}
        assert double([3]) == {3: 6}
    assert asked == [frozenset({1, 2}), frozenset({3})]


def test_outside_a_page_every_question_is_asked_anew() -> None:
    asked.clear()
    double([1])
    double([1])
    assert len(asked) == 2


def test_nothing_is_remembered_from_one_page_to_the_next() -> None:
    asked.clear()
    for _page in range(2):
        with reading():
            double([1])
    assert len(asked) == 2


def test_a_page_remembers_through_the_gates_it_asks() -> None:
    asked.clear()
    with reading():
        double([1])
        with reading():
            double([1])
        double([1])
    assert len(asked) == 1
