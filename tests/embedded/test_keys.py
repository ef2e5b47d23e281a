"""Addresses: the order of keys, prefixes and segments."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nodetodo.embedded import connect, keys
from nodetodo.embedded.client import Client

from .support import make_simple

# Characters for which the orders of UTF-8 and UTF-16 differ, and zero bytes.
tricky_text = st.text(alphabet="\x00\x01aéz\uffff\U0001f600", max_size=6)
tricky_bytes = st.binary(max_size=6) | st.lists(st.sampled_from([0, 1, 254, 255]), max_size=5).map(bytes)


@given(tricky_text, tricky_text)
def test_strings_sort_by_their_utf_8_bytes(a: str, b: str) -> None:
    low, high = keys.component({"S": a}), keys.component({"S": b})
    assert (low < high) == (a.encode() < b.encode())
    assert (low == high) == (a == b)
    assert a == b or not high.startswith(low)


@given(tricky_bytes, tricky_bytes)
def test_binaries_sort_by_their_bytes(a: bytes, b: bytes) -> None:
    low, high = keys.component({"B": a}), keys.component({"B": b})
    assert (low < high) == (a < b)
    assert a == b or not high.startswith(low)


@given(tricky_bytes, tricky_bytes)
def test_range_of_a_prefix_contains_exactly_the_values_that_begin_with_it(start: bytes, value: bytes) -> None:
    low = b"\x01" + keys.prefix(start)
    address = b"\x01" + keys.component({"B": value})
    assert (low <= address < keys.after(low)) == value.startswith(start)


@given(st.binary(min_size=1, max_size=8), st.integers(1, 50))
def test_every_partition_is_in_exactly_one_segment(name: bytes, total: int) -> None:
    address = keys.partition([{"B": name}])
    ranges = [keys.segment(number, total) for number in range(total)]
    assert sum(low <= address < high for low, high in ranges) == 1


def test_hash_of_a_partition_is_the_same_in_every_release() -> None:
    # With another hash, a release could not read the files of the one before.
    assert keys.partition([{"S": "emma"}]).hex() == "581387ff656d6d610000"
    assert keys.partition([{"N": "1"}]).hex() == "55e2ea5d03821100"


def _sorted_by_the_engine(client: Client, kind: str, values: list[Any], forward: bool = True) -> list[Any]:
    table = f"sorted-{kind}-{forward}"
    make_simple(client, table, "S", kind)
    for value in values:
        client.put_item(TableName=table, Item={"k": {"S": "k"}, "s": {kind: value}})
    response = client.query(
        TableName=table,
        KeyConditionExpression="k = :k",
        ExpressionAttributeValues={":k": {"S": "k"}},
        ScanIndexForward=forward,
    )
    return [each["s"][kind] for each in response["Items"]]


def test_query_returns_numbers_strings_and_binaries_in_the_order_of_dynamodb() -> None:
    client = connect(":memory:")
    numbers = ["-1e100", "-12.5", "-12", "-0.5", "-1e-100", "0", "1e-100", "0.5", "1", "9", "10", "10.01", "1e100"]
    returned = _sorted_by_the_engine(client, "N", numbers[::-1])
    assert [float(number) for number in returned] == [float(number) for number in numbers]
    strings = ["A", "Z", "a", "aa", "b", "é", "\uffff", "\U0001f600"]
    assert _sorted_by_the_engine(client, "S", strings[::-1]) == strings
    binaries = [b"\x00", b"\x00\x00", b"\x00\x01", b"\x01", b"\xfe\xff", b"\xff", b"\xff\xff"]
    assert _sorted_by_the_engine(client, "B", binaries[::-1]) == binaries
    assert _sorted_by_the_engine(client, "S", strings, forward=False) == strings[::-1]
    client.close()
