"""The cursors that lists print, and the values that --next accepts."""

import base64
import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nodetodo import cursors
from nodetodo.errors import WrongUsage
from nodetodo.model import Key

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
tids = st.integers(0, 10**38 - 1)

SHARED = {"user-ls": [], "task-ls": ["uid"], "task-la": ["category"]}
"""The key attributes that all rows of a list share."""

rows = (
    st.tuples(st.just("user-ls"), st.fixed_dictionaries({"uid": texts}))
    | st.tuples(st.just("task-ls"), st.fixed_dictionaries({"uid": texts, "tid": tids}))
    | st.tuples(st.just("task-la"), st.fixed_dictionaries({"category": texts, "tid": tids, "uid": texts}))
)
"""A list with the key of one of its rows."""


def encoded(content: object) -> str:
    """Return JSON content in the form of a cursor."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@given(rows)
def test_a_cursor_contains_the_whole_key_of_its_row(row: tuple[str, Key]) -> None:
    command, key = row
    shared = [str(key[name]) for name in SHARED[command]]
    assert cursors.decode(command, cursors.encode(command, key), *shared) == (key, None)


@given(rows)
def test_a_cursor_needs_no_quotes_in_a_shell_and_is_not_a_tid(row: tuple[str, Key]) -> None:
    cursor = cursors.encode(*row)
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert cursor.isascii()
    assert not cursor.isdigit()


@given(texts, texts, tids)
def test_a_cursor_of_another_list_is_refused(uid: str, other: str, tid: int) -> None:
    assume(uid != other)
    cursor = cursors.encode("task-ls", {"uid": uid, "tid": tid})
    for command, shared in (("task-ls", (other,)), ("task-la", (uid,)), ("user-ls", ())):
        with pytest.raises(WrongUsage, match="belongs to another list"):
            cursors.decode(command, cursor, *shared)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_a_cursor_or_is_refused_with_an_error_message(text: str) -> None:
    for command, shared in (("task-ls", ("emma",)), ("user-ls", ())):
        try:
            start, after = cursors.decode(command, text, *shared)
        except WrongUsage:
            continue
        assert (after is not None) == text.isdigit()
        assert start is None or cursors.encode(command, start) == text.rstrip("=")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner), max_leaves=6
)


@given(json_values | st.lists(st.sampled_from(["task-ls", "task-la", "user-ls", "emma", 1, True, 1.5, None, [], {}])))
def test_json_that_is_not_the_content_of_a_cursor_is_refused(content: object) -> None:
    cursor = encoded(content)
    assume(not cursor.isdigit())
    try:
        start, _ = cursors.decode("task-ls", cursor, "emma")
    except WrongUsage:
        return
    assert start == {"uid": "emma", "tid": 1}
    assert content == ["task-ls", "emma", 1]


@pytest.mark.parametrize("key", [["", 1], ["emma", -1], ["emma", 10**40], ["\ud800", 1], ["e" * 2049, 1]])
def test_a_cursor_with_an_impossible_key_is_refused(key: list[object]) -> None:
    with pytest.raises(WrongUsage, match="is not a cursor"):
        cursors.decode("task-ls", encoded(["task-ls", *key]), str(key[0]))


def test_a_list_continues_after_a_tid() -> None:
    assert cursors.decode("task-ls", "1526650262330", "emma") == (None, 1526650262330)
    assert cursors.decode("task-la", "0", "shopping") == (None, 0)


def test_a_list_without_a_cursor_begins_at_its_first_row() -> None:
    assert cursors.decode("task-ls", None, "emma") == (None, None)
