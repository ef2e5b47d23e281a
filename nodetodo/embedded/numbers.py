"""DynamoDB's numbers: exact decimals of up to 38 significant digits, kept as text.

Python's decimal module is not used: its import costs more than a small command's reads, and the few things that are
needed here (one form per number, its order, sum and size) are short on integers.
"""

from __future__ import annotations

from .errors import invalid
from .limits import MAX_NUMBER_POINT, MIN_NUMBER_POINT, NUMBER_DIGITS

_ABOVE_ZERO = bytes(range(1, 256)) + b"\xff"
_COMPLEMENT = bytes(range(255, -1, -1))


def parts(text: str) -> tuple[bool, str, int]:
    """A number's text as (negative, digits, point), meaning 0.digits x 10 ** point; digits is empty for zero.

    Digits have no zeros at either end. A ValidationException for what is not a number or outside DynamoDB's range.
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
        raise invalid("A value provided cannot be converted into a number")
    point = len(whole) + exponent
    significant = digits.lstrip("0")
    point -= len(digits) - len(significant)
    significant = significant.rstrip("0")
    if not significant:
        return False, "", 0
    if len(significant) > NUMBER_DIGITS:
        raise invalid(f"Attempting to store more than {NUMBER_DIGITS} significant digits in a Number")
    if point > MAX_NUMBER_POINT:
        raise invalid("Number overflow. Attempting to store a number with magnitude larger than supported range")
    if point < MIN_NUMBER_POINT:
        raise invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")
    return negative, significant, point


def _exponent(text: str) -> int:
    """The power of ten after an E; beyond 9 digits it is out of range anyway, so it is capped there."""
    bare = text[1:] if text[:1] in ("-", "+") else text
    if not (bare.isdigit() and bare.isascii()):
        raise invalid("A value provided cannot be converted into a number")
    size = int(bare.lstrip("0")[:9] or "0")
    return -size if text[0] == "-" else size


def written(negative: bool, digits: str, point: int) -> str:
    """The one form in which DynamoDB gives a number back: no exponent, no outer zeros, no -0."""
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
    """A number in DynamoDB's form; two texts of one number give the same."""
    if text.isdigit() and text.isascii() and len(text) <= NUMBER_DIGITS and (text[0] != "0" or len(text) == 1):
        return text
    return written(*parts(text))


def size(text: str) -> int:
    """Bytes that a number in DynamoDB's form counts for.

    Measured: 1, and 1 for every two digits before the point and for every two after it, outer zeros aside, and 1 if
    it is negative; but never more than 21.
    """
    negative, digits, point = parts(text)
    before = min(max(point, 0), len(digits))
    return min(21, 1 + (before + 1) // 2 + (len(digits) - before + 1) // 2 + negative)


def ordered(text: str) -> bytes:
    """Bytes that sort as the numbers do, and of which none begins another.

    Sign, exponent and two digits a byte; for a negative number the complement. A pair of digits is never a zero byte,
    so that the closing one makes 1.2 sort before 1.23.
    """
    negative, digits, point = parts(text)
    if not digits:
        return b"\x02"
    pairs = bytes.fromhex(digits + "0" if len(digits) % 2 else digits).translate(_ABOVE_ZERO)
    magnitude = bytes((point - MIN_NUMBER_POINT,)) + pairs + b"\x00"
    return b"\x01" + magnitude.translate(_COMPLEMENT) if negative else b"\x03" + magnitude


def total(left: str, right: str, sign: int = 1) -> str:
    """left + right, or left - right with a sign of -1, exact; a ValidationException beyond 38 digits or the range."""
    (left_negative, left_digits, left_point), (right_negative, right_digits, right_point) = parts(left), parts(right)
    lowest = min(left_point - len(left_digits), right_point - len(right_digits))
    a = int(left_digits or "0") * 10 ** (left_point - len(left_digits) - lowest)
    b = int(right_digits or "0") * 10 ** (right_point - len(right_digits) - lowest)
    value = (-a if left_negative else a) + sign * (-b if right_negative else b)
    return canonical(f"{value}e{lowest}")
