"""Connects to DynamoDB over the network: AWS, DynamoDB Local, and other endpoints with its API.

aws_requests.py limits, repeats and checks the requests.

The client is boto3's low-level client. botocore builds it, and only botocore is imported: boto3 itself would load its
resource layer in every command, which this program does not use.

botocore reads credentials and profiles from the variables of the process and from AWS's files. It cannot use the
variables of Environment, so that this module takes only the region from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import botocore.session
from botocore import exceptions
from botocore.config import Config

from ..errors import DatabaseUnavailable, NodetodoError, NoResponse, WrongUsage
from . import aws_requests, messages
from .interface import STREAM_METHODS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..environment import Environment
    from .interface import Client, Request, Target

CONNECT_SECONDS = 2
READ_SECONDS = 3
"""Time-outs of one attempt to connect to one address, and to read at least one byte. botocore's defaults are 60 seconds
each."""

ATTEMPTS = 3
"""Attempts at a request, at most, unless it is throttled."""

PLACEHOLDER_CREDENTIALS = {"aws_access_key_id": "nodetodo", "aws_secret_access_key": "nodetodo"}
"""For endpoints that check no credentials. DynamoDB Local accepts only letters and digits in the key id."""

PLACEHOLDER_REGION = "us-east-1"


def connect(target: Target, environment: Environment) -> Client:
    """Return a client for the target. Sends nothing yet, but may search for credentials.

    Raises WrongUsage if the URL or the region is malformed, DatabaseUnavailable if the profile or its
    credential_process fails, and botocore's exceptions, which failure() translates.
    """
    session = botocore.session.get_session()
    aws_requests.prepare(session)
    # Also for the requests that botocore sends for credentials, such as AssumeRole.
    retries = {"mode": "standard", "total_max_attempts": ATTEMPTS}
    session.set_default_client_config(
        Config(connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries=retries)
    )
    try:
        origin, region = _region(session, environment.variables)
        if target.endpoint is not None:
            region = region or PLACEHOLDER_REGION
            resolver = session.get_component("credential_provider")
            for network_provider in ("container-role", "iam-role"):  # outside AWS they take seconds to fail
                resolver.remove(network_provider)
        found = _find_credentials(session)
    except exceptions.ProfileNotFound as error:
        raise DatabaseUnavailable(_profile_not_found(error.kwargs["profile"], environment.variables)) from error
    if found is not None:
        _require_valid(found)
    placeholders = PLACEHOLDER_CREDENTIALS if target.endpoint is not None and found is None else {}
    # The target alone selects the database. AWS_ENDPOINT_URL or a profile must not redirect `--db=aws`.
    config = Config(ignore_configured_endpoint_urls=True)
    settings = {"region_name": region, "config": config, **placeholders}
    try:
        client = session.create_client("dynamodb", endpoint_url=target.endpoint, **settings)
    except exceptions.InvalidRegionError as error:
        raise WrongUsage(f"{origin} is {region!r}, which is not an AWS region; a valid one is eu-central-1") from error
    except ValueError as error:
        if target.endpoint is None:  # for example AWS_MAX_ATTEMPTS, or a setting of the profile
            raise DatabaseUnavailable(f"an AWS setting is invalid: {error}") from error
        # a URL that passed targets.choose
        raise WrongUsage(f"{target.name!r} is not the URL of a server; a valid one is http://localhost:8000") from error
    aws_requests.register(client, target)

    def connect_streams() -> Any:
        endpoint = None if target.endpoint is None else streams_endpoint(target.endpoint)
        streams = session.create_client("dynamodbstreams", endpoint_url=endpoint, **settings)
        aws_requests.register(streams, target)
        return streams

    return cast("Client", _ClientWithStreams(client, connect_streams))


def streams_endpoint(endpoint: str) -> str:
    """Return the endpoint for streams that belongs to an endpoint for tables.

    In AWS it has another host name. DynamoDB Local and other servers have one endpoint for both.
    """
    scheme, _, rest = endpoint.partition("://")
    host = rest.partition("/")[0]
    is_aws = host.startswith("dynamodb.") and ".amazonaws.com" in host
    return f"{scheme}://streams.{rest}" if is_aws else endpoint


class _ClientWithStreams:
    """botocore's client for tables, with the methods of its client for streams, which is created on first use."""

    def __init__(self, client: Any, connect_streams: Callable[[], Any]) -> None:
        self._client, self._connect_streams = client, connect_streams
        self._streams: Any = None

    def __getattr__(self, name: str) -> Any:
        if name not in STREAM_METHODS:
            return getattr(self._client, name)
        if self._streams is None:
            self._streams = self._connect_streams()
        return getattr(self._streams, name)

    def close(self) -> None:
        """Close both clients."""
        self._client.close()
        if self._streams is not None:
            self._streams.close()


VARIABLES = {
    "access key id": "AWS_ACCESS_KEY_ID",
    "secret access key": "AWS_SECRET_ACCESS_KEY",
    "session token": "AWS_SESSION_TOKEN",
}
"""The environment variables of the parts of a credential."""


def _require_valid(credentials: Any) -> None:
    """Raise DatabaseUnavailable for a character that no credential contains. The message does not repeat the value.

    Such a character is often copied by mistake. The HTTP library would print the header that contains the value.
    """
    for part, value in zip(VARIABLES, credentials.get_frozen_credentials()[:3], strict=True):
        problem = _problem(value or "")
        if problem:
            source = VARIABLES[part] if credentials.method == "env" else f"the {part} from {credentials.method}"
            raise DatabaseUnavailable(f"{source} contains {problem}; set it again without this character")


def _problem(value: str) -> str | None:
    """Return a description of the first character that is not visible ASCII; None if all are."""
    for character in value:
        if not character.isascii():
            return "a character that is not ASCII"
        if not "!" <= character <= "~":
            named = {"\r": "a carriage return", "\n": "a line feed", " ": "a space"}
            return named.get(character, "a control character")
    return None


def _region(session: Any, variables: Mapping[str, str]) -> tuple[str, str | None]:
    """Return the setting that the region comes from, and the region; None if it is not set."""
    # Of the two variables botocore reads only AWS_DEFAULT_REGION. Most other AWS tools prefer AWS_REGION.
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        if value := variables.get(name):
            return name, value
    return f"region of the AWS profile {session.profile or 'default'}", session.get_config_variable("region")


def _find_credentials(session: Any) -> Any:
    """Return the credentials, or None if they are missing. Raises DatabaseUnavailable if credential_process fails."""
    try:
        return session.get_credentials()
    except Exception as error:  # also those of Python: botocore does not check the command line and its output
        if isinstance(error, exceptions.BotoCoreError) and error.kwargs.get("provider") != "custom-process":
            raise
        fault = " ".join(str(getattr(error, "kwargs", {}).get("error_msg", error)).split()) or "no error message"
        profile, command = (
            session.profile or "default",
            session.get_scoped_config().get("credential_process", "").split(),
        )
        # The arguments of the command are not printed, because they may contain a secret.
        setting = f"credential_process of the AWS profile {profile}"
        setting = f"{setting} ({command[0]})" if command else f"the search for credentials of the AWS profile {profile}"
        raise DatabaseUnavailable(f"{setting} failed: {fault}") from error


def _profile_not_found(profile: str, variables: Mapping[str, str]) -> str:
    # In the order of botocore.
    names = (name for name in ("AWS_DEFAULT_PROFILE", "AWS_PROFILE") if variables.get(name) == profile)
    return (
        f"{next(names, 'the AWS profile')} is {profile!r}, which is not a profile in "
        f"{variables.get('AWS_CONFIG_FILE', '~/.aws/config')}; aws configure list-profiles lists the profiles"
    )


def failure(error: Exception, target: Target, request: Request | None) -> NodetodoError | None:
    """Return the error message for an exception of botocore, or for a malformed response; None for any other."""
    if isinstance(error, exceptions.ClientError):
        return messages.failure(error, target, request)
    if isinstance(error, exceptions.BotoCoreError):
        is_lost = isinstance(error, exceptions.HTTPClientError | exceptions.ConnectionError)
        kind = NoResponse if is_lost else DatabaseUnavailable
        return kind(_without_response(error, target, messages.outcome(request)))
    # A response with members of other types fails where it is used. To validate each response would double the time of
    # parsing it (measured). AWS sends no such response.
    if target.endpoint and request and isinstance(error, (LookupError, TypeError, ValueError, AttributeError)):
        return DatabaseUnavailable(messages.not_dynamodb(target, request.operation, 200))
    return None


def _without_response(error: exceptions.BotoCoreError, target: Target, outcome: str) -> str:
    """Return the error message for a request that was not sent, or had no response.

    outcome: a warning, if the request may have been applied in case it was sent.
    """
    address = str(error.kwargs.get("endpoint_url") or target.name).rstrip("/")
    match error:
        case exceptions.NoCredentialsError():
            return "no AWS credentials were found; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        case exceptions.NoRegionError():
            return "no AWS region is set; set AWS_REGION, for example to eu-central-1, or use a profile with a region"
        case exceptions.EndpointConnectionError():
            if "NameResolutionError" in type(error.kwargs.get("error")).__name__:
                return f"the host name of {address} does not resolve; check the name and the network"
            return f"nothing is listening at {address}"
        case exceptions.ConnectTimeoutError():
            return f"{address} does not respond"
        case exceptions.ReadTimeoutError() if isinstance(error.kwargs.get("error"), TimeoutError):
            return f"{address} did not complete a response within {aws_requests.REQUEST_SECONDS:g} seconds{outcome}"
        case exceptions.ReadTimeoutError():
            return f"{address} accepts connections but does not respond in time{outcome}"
        case exceptions.ConnectionClosedError():
            return f"{address} closed the connection without a response{outcome}"
        case exceptions.SSLError():
            return f"no secure connection to {address} is possible: {error.kwargs.get('error')}"
        case exceptions.ProxyConnectionError():
            return f"the proxy for {address} cannot be used; check HTTPS_PROXY, HTTP_PROXY and NO_PROXY"
        case exceptions.HTTPClientError():
            # The text of the cause may contain headers of the request, and with them credentials.
            return f"the request to {address} cannot be sent ({type(error.kwargs.get('error')).__name__})"
    return " ".join(str(error).split()).rstrip(".")
