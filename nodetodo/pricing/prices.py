"""DynamoDB's prices by region, in US dollars, from the dated lists in prices.json."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import NamedTuple

from .. import resources
from ..errors import WrongUsage

REGION = "us-east-1"
"""The default region."""

STANDARD, INFREQUENT_ACCESS = "standard", "infrequent-access"


class ClassPrices(NamedTuple):
    """The prices of one table class. The free amounts apply to an account and region, not to each table."""

    on_demand_write_million: Decimal  # per million write request units
    on_demand_read_million: Decimal
    provisioned_write_hour: Decimal  # per write capacity unit and hour
    provisioned_read_hour: Decimal
    storage_gb_month: Decimal
    free_storage_gb: Decimal
    free_provisioned_units: Decimal  # this number of write units and the same number of read units


class Prices(NamedTuple):
    """The prices of one region on one day, yyyy-mm-dd. infrequent_access: None if these prices are unknown."""

    region: str
    date: str
    source: str
    standard: ClassPrices
    infrequent_access: ClassPrices | None

    @property
    def by_class(self) -> dict[str, ClassPrices]:
        """Return the prices of each table class."""
        classes = {STANDARD: self.standard, INFREQUENT_ACCESS: self.infrequent_access}
        return {name: found for name, found in classes.items() if found is not None}


def prices(region: str = REGION) -> Prices:
    """Return the newest prices of a region, or those of an earlier list: `us-east-1@2024-10-31`.

    Raises WrongUsage if the region or the list is unknown.
    """
    newest = json.loads(resources.read("pricing/prices.json"), parse_float=Decimal, parse_int=Decimal)
    lists = {"": newest} | {f"@{earlier['date']}": earlier for earlier in newest["earlier"]}
    known = {name + day: (name, dated) for day, dated in lists.items() for name in dated["regions"]}
    if region not in known:
        raise WrongUsage(f"no prices are known for the region {region!r}; known are {', '.join(known)}")
    name, dated = known[region]
    classes = {kind: ClassPrices(**found) for kind, found in dated["regions"][name].items()}
    return Prices(name, dated["date"], dated["source"], classes["standard"], classes.get("infrequent_access"))


def known_or_default(region: str | None) -> Prices:
    """Return the prices of a region; those of the default region if no prices of this one are known."""
    try:
        return prices(region or REGION)
    except WrongUsage:
        return prices(REGION)
