"""The CloudFormation templates in tables/ create what the program, the JSON definitions and the policies say.

moto's CloudFormation lacks auto scaling and alarms. These resources are resolved as the others and sent to moto's
implementation of their services.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import botocore.session
import pytest
from botocore.validate import ParamValidator
from cfnlint import lint_all
from cfnlint.decode import decode_str

from nodetodo.engines import aws, targets
from nodetodo.errors import WrongUsage
from nodetodo.repositories.stream_settings import VIEW_TYPE

from . import iam
from .iam import Permission
from .program import Program
from .test_tables_folder import NAMES, TABLES, described, new_prefix
from .transcripts import FOLDER, replay_session

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS.* not supported by moto")

TEMPLATE = (TABLES / "cloudformation.yaml").read_text(encoding="utf-8")
NETWORK = (TABLES / "network.yaml").read_text(encoding="utf-8")
REGION = "eu-central-1"  # other tests may have tables todo-… in the default region
ACCOUNT = "123456789012"

EVERYTHING = {
    "MaxReadUnits": "40",
    "MaxWriteUnits": "20",
    "DueIndex": "true",
    "ContributorInsights": "true",
    "AlarmTopic": "new",
    "AccessPolicy": "full",
}
"""The parameters of a stack with every kind of resource."""


class Resource(NamedTuple):
    """A resource of a stack. properties: without functions and parameters."""

    type: str
    properties: dict[str, Any]


class Stack(NamedTuple):
    """A deployed stack."""

    outputs: dict[str, str]
    resources: dict[str, Resource]

    def of_type(self, name: str) -> list[dict[str, Any]]:
        """Return the properties of the resources of a type, such as DynamoDB::Table."""
        return [properties for kind, properties in self.resources.values() if kind == f"AWS::{name}"]


def template(text: str) -> Any:
    """Return a parsed template."""
    parsed, problems = decode_str(text)
    assert not problems
    return parsed


def lint(text: str) -> list[str]:
    """Return the errors and warnings of cfn-lint. Its informational messages change with its version."""
    return [str(match) for match in lint_all(text) if match.rule.id[0] in "EW"]


@contextlib.contextmanager
def moto_client(service: str, endpoint: str) -> Iterator[Any]:
    """Open a client of a service on moto."""
    session = botocore.session.get_session()
    client = session.create_client(service, endpoint_url=endpoint, region_name=REGION, **aws.PLACEHOLDER_CREDENTIALS)
    try:
        yield client
    finally:
        client.close()


@pytest.fixture
def client(moto: str) -> Iterator[Any]:
    """Return a client of DynamoDB on moto, in the region of the stacks."""
    with moto_client("dynamodb", moto) as client:
        yield client


@contextlib.contextmanager
def deployed(endpoint: str, text: str, parameters: Mapping[str, str | None]) -> Iterator[Stack]:
    """Deploy a template on moto for the duration of a test. parameters: None for the default value."""
    from moto.cloudformation import parsing
    from moto.cloudformation.models import cloudformation_backends

    resolve = parsing.clean_json

    def without_no_value(value: Any, resources: Any) -> Any:
        # moto replaces AWS::NoValue in a list by None. CloudFormation removes it.
        resolved = resolve(value, resources)
        return [each for each in resolved if each is not None] if isinstance(resolved, list) else resolved

    given = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items() if value is not None]
    with pytest.MonkeyPatch.context() as patch, moto_client("cloudformation", endpoint) as stacks:
        patch.setattr(parsing, "clean_json", without_no_value)
        stacks.create_stack(StackName="nodetodo", TemplateBody=text, Parameters=given, Capabilities=["CAPABILITY_IAM"])
        try:
            (stack,) = stacks.describe_stacks(StackName="nodetodo")["Stacks"]
            outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}
            created = cloudformation_backends[ACCOUNT][REGION].get_stack("nodetodo").resource_map
            resources = {
                name: Resource(resource["Type"], without_no_value(resource.get("Properties", {}), created))
                for name, resource in created._resource_json_map.items()
                if "Condition" not in resource or created.lazy_condition_map[resource["Condition"]]
            }
            yield Stack(outputs, resources)
        finally:
            stacks.delete_stack(StackName="nodetodo")  # moto deletes the tables too, AWS keeps them


# The template of the tables


@pytest.mark.parametrize("text", [TEMPLATE, NETWORK], ids=["cloudformation.yaml", "network.yaml"])
def test_cfn_lint_finds_no_problem_in_a_template(text: str) -> None:
    assert lint(text) == []


def test_a_template_is_small_enough_for_the_aws_cli_without_a_bucket() -> None:
    assert max(len(TEMPLATE), len(NETWORK)) <= 51_200  # "Understand CloudFormation quotas"


@pytest.mark.parametrize(
    ("default_prefix", "parameters", "options"),
    [
        (True, {}, []),
        (True, {"BillingMode": "PAY_PER_REQUEST"}, ["--on-demand"]),
        (False, {"BillingMode": "PROVISIONED", "ReadUnits": "7", "WriteUnits": "3"}, ["--read=7", "--write=3"]),
        (False, {"BillingMode": "PAY_PER_REQUEST", "PointInTimeRecovery": "true"}, ["--on-demand"]),
        (False, EVERYTHING, []),
    ],
)
def test_the_template_creates_the_same_tables_as_the_commands_for_every_value_of_its_parameters(
    moto: str, client: Any, default_prefix: bool, parameters: dict[str, str], options: list[str]
) -> None:
    prefix = None if default_prefix else new_prefix()
    with deployed(moto, TEMPLATE, {"TablePrefix": prefix, **parameters}) as stack:
        from_table_add = new_prefix()
        program = Program(client, prefix=from_table_add)
        program.good("table-add", *options)
        if parameters.get("DueIndex"):
            program.good("index-add", "due-index")
        assert described(client, prefix or "todo-") == described(client, from_table_add)
        assert stack.outputs["TablePrefix"] == (prefix or "todo-")
        for table in NAMES:
            made = client.describe_table(TableName=stack.outputs[f"{table.title()}TableName"])["Table"]
            assert made["TableName"] == stack.outputs["TablePrefix"] + table
            assert made["TableArn"] == stack.outputs[f"{table.title()}TableArn"]


def test_with_default_values_a_stack_contains_only_the_tables(moto: str) -> None:
    with deployed(moto, TEMPLATE, {}) as stack:
        assert {resource.type for resource in stack.resources.values()} == {"AWS::DynamoDB::Table"}


def test_the_commands_work_on_the_tables_of_a_stack(moto: str, client: Any) -> None:
    session = (FOLDER / "session.txt").read_text()
    with deployed(moto, TEMPLATE, EVERYTHING):
        program = Program(client)
        program.good("table-add")  # finds nothing to change
        assert "MISSING" not in program.good("table-ls").out
        assert replay_session(session, program) == session


def settings(stack: Stack, name: str) -> list[Any]:
    """Return a property of both tables, and of every index that has it."""
    tables = stack.of_type("DynamoDB::Table")
    indexes = [index for table in tables for index in table.get("GlobalSecondaryIndexes", ())]
    return [each[name] for each in (*tables, *indexes) if name in each]


def test_the_parameters_of_protection_and_recovery_apply_to_both_tables(moto: str, client: Any) -> None:
    # moto's CloudFormation ignores the recovery, so the test compares the properties that it received.
    with deployed(moto, TEMPLATE, {}) as stack:
        assert settings(stack, "DeletionProtectionEnabled") == [False] * 2
        assert settings(stack, "PointInTimeRecoverySpecification") == [{"PointInTimeRecoveryEnabled": False}] * 2
    with deployed(moto, TEMPLATE, {"PointInTimeRecovery": "true", "DeletionProtection": "true"}) as stack:
        for name in NAMES:
            assert client.describe_table(TableName=f"todo-{name}")["Table"]["DeletionProtectionEnabled"]
            client.update_table(TableName=f"todo-{name}", DeletionProtectionEnabled=False)  # to delete the stack
        assert settings(stack, "DeletionProtectionEnabled") == [True] * 2
        recovery = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 35}
        assert settings(stack, "PointInTimeRecoverySpecification") == [recovery] * 2
    with deployed(moto, TEMPLATE, {"PointInTimeRecovery": "true", "RecoveryDays": "7"}) as stack:
        assert [each["RecoveryPeriodInDays"] for each in settings(stack, "PointInTimeRecoverySpecification")] == [7, 7]


@pytest.mark.parametrize(
    ("read", "write", "maximum"),
    [
        ("0", "0", None),
        ("100", "0", {"MaxReadRequestUnits": 100}),
        ("0", "50", {"MaxWriteRequestUnits": 50}),
        ("100", "50", {"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": 50}),
    ],
)
def test_on_demand_the_maximum_units_apply_to_every_table_and_index(
    moto: str, read: str, write: str, maximum: dict[str, int] | None
) -> None:
    parameters = {"MaxReadUnits": read, "MaxWriteUnits": write, "DueIndex": "true"}
    with deployed(moto, TEMPLATE, {"BillingMode": "PAY_PER_REQUEST", **parameters}) as stack:
        assert settings(stack, "OnDemandThroughput") == ([] if maximum is None else [maximum] * 4)
        assert {resource.type for resource in stack.resources.values()} == {"AWS::DynamoDB::Table"}
    with deployed(moto, TEMPLATE, {"BillingMode": "PROVISIONED", **parameters}) as stack:
        assert settings(stack, "OnDemandThroughput") == []


def test_contributor_insights_count_throttled_keys_of_every_table_and_index(moto: str) -> None:
    with deployed(moto, TEMPLATE, {"ContributorInsights": "true", "DueIndex": "true"}) as stack:
        specification = {"Enabled": True, "Mode": "THROTTLED_KEYS"}
        assert settings(stack, "ContributorInsightsSpecification") == [specification] * 4


def test_only_the_table_of_tasks_has_a_stream_and_with_the_images_that_watch_needs(moto: str) -> None:
    with deployed(moto, TEMPLATE, {"Stream": "true"}) as stack:
        tables = stack.of_type("DynamoDB::Table")
        found = {table["TableName"]: table.get("StreamSpecification") for table in tables}
        assert found == {"todo-user": None, "todo-task": {"StreamViewType": VIEW_TYPE}}
    with deployed(moto, TEMPLATE, {}) as stack:
        assert settings(stack, "StreamSpecification") == []


@pytest.mark.parametrize("billing", ["PROVISIONED", "PAY_PER_REQUEST"])
def test_the_properties_of_a_table_are_valid_parameters_of_create_table(moto: str, billing: str) -> None:
    service = botocore.session.get_session().get_service_model("dynamodb")
    shape = service.operation_model("CreateTable").input_shape
    elsewhere = {"PointInTimeRecoverySpecification", "ContributorInsightsSpecification"}  # set by other operations
    with deployed(moto, TEMPLATE, EVERYTHING | {"BillingMode": billing}) as stack:
        for table in stack.of_type("DynamoDB::Table"):
            request: dict[str, Any] = {name: value for name, value in table.items() if name not in elsewhere}
            for index in request.get("GlobalSecondaryIndexes", ()):
                index.pop("ContributorInsightsSpecification")
            report = ParamValidator().validate(request, shape)
            assert not report.has_errors(), report.generate_report()


def test_auto_scaling_covers_reads_and_writes_of_every_table_and_index(moto: str) -> None:
    places = ["table/todo-user", "table/todo-task"]
    places += [f"table/todo-task/index/{name}-index" for name in ("category", "due")]
    with (
        deployed(moto, TEMPLATE, EVERYTHING | {"TargetUtilization": "60"}) as stack,
        moto_client("application-autoscaling", moto) as scaling,
    ):
        for target in stack.of_type("ApplicationAutoScaling::ScalableTarget"):
            scaling.register_scalable_target(**target)
        registered = scaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
        found = {
            (target["ResourceId"], target["ScalableDimension"]): (target["MinCapacity"], target["MaxCapacity"])
            for target in registered
        }
        assert found == {
            (place, f"dynamodb:{'index' if '/index/' in place else 'table'}:{kind}CapacityUnits"): (5, maximum)
            for place in places
            for kind, maximum in (("Read", 40), ("Write", 20))
        }
        for name, resource in stack.resources.items():
            if resource.type == "AWS::ApplicationAutoScaling::ScalingPolicy":
                source = template(TEMPLATE)["Resources"][name]["Properties"]["ScalingTargetId"]["Ref"]
                target = stack.resources[source].properties
                place = {key: target[key] for key in ("ServiceNamespace", "ResourceId", "ScalableDimension")}
                scaling.put_scaling_policy(**place, **resource.properties)
                kind = "Read" if "Read" in place["ScalableDimension"] else "Write"
                assert resource.properties["TargetTrackingScalingPolicyConfiguration"] == {
                    "PredefinedMetricSpecification": {"PredefinedMetricType": f"DynamoDB{kind}CapacityUtilization"},
                    "TargetValue": 60,
                }
        policies = scaling.describe_scaling_policies(ServiceNamespace="dynamodb")["ScalingPolicies"]
        assert {(policy["ResourceId"], policy["ScalableDimension"]) for policy in policies} == set(found)
        for target in registered:
            keys = ("ServiceNamespace", "ResourceId", "ScalableDimension")
            scaling.deregister_scalable_target(**{key: target[key] for key in keys})


def metrics(alarm: dict[str, Any]) -> set[tuple[str, ...]]:
    """Return (metric, table) or (metric, table, index) of each metric that an alarm reads."""
    found: set[tuple[str, ...]] = set()
    for part in alarm["Metrics"]:
        query = re.fullmatch(
            r"SELECT SUM\((\w+)\) FROM SCHEMA\(\"AWS/DynamoDB\", Operation, TableName\) WHERE TableName = '([^']+)'",
            part.get("Expression", ""),
        )
        if query:
            found.add((query[1], query[2]))
        elif "MetricStat" in part:
            metric = part["MetricStat"]["Metric"]
            assert metric["Namespace"] == "AWS/DynamoDB"
            found.add((metric["MetricName"], *(dimension["Value"] for dimension in metric["Dimensions"])))
    return found


@pytest.mark.parametrize("billing", ["PROVISIONED", "PAY_PER_REQUEST"])
def test_alarms_watch_throttling_server_errors_and_provisioned_capacity(moto: str, billing: str) -> None:
    tables: list[tuple[str, ...]] = [("todo-user",), ("todo-task",)]
    expected: list[set[tuple[str, ...]]] = [
        {(name, *table)} for name in ("ThrottledRequests", "SystemErrors") for table in tables
    ]
    if billing == "PROVISIONED":
        places = [*tables, ("todo-task", "category-index"), ("todo-task", "due-index")]
        expected += [
            {(f"{source}{kind}CapacityUnits", *place) for source in ("Consumed", "Provisioned")}
            for place in places
            for kind in ("Read", "Write")
        ]
    with (
        deployed(moto, TEMPLATE, EVERYTHING | {"BillingMode": billing}) as stack,
        moto_client("cloudwatch", moto) as cloudwatch,
    ):
        alarms = {name: each for name, (kind, each) in stack.resources.items() if kind == "AWS::CloudWatch::Alarm"}
        for name, properties in alarms.items():
            cloudwatch.put_metric_alarm(AlarmName=name, **properties)
        stored = cloudwatch.describe_alarms(AlarmNames=list(alarms))["MetricAlarms"]
        found = [metrics(alarm) for alarm in stored]
        assert sorted(map(sorted, found)) == sorted(map(sorted, expected))
        for alarm in stored:
            assert alarm["AlarmActions"] == alarm["OKActions"] == [stack.outputs["AlarmTopicArn"]]
            assert [part.get("ReturnData", True) for part in alarm["Metrics"]].count(True) == 1
        cloudwatch.delete_alarms(AlarmNames=list(alarms))


def test_alarms_go_to_a_new_topic_or_to_an_existing_one(moto: str) -> None:
    with moto_client("sns", moto) as sns:
        with deployed(moto, TEMPLATE, {"AlarmTopic": "new"}) as stack:
            topics = [topic["TopicArn"] for topic in sns.list_topics()["Topics"]]
            assert topics == [stack.outputs["AlarmTopicArn"]]
        existing = sns.create_topic(Name="existing")["TopicArn"]
        with deployed(moto, TEMPLATE, {"AlarmTopic": existing}) as stack:
            assert stack.outputs["AlarmTopicArn"] == existing
            assert stack.of_type("SNS::Topic") == []
            assert {tuple(alarm["AlarmActions"]) for alarm in stack.of_type("CloudWatch::Alarm")} == {(existing,)}
        sns.delete_topic(TopicArn=existing)


@pytest.mark.parametrize("level", iam.POLICIES)
def test_the_managed_policy_of_a_stack_is_the_json_file_for_the_tables_of_the_stack(moto: str, level: str) -> None:
    with (
        deployed(moto, TEMPLATE, {"TablePrefix": "team-", "AccessPolicy": level}) as stack,
        moto_client("iam", moto) as client,
    ):
        arn = stack.outputs["PolicyArn"]
        version = client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        document = client.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    text = json.dumps(iam.policy(level))
    text = text.replace("arn:aws:dynamodb:*:*:", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:").replace("/todo-", "/team-")
    assert [statement["Sid"] for statement in document["Statement"]] == [
        statement["Sid"] for statement in iam.policy(level)["Statement"]
    ]
    assert iam.patterns(document) == iam.patterns(json.loads(text))


def test_deleting_the_stack_keeps_the_tables_unless_its_creation_failed() -> None:
    tables = [each for each in template(TEMPLATE)["Resources"].values() if each["Type"] == "AWS::DynamoDB::Table"]
    assert len(tables) == len(NAMES)
    for table in tables:
        assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


@pytest.mark.parametrize("text", [TEMPLATE, NETWORK], ids=["cloudformation.yaml", "network.yaml"])
@pytest.mark.parametrize("prefix", ["todo-", "a", "A.b_c-9", "x" * 251, "x" * 252, "", "to do", "ü-", "a/b", "todo-\n"])
def test_a_template_accepts_the_prefixes_that_nodetodo_accepts(text: str, prefix: str) -> None:
    pattern = template(text)["Parameters"]["TablePrefix"]["AllowedPattern"]
    try:
        is_accepted = targets.table_prefix({"NODETODO_TABLE_PREFIX": prefix}) == prefix
    except WrongUsage:
        is_accepted = False
    assert bool(re.fullmatch(pattern, prefix)) == is_accepted


# The template of the network


def test_the_network_template_routes_requests_for_these_tables_only(moto: str) -> None:
    with moto_client("ec2", moto) as ec2:
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        tables = [ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(2)]
        parameters = {"VpcId": vpc, "RouteTableIds": ",".join(tables), "TablePrefix": "todo-"}
        with deployed(moto, NETWORK, parameters) as stack:
            identifier = stack.outputs["EndpointId"]
            (endpoint,) = ec2.describe_vpc_endpoints(VpcEndpointIds=[identifier])["VpcEndpoints"]
            (properties,) = stack.of_type("EC2::VPCEndpoint")
        assert (endpoint["VpcEndpointType"], endpoint["ServiceName"]) == ("Gateway", f"com.amazonaws.{REGION}.dynamodb")
        assert (endpoint["VpcId"], endpoint["RouteTableIds"]) == (vpc, tables)
        document = properties["PolicyDocument"]
        needed = {
            Permission(action, resource.replace("arn:aws:dynamodb:*:*:", iam.ARN))
            for action, resource in iam.patterns(iam.policy("full"))
        }
        assert {permission for permission in needed if not iam.allows(document, permission)} == set()
        others = ["todo-users", "user", "other-task", "todo-task-copy", "my-todo-task"]
        for name in others:
            assert not iam.allows(document, Permission("dynamodb:GetItem", f"{iam.ARN}table/{name}"))
        for table in tables:
            ec2.delete_route_table(RouteTableId=table)
        ec2.delete_vpc(VpcId=vpc)
