"""The price lists and how --region selects one."""

import re
from decimal import Decimal

import pytest

from nodetodo.errors import WrongUsage
from nodetodo.pricing.prices import ClassPrices, prices


def figures(found: ClassPrices | None) -> list[str]:
    assert found is not None
    return [str(value) for value in found[:5]]


def test_the_newest_list_has_the_prices_of_both_table_classes() -> None:
    found = prices("us-east-1")
    assert found == prices()
    assert figures(found.standard) == ["0.625", "0.125", "0.00065", "0.00013", "0.25"]
    assert figures(found.infrequent_access) == ["0.78", "0.155", "0.00081", "0.00016", "0.10"]
    assert found.standard.free_storage_gb == found.standard.free_provisioned_units == Decimal(25)


def test_a_date_selects_an_earlier_list_with_the_prices_of_the_book() -> None:
    found = prices("us-east-1@2024-10-31")
    assert (found.region, found.date) == ("us-east-1", "2024-10-31")
    assert figures(found.standard) == ["1.25", "0.25", "0.00065", "0.00013", "0.25"]
    assert found.infrequent_access is None


def test_every_list_has_a_date_and_a_source() -> None:
    for region in ("us-east-1", "us-east-1@2024-10-31"):
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", prices(region).date)
        assert len(prices(region).source) > 20


def test_prices_are_positive_decimals() -> None:
    for found in (prices().standard, prices().infrequent_access, prices("us-east-1@2024-10-31").standard):
        assert found is not None
        assert all(isinstance(value, Decimal) and value > 0 for value in found[:5])


@pytest.mark.parametrize("region", ["eu-nowhere-1", "", "us-east-1@2020-01-01", "us-east-1@"])
def test_an_unknown_region_is_rejected_with_the_known_ones(region: str) -> None:
    with pytest.raises(WrongUsage, match=r"; known are us-east-1, us-east-1@2024-10-31$"):
        prices(region)
