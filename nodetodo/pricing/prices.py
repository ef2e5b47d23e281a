"""What DynamoDB costs: the dated lists of prices.json, by region, in US dollars."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import NamedTuple

from .. import resources
from ..errors import WrongUsage

REGION = "us-east-1"
"""Whose prices are shown where nobody names a region."""


class ClassPrices(NamedTuple):
    """The prices of one table class. What is free is so per account and region, not per table."""

    on_demand_write_million: Decimal  # for a million write request units
    on_demand_read_million: Decimal
    provisioned_write_hour: Decimal  # for a write capacity unit and hour
    provisioned_read_hour: Decimal
    storage_gb_month: Decimal
    free_storage_gb: Decimal
    free_provisioned_units: Decimal  # of write and as many of read capacity


class Prices(NamedTuple):
    """The prices of one region on one day, yyyy-mm-dd; infrequent_access is None where its prices are not known."""

    region: str
    date: str
    source: str
    standard: ClassPrices
    infrequent_access: ClassPrices | None


def prices(region: str = REGION) -> Prices:
    """The newest prices of a region, or with `us-east-1@2024-10-31` those of an earlier list.

    Raises WrongUsage, which lists what there is.
    """
    newest = json.loads(resources.read("pricing/prices.json"), parse_float=Decimal, parse_int=Decimal)
    lists = {"": newest} | {f"@{earlier['date']}": earlier for earlier in newest["earlier"]}
    known = {name + day: (name, dated) for day, dated in lists.items() for name in dated["regions"]}
    if region not in known:
        raise WrongUsage(f"no prices are known of the region {region!r}; there are {', '.join(known)}")
    name, dated = known[region]
    classes = {kind: ClassPrices(**found) for kind, found in dated["regions"][name].items()}
    return Prices(name, dated["date"], dated["source"], classes["standard"], classes.get("infrequent_access"))
