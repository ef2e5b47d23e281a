"""Conversion of arguments to values, of records to items, and the sizes of items."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodetodo.cli import values
from nodetodo.embedded.values import item_size
from nodetodo.errors import WrongUsage
from nodetodo.model import Task, TidEnding, User
from nodetodo.repositories import items

whole = st.integers(0, 10**38 - 1)
texts = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize("given", ["a@b", "a@b@c", " a@b ", "ü@ö", '"@"@x'])
def test_an_email_has_text_before_and_after_an_at_sign(given: str) -> None:
    assert values.email(given) == given


@pytest.mark.parametrize("given", ["", "@", "a@", "@b", "ab", " @b", "a@ ", "@@"])
def test_another_text_is_not_an_email(given: str) -> None:
    with pytest.raises(WrongUsage, match="email"):
        values.email(given)


@pytest.mark.parametrize("given", ["123", "+49 170", "(1) 2-3", "١٢٣"])
def test_a_phone_has_at_least_three_digits(given: str) -> None:
    assert values.phone(given) == given


@pytest.mark.parametrize("given", ["", "12", "one two three", "+-()"])
def test_another_text_is_not_a_phone(given: str) -> None:
    with pytest.raises(WrongUsage, match="phone"):
        values.phone(given)


@pytest.mark.parametrize("given", ["", "x", "-", ".", "1,5", "1e", "nan", "-inf", "1e200", " 1", "٣", "1" * 39, "0x1"])
def test_a_tid_that_is_not_a_number_of_dynamodb_is_refused(given: str) -> None:
    with pytest.raises(WrongUsage, match="tid"):
        values.tid(given)


@given(whole)
def test_a_whole_number_is_a_tid_or_the_end_of_one_by_its_digits(number: int) -> None:
    read = values.tid(str(number))
    if 3 <= len(str(number)) <= 12:
        assert isinstance(read, TidEnding)
        assert read.digits == str(number)
    else:
        assert read == number


@pytest.mark.parametrize("given", ["007", "061", "000", "000000000000"])
def test_the_leading_zeros_of_an_ending_are_kept(given: str) -> None:
    read = values.tid(given)
    assert isinstance(read, TidEnding)
    assert read.digits == given


@pytest.mark.parametrize("given", ["", "0", "00", "-1", "x", "1.0", "٣", "1" * 20])
def test_a_limit_below_one_is_refused(given: str) -> None:
    with pytest.raises(WrongUsage, match="--limit"):
        values.count("--limit", given)


def test_leading_zeros_of_a_limit_are_ignored() -> None:
    assert values.count("--limit", "0" * 5000 + "7") == 7


@pytest.mark.parametrize(
    ("given", "number"),
    [
        *(("-1", -1), ("-361", -361), ("+361", 361), ("1.0", 1), ("07", 7), ("1e3", 1000), ("1.50", Decimal("1.5"))),
        ("0000000000007", 7),
    ],
)
def test_every_other_number_of_dynamodb_is_a_whole_tid(given: str, number: object) -> None:
    assert values.tid(given) == number


@given(st.decimals(allow_nan=False, allow_infinity=False, places=10, min_value=-(10**27), max_value=10**27))
def test_every_fraction_is_a_tid(number: Decimal) -> None:
    read = values.tid(str(number))
    assert read == number
    assert not isinstance(read, TidEnding)
    assert items.to_value(items.attribute(read)) == number


@given(st.integers(1, 10**18 - 1))
def test_every_whole_number_from_one_is_a_limit(number: int) -> None:
    assert values.count("--limit", str(number)) == number


@pytest.mark.parametrize("reader", [values.uid, values.category, values.description])
@pytest.mark.parametrize("given", ["", " ", "\t\n"])
def test_an_empty_uid_category_or_description_is_refused(reader: Callable[[str], str], given: str) -> None:
    with pytest.raises(WrongUsage, match="is empty"):
        reader(given)


def test_me_is_the_own_uid_if_there_is_one() -> None:
    assert values.uid("me", "emma") == "emma"
    assert values.uid("me", "me") == values.uid("me", "") == values.uid("me", None) == "me"
    assert values.uid("luis", "emma") == "luis"
    assert values.category("me") == "me"


@pytest.mark.parametrize(
    ("own", "problem"),
    [("x" * 2049, "has 2,049 bytes"), ("\udcff", "'\\udcff' is not valid UTF-8"), (" ", "is empty")],
)
def test_an_invalid_own_uid_is_refused_by_the_name_of_its_variable(own: str, problem: str) -> None:
    with pytest.raises(WrongUsage, match="the uid in NODETODO_USER ") as refused:
        values.uid("me", own)
    assert problem in str(refused.value)
    assert values.uid("luis", own) == "luis"


@pytest.mark.parametrize("reader", [values.uid, values.category])
def test_the_limit_of_a_key_counts_bytes(reader: Callable[[str], str]) -> None:
    assert reader("ü" * 1024) == "ü" * 1024
    with pytest.raises(WrongUsage, match="2,049 bytes"):
        reader("ü" * 1024 + "x")


@pytest.mark.parametrize("reader", [values.uid, values.category, values.description, values.email, values.phone])
def test_bytes_that_are_not_utf8_are_refused(reader: Callable[[str], str]) -> None:
    with pytest.raises(WrongUsage, match="not valid UTF-8"):
        reader("123@" + b"\xff".decode("utf-8", "surrogateescape"))


optional_day = st.none() | st.integers(10000101, 99991231)


@given(st.builds(Task, texts, whole, texts, optional_day, optional_day, st.none() | texts, optional_day))
def test_the_item_of_a_task_becomes_the_same_task(task: Task) -> None:
    assert items.to_record(Task, items.to_item(task._asdict())) == task


@given(st.builds(User, texts, texts, texts))
def test_the_item_of_a_user_becomes_the_same_user(user: User) -> None:
    assert items.to_record(User, items.to_item(user._asdict())) == user


@pytest.mark.parametrize(
    ("item", "size"),
    [
        (
            {"shirt-color": {"S": "R"}, "shirt-size": {"S": "M"}},
            23,
        ),  # the example of AWS (developer guide)
        ({"uid": {"S": "ü"}}, 5),
        ({"tid": {"N": "0"}}, 4),
        ({"tid": {"N": "1"}}, 5),
        ({"tid": {"N": "100"}}, 5),
        ({"tid": {"N": "123"}}, 6),
        ({"tid": {"N": "1526650262330"}}, 11),
        ({"tid": {"N": "-12"}}, 6),
    ],
)
def test_the_size_of_an_item_is_that_of_dynamodb(item: items.Item, size: int) -> None:
    assert item_size(item) == size
