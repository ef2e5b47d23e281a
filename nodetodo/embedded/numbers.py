"""DynamoDB's numbers: exact decimals of up to 38 significant digits, as text.

Python's decimal module is imported only for numbers that are not whole, because its import takes longer than the reads
of a small command. The few operations needed here (normal form, order, sum and size) are short with integers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import ApiError, validation_error
from .limits import MAX_NUMBER_POINT, MIN_NUMBER_POINT, NUMBER_DIGITS

if TYPE_CHECKING:
    from decimal import Decimal

_ABOVE_ZERO = bytes(range(1, 256)) + b"\xff"
_COMPLEMENT = bytes(range(255, -1, -1))


def parts(text: str) -> tuple[bool, str, int]:
    """Return (negative, digits, point) of a number's text, meaning 0.digits x 10 ** point.

    digits has no zeros at either end and is empty for zero. Raises ApiError (ValidationException) if the text is not a
    number or outside DynamoDB's range.
    """
    mantissa, exponent = text, 0
    if not text.isdigit():
        for mark in "eE":
            if mark in text:
                mantissa, _, power = text.partition(mark)
                exponent = _exponent(power, text)
                break
    negative = mantissa[:1] == "-"
    if mantissa[:1] in ("-", "+"):
        mantissa = mantissa[1:]
    whole, _, fraction = mantissa.partition(".")
    digits = whole + fraction
    if not (digits.isdigit() and digits.isascii()):
        raise _not_a_number(text)
    point = len(whole) + exponent
    significant = digits.lstrip("0")
    point -= len(digits) - len(significant)
    significant = significant.rstrip("0")
    if not significant:
        point = exponent + 1  # zero is in range if its exponent is
    if len(significant) > NUMBER_DIGITS:
        raise validation_error(f"Attempting to store more than {NUMBER_DIGITS} significant digits in a Number")
    if point > MAX_NUMBER_POINT:
        raise validation_error(
            "Number overflow. Attempting to store a number with magnitude larger than supported range"
        )
    if point < MIN_NUMBER_POINT:
        raise validation_error(
            "Number underflow. Attempting to store a number with magnitude smaller than supported range"
        )
    return (negative, significant, point) if significant else (False, "", 0)


def _exponent(power: str, text: str) -> int:
    """Return the power of ten after the E of a number's text. It has at most 64 bits."""
    digits = power[1:] if power[:1] in ("-", "+") else power
    if not (digits.isdigit() and digits.isascii()):
        raise _not_a_number(text)
    size = int(digits.lstrip("0")[:20] or "0")
    if size >= 2**63:
        raise _not_a_number(text)
    return -size if power[0] == "-" else size


def _not_a_number(text: str) -> ApiError:
    return validation_error(f"The parameter cannot be converted to a numeric value: {text}")


def _to_text(negative: bool, digits: str, point: int) -> str:
    """Return a number in normal form, as DynamoDB returns it: without exponent, outer zeros or -0."""
    if not digits:
        return "0"
    if point >= len(digits):
        text = digits + "0" * (point - len(digits))
    elif point > 0:
        text = f"{digits[:point]}.{digits[point:]}"
    else:
        text = "0." + "0" * -point + digits
    return "-" + text if negative else text


def canonical(text: str) -> str:
    """Return a number in normal form. Equal numbers have equal normal forms.

    Raises ApiError (ValidationException) if the text is not a number or outside DynamoDB's range.
    """
    if text.isdigit() and text.isascii() and len(text) <= NUMBER_DIGITS and (text[0] != "0" or len(text) == 1):
        return text
    return _to_text(*parts(text))


def canonical_and_size(text: str) -> tuple[str, int]:
    """Return a number in normal form, and its size in bytes. See `canonical` and `size`."""
    # Most numbers are whole and positive. The first case is faster for them than two calls.
    if text.isdigit() and text.isascii() and text[0] != "0" and len(text) <= NUMBER_DIGITS:
        return text, _size(text.rstrip("0"), len(text))
    normal = canonical(text)
    return normal, size(normal)


def to_python(text: str) -> int | Decimal:
    """Return a number as an int if it is whole, otherwise as a Decimal.

    Raises ApiError (ValidationException) if the text is not a number or outside DynamoDB's range.
    """
    normal = canonical(text)
    if "." not in normal:
        return int(normal)
    from decimal import Decimal  # here, because few numbers need it

    return Decimal(normal)


def size(text: str) -> int:
    """Return the size of a number in bytes.

    1, plus 1 for each pair of digits from the first to the last pair that is not 00, plus 1 if it is negative; at most
    21. Pairs are counted from the decimal point: 120 has the pairs 01 and 20, 1200 has 12 and 00, 1.5 has 01 and 50.

    AWS documents only an approximation and that outer zeros are trimmed ("DynamoDB item sizes and formats", developer
    guide). The rule fits all sizes measured on AWS by paritysuite/dynamodb-conformance (numberByteSize.test.ts), but
    none of those is a number like 120, which needs one more pair than its digits. For such numbers the sources are the
    size calculator of Zac Charles ("How to Calculate a DynamoDB Item's Size and Consumed Capacity", 2019), which trims
    zeros in pairs, and DynamoDB Local 3.3.1, measured with all numbers in tests/embedded/test_numbers.py.
    """
    if text.isdigit() and text.isascii() and text[0] != "0":  # most numbers are whole and positive
        negative, digits, point = False, text.rstrip("0"), len(text)
    else:
        negative, digits, point = parts(text)
    return min(21, _size(digits, point) + negative) if digits else 1


def _size(digits: str, point: int) -> int:
    """Return the size of a positive number, see `parts` and `size`."""
    return 2 + (point - 1) // 2 - (point - len(digits)) // 2


def ordered(text: str) -> bytes:
    """Return bytes that sort in the order of the numbers. None of them is a prefix of another.

    They are the sign, the exponent and one byte per two digits; for a negative number the complement. No pair of digits
    is a zero byte, so the zero byte at the end sorts 1.2 before 1.23.
    """
    if text.isdigit() and text.isascii() and text[0] != "0" and len(text) <= NUMBER_DIGITS:
        negative, digits, point = False, text.rstrip("0"), len(text)
    else:
        negative, digits, point = parts(text)
    if not digits:
        return b"\x02"
    pairs = bytes.fromhex(digits + "0" if len(digits) % 2 else digits).translate(_ABOVE_ZERO)
    magnitude = bytes((point - MIN_NUMBER_POINT,)) + pairs + b"\x00"
    return b"\x01" + magnitude.translate(_COMPLEMENT) if negative else b"\x03" + magnitude


def total(left: str, right: str, sign: int = 1) -> str:
    """Return left + right, or left - right if the sign is -1, exactly.

    Raises ApiError (ValidationException) if the result has more than 38 digits or is out of range.
    """
    (left_negative, left_digits, left_point), (right_negative, right_digits, right_point) = parts(left), parts(right)
    lowest = min(left_point - len(left_digits), right_point - len(right_digits))
    a = int(left_digits or "0") * 10 ** (left_point - len(left_digits) - lowest)
    b = int(right_digits or "0") * 10 ** (right_point - len(right_digits) - lowest)
    value = (-a if left_negative else a) + sign * (-b if right_negative else b)
    return canonical(f"{value}e{lowest}")
