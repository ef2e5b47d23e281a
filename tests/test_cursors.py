"""The cursors that lists print, and the values that --next accepts."""

import base64
import json
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nodetodo import cursors
from nodetodo.embedded import numbers
from nodetodo.embedded.errors import ApiError
from nodetodo.errors import WrongUsage
from nodetodo.model import Key, Number

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
tids = st.integers(-(10**38) + 1, 10**38 - 1) | st.decimals(-(10**27), 10**27, places=10).map(
    lambda number: numbers.to_python(str(number))
)

SHARED = {
    "user-ls": [],
    "task-ls": ["uid"],
    "task-ls --newest": ["uid"],
    "task-ls --by-due": ["uid"],
    "task-la": ["category"],
    "task-la --newest": ["category"],
}
"""The key attributes that all rows of a list share."""

rows = (
    st.tuples(st.just("user-ls"), st.fixed_dictionaries({"uid": texts}))
    | st.tuples(st.sampled_from(["task-ls", "task-ls --newest"]), st.fixed_dictionaries({"uid": texts, "tid": tids}))
    | st.tuples(st.just("task-ls --by-due"), st.fixed_dictionaries({"uid": texts, "due": tids, "tid": tids}))
    | st.tuples(
        st.sampled_from(["task-la", "task-la --newest"]),
        st.fixed_dictionaries({"category": texts, "tid": tids, "uid": texts}),
    )
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
def test_a_cursor_of_another_list_is_refused(uid: str, other: str, tid: Number) -> None:
    assume(uid != other)
    cursor = cursors.encode("task-ls", {"uid": uid, "tid": tid})
    for command, shared in (
        ("task-ls", (other,)),
        ("task-ls --newest", (uid,)),
        ("task-ls --by-due", (uid,)),
        ("task-la", (uid,)),
        ("user-ls", ()),
    ):
        with pytest.raises(WrongUsage, match="belongs to another list"):
            cursors.decode(command, cursor, *shared)


def is_number(text: str) -> bool:
    try:
        numbers.to_python(text)
    except ApiError:
        return False
    return True


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_a_cursor_or_is_refused_with_an_error_message(text: str) -> None:
    for command, shared in (("task-ls", ("emma",)), ("user-ls", ())):
        try:
            start, after = cursors.decode(command, text, *shared)
        except WrongUsage:
            continue
        assert (after is not None) == (command == "task-ls" and is_number(text))
        assert start in (None, {"uid": text}) or cursors.encode(command, start) == text.rstrip("=")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner), max_leaves=6
)


@given(
    json_values
    | st.lists(st.sampled_from(["task-ls", "task-la", "user-ls", "emma", 1, True, 1.5, "1.5", None, [], {}]))
)
def test_json_that_is_not_the_content_of_a_cursor_is_refused(content: object) -> None:
    cursor = encoded(content)
    assume(not cursor.isdigit())
    try:
        start, _ = cursors.decode("task-ls", cursor, "emma")
    except WrongUsage:
        return
    assert content in (["task-ls", "emma", 1], ["task-ls", "emma", "1.5"])
    assert start == {"uid": "emma", "tid": Decimal(content[2])}


@pytest.mark.parametrize(
    "key", [["", 1], ["emma", "x"], ["emma", 1.5], ["emma", 10**40 + 1], ["\ud800", 1], ["e" * 2049, 1]]
)
def test_a_cursor_with_an_impossible_key_is_refused(key: list[object]) -> None:
    with pytest.raises(WrongUsage, match="is not a cursor"):
        cursors.decode("task-ls", encoded(["task-ls", *key]), str(key[0]))


def test_a_list_continues_after_a_tid() -> None:
    assert cursors.decode("task-ls", "1526650262330", "emma") == (None, 1526650262330)
    assert cursors.decode("task-la", "0", "shopping") == (None, 0)
    assert cursors.decode("task-la", "-1.5", "shopping") == (None, Decimal("-1.5"))


def test_a_list_of_users_continues_after_a_uid() -> None:
    for uid in ("emma", "4711", "日本", " "):
        assert cursors.decode("user-ls", uid) == ({"uid": uid}, None)


@pytest.mark.parametrize("given", ["", "e" * 2049, "\udcff", cursors.encode("user-ls", {"uid": "emma"})[:-3]])
def test_a_uid_that_cannot_exist_and_a_damaged_cursor_are_refused(given: str) -> None:
    with pytest.raises(WrongUsage, match="is not a cursor"):
        cursors.decode("user-ls", given)


def test_cursors_of_earlier_versions_are_read() -> None:
    of_task = base64.urlsafe_b64encode(b'["task-ls","emma",1526650262330]').decode().rstrip("=")
    assert cursors.decode("task-ls", of_task, "emma") == ({"uid": "emma", "tid": 1526650262330}, None)
