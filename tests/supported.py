"""Generates parts of the documents: what the embedded engine has and lacks, and the output of the server."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

import botocore.session

from nodetodo.embedded.operations.parameters import UNSUPPORTED
from nodetodo.server.endpoint import OPERATIONS

from .server import example

_session = botocore.session.get_session()
MODELS = [_session.get_service_model(service) for service in ("dynamodb", "dynamodbstreams")]

FEATURES = {
    "PartiQL": ("ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"),
    "streams": ("ListStreams", "DescribeStream", "GetShardIterator", "GetRecords"),
    "time to live": ("DescribeTimeToLive", "UpdateTimeToLive"),
    "tags": ("ListTagsOfResource", "TagResource", "UntagResource"),
    "descriptions of limits and endpoints": ("DescribeEndpoints", "DescribeLimits"),
    "settings of point-in-time recovery": ("DescribeContinuousBackups", "UpdateContinuousBackups"),
    "point-in-time recovery": ("RestoreTableToPointInTime",),
    "backups": ("CreateBackup", "DeleteBackup", "DescribeBackup", "ListBackups", "RestoreTableFromBackup"),
    "export to and import from S3": (
        *("DescribeExport", "DescribeImport", "ExportTableToPointInTime", "ImportTable", "ListExports", "ListImports"),
        *("CancelBulkOperation", "DescribeBulkOperation", "ListBulkOperations", "StartBulkPutItems"),
    ),
    "global tables": (
        *("CreateGlobalTable", "DescribeGlobalTable", "DescribeGlobalTableSettings", "ListGlobalTables"),
        *("UpdateGlobalTable", "UpdateGlobalTableSettings"),
        *("DescribeTableReplicaAutoScaling", "UpdateTableReplicaAutoScaling"),
    ),
    "resource policies": ("DeleteResourcePolicy", "GetResourcePolicy", "PutResourcePolicy"),
    "Contributor Insights": (*("DescribeContributorInsights", "ListContributorInsights", "UpdateContributorInsights"),),
    "Kinesis streams": (
        *("DescribeKinesisStreamingDestination", "DisableKinesisStreamingDestination"),
        *("EnableKinesisStreamingDestination", "UpdateKinesisStreamingDestination"),
    ),
    "vector search": ("SearchVectors",),
}
"""The operations of DynamoDB's API that the engine may lack, by feature."""


def missing_operations() -> list[str]:
    """Return the operations of DynamoDB's API that the engine lacks."""
    return sorted(name for model in MODELS for name in model.operation_names if name not in OPERATIONS)


def missing_features() -> list[str]:
    """Return the features of which the engine lacks an operation."""
    missing = set(missing_operations())
    return [feature for feature, operations in FEATURES.items() if missing & set(operations)]


def _members(shape: Any, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield the names of all members of a shape of the API model, at any depth."""
    if shape.name in seen:
        return
    seen |= {shape.name}
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield name
            yield from _members(member, seen)
    elif shape.type_name in ("list", "map"):
        yield from _members(shape.member if shape.type_name == "list" else shape.value, seen)


def table_of_operations() -> str:
    """Return a Markdown table of the operations of the engine, each with the parameters that it lacks."""
    lines = ["| operation | parameters that are not supported |", "|---|---|"]
    for model in MODELS:
        for name in model.operation_names:
            if name in OPERATIONS:
                members = set(_members(model.operation_model(name).input_shape))
                lacking = ", ".join(f"`{member}`" for member in sorted(members & UNSUPPORTED))
                lines.append(f"| {name} | {lacking or 'none'} |")
    missing = f"Not supported: {', '.join(missing_operations())}."
    return "\n".join([*lines, "", *textwrap.wrap(missing, 120)])


def list_of_features() -> str:
    """Return a sentence with the features that the engine lacks."""
    features = missing_features()
    return "\n".join(textwrap.wrap(f"It lacks {', '.join(features[:-1])} and {features[-1]}.", 120))


PARTS = {
    "supported operations": table_of_operations,
    "missing features": list_of_features,
    "commands": example.session,
    "request log": example.request_log,
    "summary": example.printed_summary,
}


def with_generated_parts(page: str) -> str:
    """Return a Markdown page with the present content of its generated parts."""
    for name, content in PARTS.items():
        start, end = f"<!-- {name}: python -m tests.transcripts writes this part -->\n", f"\n<!-- end of the {name} -->"
        before, found, rest = page.partition(start)
        if found:
            page = before + start + content() + end + rest.partition(end.strip())[2]
    return page
