"""DynamoDB's numbers: exact decimals of up to 38 significant digits, as text.

Python's decimal module is imported only for numbers that are not whole, because its import takes longer than the reads
of a small command. The few operations needed here (normal form, order, sum and size) are short with integers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import validation_error
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
                exponent = _exponent(power)
                break
    negative = mantissa[:1] == "-"
    if mantissa[:1] in ("-", "+"):
        mantissa = mantissa[1:]
    whole, _, fraction = mantissa.partition(".")
    digits = whole + fraction
    if not (digits.isdigit() and digits.isascii()):
        raise validation_error("A value provided cannot be converted into a number")
    point = len(whole) + exponent
    significant = digits.lstrip("0")
    point -= len(digits) - len(significant)
    significant = significant.rstrip("0")
    if not significant:
        return False, "", 0
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
    return negative, significant, point


def _exponent(text: str) -> int:
    """Return the power of ten after an E, cut to 9 digits: any longer one is out of range anyway."""
    digits = text[1:] if text[:1] in ("-", "+") else text
    if not (digits.isdigit() and digits.isascii()):
        raise validation_error("A value provided cannot be converted into a number")
    size = int(digits.lstrip("0")[:9] or "0")
    return -size if text[0] == "-" else size


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

    Measured: 1, plus 1 for every two digits before the point and 1 for every two digits after it, without outer zeros,
    plus 1 if it is negative; at most 21.
    """
    negative, digits, point = parts(text)
    before = min(max(point, 0), len(digits))
    return min(21, 1 + (before + 1) // 2 + (len(digits) - before + 1) // 2 + negative)


def ordered(text: str) -> bytes:
    """Return bytes that sort in the order of the numbers. None of them is a prefix of another.

    They are the sign, the exponent and one byte per two digits; for a negative number the complement. No pair of digits
    is a zero byte, so the zero byte at the end sorts 1.2 before 1.23.
    """
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
