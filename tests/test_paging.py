"""The page loop alone, on a table made of lists: any data, any limit, any size of the database's own pages."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nodetodo.model import Task
from nodetodo.repositories import items
from nodetodo.repositories.paging import FILTERED_PAGE, FILTERED_PAGE_AT_MOST, PAGE, Records, sizes


class Collection:
    """Reads as a Query does: Limit before the filter, pages that may be cut short, LastEvaluatedKey but at the end."""

    def __init__(self, passes: list[bool], page_cut: int) -> None:
        self.passes, self.page_cut = passes, page_cut
        self.limits: list[int] = []

    def query(self, *, Limit: int, ExclusiveStartKey: Any = None, **request: Any) -> dict[str, Any]:
        self.limits.append(Limit)
        first = int(ExclusiveStartKey["tid"]["N"]) + 1 if ExclusiveStartKey else 0
        after = first + min(Limit, self.page_cut)
        wanted = [
            items.to_item({"uid": "emma", "tid": tid, "description": "x"})
            for tid in range(first, min(after, len(self.passes)))
            if self.passes[tid] or "FilterExpression" not in request
        ]
        answer: dict[str, Any] = {"Items": wanted, "ScannedCount": min(after, len(self.passes)) - first}
        if after <= len(self.passes):  # also when it ends exactly here, as DynamoDB does
            answer["LastEvaluatedKey"] = items.to_item({"uid": "emma", "tid": after - 1})
        return answer


collections = st.builds(Collection, st.lists(st.booleans(), max_size=200), st.integers(1, 90))


def read(collection: Collection, limit: int | None, filtered: bool, start: Any = None) -> tuple[list[int], Any]:
    request = {"FilterExpression": "…"} if filtered else {}
    listing = Records(Task, collection.query, request, start=start, limit=limit, key=("uid", "tid"))
    return [task.tid for task in listing], listing.next


def expected(collection: Collection, filtered: bool) -> list[int]:
    return [tid for tid, passes in enumerate(collection.passes) if passes or not filtered]


@given(collections, st.integers(1, 60), st.booleans())
def test_the_pages_together_are_the_unpaged_list(collection: Collection, limit: int, filtered: bool) -> None:
    found: list[int] = []
    start = None
    while True:
        page, start = read(collection, limit, filtered, start)
        found += page
        if start is None:
            break
        assert len(page) == limit  # a page is short only at the end
    assert found == expected(collection, filtered)
    assert read(collection, None, filtered) == (found, None)


@given(collections, st.integers(1, 60))
def test_without_a_filter_a_page_claims_more_only_where_there_is_more(collection: Collection, limit: int) -> None:
    page, following = read(collection, limit, filtered=False)
    if collection.page_cut > limit:
        assert (following is not None) == (len(collection.passes) > limit)
    assert page == expected(collection, filtered=False)[:limit]


@given(st.lists(st.booleans(), max_size=3000), st.integers(1, 20))
def test_a_filtered_page_reads_little_more_than_twice_what_it_has_to(passes: list[bool], limit: int) -> None:
    collection = Collection(passes, page_cut=10**6)
    page, _ = read(collection, limit, filtered=True)
    needed = page[-1] + 1 if len(page) == limit else len(passes)
    assert sum(min(size, len(passes)) for size in collection.limits[:-1]) <= needed
    assert sum(collection.limits) <= max(3 * needed, FILTERED_PAGE)


def test_a_filter_that_lets_nothing_through_is_not_crawled_through() -> None:
    collection = Collection([False] * 100_000, page_cut=10**6)
    assert read(collection, 10, filtered=True) == ([], None)
    assert len(collection.limits) < 30


def test_ten_rows_without_a_filter_take_one_request_of_eleven_items() -> None:
    collection = Collection([True] * 100_000, page_cut=10**6)
    read(collection, 10, filtered=False)
    assert collection.limits == [11]


def test_no_request_asks_for_more_than_memory_should_hold() -> None:
    for limit, filtered, most in [(None, True, PAGE), (10**9, False, PAGE), (10**9, True, FILTERED_PAGE_AT_MOST)]:
        asked = sizes(limit, filtered)
        assert max(next(asked) for _ in range(20)) == most
