"""The part of the benchmark that counts requests and units. Its figures do not depend on the machine."""

from .benchmark import requests


def test_only_commands_on_tables_send_more_than_the_fewest_requests() -> None:
    over = [line[0] for line in requests.lines() if "over" in line]
    assert over == ["table-add", "table-rm --yes"]  # both describe the tables first
