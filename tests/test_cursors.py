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
    assert cursors.read("task-ls", cursors.write("task-ls", key), uid) == (key, None)


@given(texts, tids, texts)
def test_a_cursor_of_a_category_brings_the_keys_of_index_and_table_back(category: str, tid: int, uid: str) -> None:
    key = {"category": category, "tid": tid, "uid": uid}
    assert cursors.read("task-la", cursors.write("task-la", key), category) == (key, None)


@given(texts)
def test_a_cursor_of_users_brings_the_key_back(uid: str) -> None:
    assert cursors.read("user-ls", cursors.write("user-ls", {"uid": uid})) == ({"uid": uid}, None)


@given(texts, tids, texts)
def test_a_cursor_is_one_word_for_the_shell_and_no_bare_tid(uid: str, tid: int, category: str) -> None:
    for cursor in (
        cursors.write("task-ls", {"uid": uid, "tid": tid}),
        cursors.write("task-la", {"category": category, "tid": tid, "uid": uid}),
        cursors.write("user-ls", {"uid": uid}),
    ):
        assert cursor.replace("-", "").replace("_", "").isalnum()
        assert cursor.isascii()
        assert not cursor.isdigit()


@given(texts, texts, tids)
def test_a_cursor_of_another_list_is_refused(uid: str, other: str, tid: int) -> None:
    assume(uid != other)
    cursor = cursors.write("task-ls", {"uid": uid, "tid": tid})
    for command, of in (("task-ls", (other,)), ("task-la", (uid,)), ("user-ls", ())):
        with pytest.raises(WrongUsage, match="belongs to another list"):
            cursors.read(command, cursor, *of)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_a_cursor_or_refused_in_a_sentence(text: str) -> None:
    for command, of in (("task-ls", ("emma",)), ("user-ls", ())):
        try:
            start, after = cursors.read(command, text, *of)
        except WrongUsage:
            continue
        assert (after is not None) == text.isdigit()
        assert start is None or cursors.write(command, start) == text.rstrip("=")


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
        start, _ = cursors.read("task-ls", cursor, "emma")
    except WrongUsage:
        return
    assert start == {"uid": "emma", "tid": 1}
    assert content == ["task-ls", "emma", 1]


def test_a_bare_tid_means_after_it() -> None:
    assert cursors.read("task-ls", "1526650262330", "emma") == (None, 1526650262330)
    assert cursors.read("task-la", "0", "shopping") == (None, 0)
