"""Finds the digits at the end of each tid that distinguish a task from the other rows of a list."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..model import ENDING_DIGITS

if TYPE_CHECKING:
    from ..model import Task


def lengths(tasks: list[Task]) -> list[int]:
    """Return the length of the shortest ending of each tid that no other task of the same uid in the list has.

    A tid without such an ending has the length of its whole text.
    """
    texts = [(task.uid, str(task.tid)) for task in tasks]
    whole = set(texts)
    found = [len(text) for _, text in texts]
    for length in reversed(ENDING_DIGITS):
        number_with = Counter((uid, text[-length:]) for uid, text in texts)
        for place, (uid, text) in enumerate(texts):
            ending = text[-length:]
            is_digits = len(ending) == length and ending.isdigit()
            # A command takes 0361 for the whole tid 361, if it exists.
            is_other = ending[:1] == "0" and len(text) > length and (uid, ending.lstrip("0") or "0") in whole
            if is_digits and number_with[uid, ending] == 1 and not is_other:
                found[place] = length
    return found
