"""Argument strings become values, and items have the size that DynamoDB gives them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodetodo.cli import values
from nodetodo.embedded.values import item_size
from nodetodo.errors import WrongUsage
from nodetodo.model import Task, User
from nodetodo.repositories import items

whole = st.integers(0, 10**38 - 1)
texts = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize("given", ["a@b", "a@b@c", " a@b ", "ü@ö", '"@"@x'])
def test_an_email_has_something_on_both_sides_of_an_at(given: str) -> None:
    assert values.email(given) == given


@pytest.mark.parametrize("given", ["", "@", "a@", "@b", "ab", " @b", "a@ ", "@@"])
def test_anything_else_is_no_email(given: str) -> None:
    with pytest.raises(WrongUsage, match="email"):
        values.email(given)


@pytest.mark.parametrize("given", ["123", "+49 170", "(1) 2-3", "١٢٣"])
def test_a_phone_has_three_digits(given: str) -> None:
    assert values.phone(given) == given


@pytest.mark.parametrize("given", ["", "12", "one two three", "+-()"])
def test_anything_else_is_no_phone(given: str) -> None:
    with pytest.raises(WrongUsage, match="phone"):
        values.phone(given)


@pytest.mark.parametrize("given", ["", "x", "1.0", "-1", "1e3", " 1", "٣", "1" * 39, "0x1"])
def test_a_tid_that_is_no_whole_number_is_refused(given: str) -> None:
    with pytest.raises(WrongUsage, match="tid"):
        values.tid(given)


@given(whole)
def test_every_whole_number_is_a_tid(number: int) -> None:
    assert values.tid(str(number)) == number


@pytest.mark.parametrize("given", ["", "0", "00", "-1", "x", "1.0", "٣", "1" * 20])
def test_a_limit_below_one_is_refused(given: str) -> None:
    with pytest.raises(WrongUsage, match="--limit"):
        values.count("--limit", given)


def test_zeros_before_a_limit_mean_nothing() -> None:
    assert values.count("--limit", "0" * 5000 + "7") == 7


@given(st.integers(1, 10**18 - 1))
def test_every_number_from_one_is_a_limit(number: int) -> None:
    assert values.count("--limit", str(number)) == number


@pytest.mark.parametrize("reader", [values.uid, values.category, values.description])
@pytest.mark.parametrize("given", ["", " ", "\t\n"])
def test_nothing_is_neither_uid_nor_category_nor_description(reader: object, given: str) -> None:
    with pytest.raises(WrongUsage, match="is empty"):
        reader(given)  # type: ignore[operator]


@pytest.mark.parametrize("reader", [values.uid, values.category])
def test_a_key_is_measured_in_bytes(reader: object) -> None:
    assert reader("ü" * 1024) == "ü" * 1024  # type: ignore[operator]
    with pytest.raises(WrongUsage, match="2,049 bytes"):
        reader("ü" * 1024 + "x")  # type: ignore[operator]


@pytest.mark.parametrize("reader", [values.uid, values.category, values.description, values.email, values.phone])
def test_bytes_that_are_no_utf8_are_refused(reader: object) -> None:
    with pytest.raises(WrongUsage, match="not valid UTF-8"):
        reader("123@" + b"\xff".decode("utf-8", "surrogateescape"))  # type: ignore[operator]


optional_day = st.none() | st.integers(10000101, 99991231)


@given(st.builds(Task, texts, whole, texts, optional_day, optional_day, st.none() | texts, optional_day))
def test_a_task_comes_back_from_its_item(task: Task) -> None:
    assert items.to_record(Task, items.to_item(task._asdict())) == task


@given(st.builds(User, texts, texts, texts))
def test_a_user_comes_back_from_its_item(user: User) -> None:
    assert items.to_record(User, items.to_item(user._asdict())) == user


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({"shirt-color": {"S": "R"}, "shirt-size": {"S": "M"}}, 23),  # the example of AWS's developer guide
        ({"uid": {"S": "ü"}}, 5),
        ({"tid": {"N": "0"}}, 4),
        ({"tid": {"N": "1"}}, 5),
        ({"tid": {"N": "100"}}, 5),
        ({"tid": {"N": "123"}}, 6),
        ({"tid": {"N": "1526650262330"}}, 10),
        ({"tid": {"N": "-12"}}, 6),
    ],
)
def test_an_item_has_the_size_that_dynamodb_gives_it(item: items.Item, size: int) -> None:
    assert item_size(item) == size
