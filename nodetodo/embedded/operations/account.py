"""DescribeLimits and DescribeEndpoints: what DynamoDB reports about an account and its region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..limits import ACCOUNT_UNITS, TABLE_UNITS
from .parameters import Structure

if TYPE_CHECKING:
    from ..storage.statements import Storage

DESCRIBE_LIMITS = Structure({}, {})
DESCRIBE_ENDPOINTS = Structure({}, {})

CACHE_MINUTES = 1440  # for which a client may use the address, as on AWS


def describe_limits(_storage: Storage, _request: dict[str, Any]) -> dict[str, Any]:
    """Return AWS's default quotas of provisioned throughput. The engine does not enforce them."""
    return {
        "AccountMaxReadCapacityUnits": ACCOUNT_UNITS,
        "AccountMaxWriteCapacityUnits": ACCOUNT_UNITS,
        "TableMaxReadCapacityUnits": TABLE_UNITS,
        "TableMaxWriteCapacityUnits": TABLE_UNITS,
    }


def describe_endpoints(_storage: Storage, _request: dict[str, Any], address: str) -> dict[str, Any]:
    """Return the address of the server, in place of AWS's address for the region."""
    return {"Endpoints": [{"Address": address, "CachePeriodInMinutes": CACHE_MINUTES}]}
