"""The warm throughput of tables and indexes: the units per second that they support at once.

Its value is at least the provisioned units, or on demand the units of a new table. It increases with the provisioned
units and by requests, and it never decreases ("Understanding DynamoDB warm throughput", developer guide). The engine
stores and describes it; its speed does not depend on it.
"""

from __future__ import annotations

from typing import Any

from ..errors import validation_error
from ..limits import ON_DEMAND_READ_UNITS, ON_DEMAND_WRITE_UNITS
from .parameters import LONG, Structure, integer_from

_UNITS = integer_from(-LONG, LONG)
WARM_THROUGHPUT = Structure({}, {"ReadUnitsPerSecond": _UNITS, "WriteUnitsPerSecond": _UNITS})

# The smallest values, by member: on demand, and as the name of the member of ProvisionedThroughput.
_ON_DEMAND = {"ReadUnitsPerSecond": ON_DEMAND_READ_UNITS, "WriteUnitsPerSecond": ON_DEMAND_WRITE_UNITS}
_PROVISIONED = {"ReadUnitsPerSecond": "ReadCapacityUnits", "WriteUnitsPerSecond": "WriteCapacityUnits"}

_WRONG = "One or more parameter values were invalid: "
_RULE = (
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html"
    "#on-demand-capacity-mode-initial"
)


def warm_throughput(owner: dict[str, Any], billing: str) -> dict[str, int]:
    """Return the warm throughput of a table or an index. owner: its definition."""
    stored, least = owner.get("WarmThroughput", {}), _least(owner, billing)
    return {member: max(stored.get(member, 0), units) for member, units in least.items()}


def _least(owner: dict[str, Any], billing: str) -> dict[str, int]:
    if billing == "PAY_PER_REQUEST":
        return _ON_DEMAND
    units = owner.get("ProvisionedThroughput") or {}
    return {member: units.get(name, 0) for member, name in _PROVISIONED.items()}


def with_initial_throughput(owner: dict[str, Any], billing: str) -> dict[str, Any]:
    """Return the definition of a new table or index with its warm throughput.

    Raises ApiError (ValidationException) if it is lower than that of a table or an index without this parameter.
    """
    least = _least(owner, billing)
    for member, units in owner.get("WarmThroughput", {}).items():
        if units < least[member]:
            rule = (
                f"initial throughput for OnDemand. See: {_RULE}"
                if billing == "PAY_PER_REQUEST"
                else f"{_PROVISIONED[member]} of ProvisionedThroughput"
            )
            raise validation_error(
                f"{_WRONG}Requested {member} for WarmThroughput for {_name(owner)} is lower than {rule}"
            )
    return {**owner, "WarmThroughput": warm_throughput(owner, billing)}


def with_increased_throughput(owner: dict[str, Any], requested: dict[str, Any], billing: str) -> dict[str, Any]:
    """Return the definition of an existing table or index with the warm throughput of a request.

    A member that is not in the request does not change. Raises ApiError (ValidationException) for a decrease.
    """
    current = warm_throughput(owner, billing)
    for member, units in requested.items():
        if units < current[member]:
            raise validation_error(
                f"{_WRONG}Requested {member} for WarmThroughput for {_name(owner)} is lower than current "
                "WarmThroughput, decreasing WarmThroughput is not supported"
            )
    return {**owner, "WarmThroughput": {**current, **requested}}


def check_index_update(update: dict[str, Any]) -> None:
    """Raise ApiError (ValidationException) for a WarmThroughput without a member in an update of an index."""
    if update.get("WarmThroughput") == {}:
        raise validation_error(
            f"{_WRONG}WarmThroughput must have at least one of ReadUnitsPerSecond or WriteUnitsPerSecond specified "
            f"for index: {update['IndexName']}"
        )


def _name(owner: dict[str, Any]) -> str:
    """Return the name of a table or an index in error messages."""
    return f"index {owner['IndexName']}" if "IndexName" in owner else "table"
