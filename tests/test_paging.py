"""The page loop on a simulated item collection: any data, any limit, any page size of the database."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nodetodo.model import Task
from nodetodo.repositories import items
from nodetodo.repositories.paging import FILTERED_PAGE, FILTERED_PAGE_AT_MOST, PAGE, Records, sizes


class Collection:
    """A simulated item collection whose query pages as DynamoDB does.

    passes: for each item whether the filter selects it. page_cut: the largest page in items. limits: of all requests.
    """

    def __init__(self, passes: list[bool], page_cut: int) -> None:
        self.passes, self.page_cut = passes, page_cut
        self.limits: list[int] = []

    def query(self, *, Limit: int, ExclusiveStartKey: Any = None, **request: Any) -> dict[str, Any]:
        self.limits.append(Limit)
        first = int(ExclusiveStartKey["tid"]["N"]) + 1 if ExclusiveStartKey else 0
        after = first + min(Limit, self.page_cut)
        selected = [
            items.to_item({"uid": "emma", "tid": tid, "description": "x"})
            for tid in range(first, min(after, len(self.passes)))
            if self.passes[tid] or "FilterExpression" not in request
        ]
        response: dict[str, Any] = {"Items": selected, "ScannedCount": min(after, len(self.passes)) - first}
        if after <= len(self.passes):  # also if the collection ends exactly here, as in DynamoDB
            response["LastEvaluatedKey"] = items.to_item({"uid": "emma", "tid": after - 1})
        return response


collections = st.builds(Collection, st.lists(st.booleans(), max_size=200), st.integers(1, 90))


def read(collection: Collection, limit: int | None, filtered: bool, start: Any = None) -> tuple[list[int], Any]:
    request = {"FilterExpression": "…"} if filtered else {}
    records = Records(Task, collection.query, request, start=start, limit=limit, key=("uid", "tid"))
    return [int(task.tid) for task in records], records.next


def expected(collection: Collection, filtered: bool) -> list[int]:
    return [tid for tid, passes in enumerate(collection.passes) if passes or not filtered]


@given(collections, st.integers(1, 60), st.booleans())
def test_the_pages_together_are_the_whole_list(collection: Collection, limit: int, filtered: bool) -> None:
    found: list[int] = []
    start = None
    while True:
        page, start = read(collection, limit, filtered, start)
        found += page
        if start is None:
            break
        assert len(page) == limit  # only the last page may be shorter
    assert found == expected(collection, filtered)
    assert read(collection, None, filtered) == (found, None)


@given(collections, st.integers(1, 60))
def test_without_a_filter_a_page_has_a_cursor_only_if_items_remain(collection: Collection, limit: int) -> None:
    page, following = read(collection, limit, filtered=False)
    if collection.page_cut > limit:
        assert (following is not None) == (len(collection.passes) > limit)
    assert page == expected(collection, filtered=False)[:limit]


@given(st.lists(st.booleans(), max_size=3000), st.integers(1, 20))
def test_a_filtered_page_reads_at_most_three_times_the_necessary_items(passes: list[bool], limit: int) -> None:
    collection = Collection(passes, page_cut=10**6)
    page, _ = read(collection, limit, filtered=True)
    needed = page[-1] + 1 if len(page) == limit else len(passes)
    assert sum(min(size, len(passes)) for size in collection.limits[:-1]) <= needed
    assert sum(collection.limits) <= max(3 * needed, FILTERED_PAGE)


def test_a_filter_that_selects_no_items_takes_few_requests() -> None:
    collection = Collection([False] * 100_000, page_cut=10**6)
    assert read(collection, 10, filtered=True) == ([], None)
    assert len(collection.limits) < 30


def test_ten_rows_without_a_filter_take_one_request_of_eleven_items() -> None:
    collection = Collection([True] * 100_000, page_cut=10**6)
    read(collection, 10, filtered=False)
    assert collection.limits == [11]


def test_the_limit_of_a_request_is_bounded() -> None:
    for limit, filtered, most in [(None, True, PAGE), (10**9, False, PAGE), (10**9, True, FILTERED_PAGE_AT_MOST)]:
        limits = sizes(limit, filtered)
        assert max(next(limits) for _ in range(20)) == most
