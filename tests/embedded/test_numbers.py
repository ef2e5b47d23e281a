"""Numbers: normal form, order, exact arithmetic, range and size."""

from __future__ import annotations

from decimal import Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodetodo.embedded import numbers
from nodetodo.embedded.errors import ApiError

EXACT = Context(prec=300, Emin=-1000, Emax=1000)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A number within DynamoDB's range, in any notation that DynamoDB accepts."""
    digits = str(draw(st.integers(0, 10**38 - 1)))
    power = draw(st.integers(-130, 126 - len(digits)))
    sign = draw(st.sampled_from(["", "-", "+"]))
    match draw(st.sampled_from(["exponent", "plain", "point"])):
        case "exponent":
            return f"{sign}{digits}{draw(st.sampled_from('eE'))}{power}"
        case "plain":
            return sign + digits
        case _:
            at = draw(st.integers(0, len(digits)))
            return f"{sign}{digits[:at] or '0'}.{digits[at:]}"


@given(texts())
def test_the_normal_form_of_a_number_has_the_same_value(text: str) -> None:
    form = numbers.canonical(text)
    assert EXACT.create_decimal(form) == EXACT.create_decimal(text)
    assert numbers.canonical(form) == form
    assert "e" not in form.lower()


@given(texts(), texts())
def test_the_order_of_the_bytes_is_the_order_of_the_numbers(a: str, b: str) -> None:
    left, right = EXACT.create_decimal(a), EXACT.create_decimal(b)
    low, high = numbers.ordered(a), numbers.ordered(b)
    assert (low < high) == (left < right)
    assert (low == high) == (left == right)
    assert low == high or not high.startswith(low)


@given(st.decimals(-(10**15), 10**15, places=6), st.decimals(-(10**15), 10**15, places=6))
def test_sums_and_differences_are_exact(a: Decimal, b: Decimal) -> None:
    assert Decimal(numbers.total(str(a), str(b))) == a + b
    assert Decimal(numbers.total(str(a), str(b), -1)) == a - b


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("-0", "0"),
        ("-0.000", "0"),
        ("007", "7"),
        ("+1.50", "1.5"),
        ("1E2", "100"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1e-3", "0.001"),
        ("1" * 38, "1" * 38),
        ("1" * 38 + "000", "1" * 38 + "000"),
        ("9.9999999999999999999999999999999999999E+125", "9" * 38 + "0" * 88),
        ("1e-130", "0." + "0" * 129 + "1"),
    ],
)
def test_the_normal_form_has_no_exponent_and_no_outer_zeros(text: str, form: str) -> None:
    assert numbers.canonical(text) == form


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "abc",
        "0x10",
        "1_0",
        "NaN",
        "Infinity",
        "1e",
        "e5",
        "-",
        ".",
        "1.2.3",
        "--1",
        "²",
        "\uff11",
        "1e1e1",
    ],
)
def test_a_text_that_is_not_a_number_is_rejected(text: str) -> None:
    with pytest.raises(ApiError, match="cannot be converted to a numeric value: "):
        numbers.canonical(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1" * 39, "more than 38 significant digits"),
        ("1e126", "overflow"),
        ("-1e126", "overflow"),
        ("1e999999999999", "overflow"),
        ("9.99e-131", "underflow"),
        ("1e-999999999999", "underflow"),
    ],
)
def test_a_number_beyond_38_digits_or_the_range_is_rejected(text: str, message: str) -> None:
    with pytest.raises(ApiError, match=message):
        numbers.canonical(text)


def test_a_sum_beyond_38_digits_is_rejected_and_not_rounded() -> None:
    assert numbers.total("1e37", "1") == "1" + "0" * 36 + "1"
    with pytest.raises(ApiError, match="38 significant digits"):
        numbers.total("1e38", "0.1")


# Measured on AWS by paritysuite/dynamodb-conformance, tests/tier3/limits/numberByteSize.test.ts, 2026-08-18.
AWS_SIZES = {
    "0": 1,
    "1": 2,
    "12": 2,
    "123": 3,
    "1234": 3,
    "12345678901234567890123456789012345678": 20,
    "0042": 2,
    "100": 2,
    "1010": 3,
    "0.0000001": 2,
    "1E125": 2,
    "1E-100": 2,
    "1.5": 3,
    "15": 2,
    "1.2": 3,
    "1.200": 3,
    "1.234": 4,
    "3.14159": 5,
    "123456": 4,
    "100.5": 4,
    "0.15": 2,
    "-42": 3,
    "-0": 1,
}
# Measured on DynamoDB Local 3.3.1 by the write units of items of about 1,024 bytes.
LOCAL_SIZES = {
    "10": 2,
    "120": 3,
    "-120": 4,
    "1200": 2,
    "12000": 3,
    "1230": 3,
    "0.012": 3,
    "0.0012": 2,
    "10.01": 3,
    "12E100": 2,
    "12E101": 3,
    "1E-130": 2,
    "20261124": 5,
    "1526650262331": 8,
    "1526650262330": 8,
    "9" * 38 + "0": 21,
    "-" + "9" * 38 + "0": 21,
    "-1." + "2" * 37: 21,
}


@pytest.mark.parametrize(("text", "size"), (AWS_SIZES | LOCAL_SIZES).items())
def test_a_number_has_one_byte_plus_one_per_pair_of_digits_counted_from_the_point(text: str, size: int) -> None:
    assert numbers.size(text) == size
