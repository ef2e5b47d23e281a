"""What --next takes."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nodetodo import cursors
from nodetodo.errors import WrongUsage

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
tids = st.integers(0, 10**38 - 1)


@given(texts, tids)
def test_a_cursor_of_a_users_tasks_brings_the_whole_key_back(uid: str, tid: int) -> None:
    key = {"uid": uid, "tid": tid}
    assert cursors.decode("task-ls", cursors.encode("task-ls", key), uid) == (key, None)


@given(texts, tids, texts)
def test_a_cursor_of_a_category_brings_the_keys_of_index_and_table_back(category: str, tid: int, uid: str) -> None:
    key = {"category": category, "tid": tid, "uid": uid}
    assert cursors.decode("task-la", cursors.encode("task-la", key), category) == (key, None)


@given(texts)
def test_a_cursor_of_users_brings_the_key_back(uid: str) -> None:
    assert cursors.decode("user-ls", cursors.encode("user-ls", {"uid": uid})) == ({"uid": uid}, None)


@given(texts, tids, texts)
def test_a_cursor_is_one_word_for_the_shell_and_no_bare_tid(uid: str, tid: int, category: str) -> None:
    for cursor in (
        cursors.encode("task-ls", {"uid": uid, "tid": tid}),
        cursors.encode("task-la", {"category": category, "tid": tid, "uid": uid}),
        cursors.encode("user-ls", {"uid": uid}),
    ):
        assert cursor.replace("-", "").replace("_", "").isalnum()
        assert cursor.isascii()
        assert not cursor.isdigit()


@given(texts, texts, tids)
def test_a_cursor_of_another_list_is_refused(uid: str, other: str, tid: int) -> None:
    assume(uid != other)
    cursor = cursors.encode("task-ls", {"uid": uid, "tid": tid})
    for command, of in (("task-ls", (other,)), ("task-la", (uid,)), ("user-ls", ())):
        with pytest.raises(WrongUsage, match="belongs to another list"):
            cursors.decode(command, cursor, *of)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_a_cursor_or_refused_in_a_sentence(text: str) -> None:
    for command, of in (("task-ls", ("emma",)), ("user-ls", ())):
        try:
            start, after = cursors.decode(command, text, *of)
        except WrongUsage:
            continue
        assert (after is not None) == text.isdigit()
        assert start is None or cursors.encode(command, start) == text.rstrip("=")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner), max_leaves=6
)


@given(json_values | st.lists(st.sampled_from(["task-ls", "task-la", "user-ls", "emma", 1, True, 1.5, None, [], {}])))
def test_what_only_looks_like_a_cursor_is_refused(content: object) -> None:
    import base64
    import json

    cursor = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    assume(not cursor.isdigit())
    try:
        start, _ = cursors.decode("task-ls", cursor, "emma")
    except WrongUsage:
        return
    assert start == {"uid": "emma", "tid": 1}
    assert content == ["task-ls", "emma", 1]


@pytest.mark.parametrize("key", [["", 1], ["emma", -1], ["emma", 10**40], ["\ud800", 1], ["e" * 2049, 1]])
def test_a_cursor_with_a_key_that_cannot_be_is_refused(key: list[object]) -> None:
    import base64
    import json

    cursor = base64.urlsafe_b64encode(json.dumps(["task-ls", *key]).encode()).decode().rstrip("=")
    with pytest.raises(WrongUsage, match="is not a cursor"):
        cursors.decode("task-ls", cursor, str(key[0]))


def test_a_bare_tid_means_after_it() -> None:
    assert cursors.decode("task-ls", "1526650262330", "emma") == (None, 1526650262330)
    assert cursors.decode("task-la", "0", "shopping") == (None, 0)
