"""The request log and the summary of a few commands, as docs/serve.md shows them."""

from __future__ import annotations

import functools
import shlex

from nodetodo.explain import requests
from nodetodo.server import summary
from tests.program import Program, connect

from .support import serving

COMMANDS = """\
nodetodo table-add --on-demand
nodetodo user-add emma emma@example.org +491701234
nodetodo task-add emma "buy milk" shopping
nodetodo task-ls emma shopping
nodetodo task-ls emma --contains=milk
nodetodo user-add emma emma@example.com +491701234"""


def session() -> str:
    """Return the commands as a Markdown block."""
    return f"```sh\n{COMMANDS}\n```"


def request_log() -> str:
    """Return the request log of the commands as a Markdown block."""
    return _output()[0]


def printed_summary() -> str:
    """Return the summary after the commands as a Markdown block."""
    return _output()[1]


@functools.cache
def _output() -> tuple[str, str]:
    with serving() as served:
        program = Program(connect(served.url), target=served.url, prefix="todo-")
        for line in COMMANDS.splitlines():
            program(*shlex.split(line)[1:])

        def describe(name: str) -> requests.Table:
            return requests.described(served.client.describe_table(TableName=name)["Table"])

        lines = "\n".join(summary.lines(served.log.totals, describe))
        return f"```\n{served.text}```", f"```\n{lines}\n```"
