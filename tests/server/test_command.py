"""The command serve as a process: its streams, signals and errors, and several processes on one file."""

from __future__ import annotations

import contextlib
import errno
import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nodetodo import embedded
from nodetodo.app import main
from nodetodo.environment import Environment
from nodetodo.server.command import PORT
from nodetodo.server.http import Server
from tests.program import EMMA, NOON, Program, Stream, connect
from tests.test_process import NODETODO, run

from .support import RawClient, request


class Process:
    """A process that runs serve."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        self.process = process
        self.first_line = process.stdout.readline()
        assert self.first_line, process.communicate()[1]
        words = self.first_line.replace('"', " ").split()
        self.url = next(word for word in words if word.startswith("http://")).rstrip(",")

    @property
    def address(self) -> tuple[str, int]:
        """The address for a socket."""
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        return host, int(port)

    def stop(self, number: signal.Signals) -> tuple[int, str, str]:
        """Send a signal and return the exit status and the rest of the output."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err


@contextlib.contextmanager
def serve(*options: str, port: int = 0) -> Iterator[Process]:
    """Run serve in a process of its own."""
    with subprocess.Popen(
        [*NODETODO, "serve", f"--port={port}", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell starts background processes with SIGINT ignored, and the tests may be one.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        try:
            yield Process(process)
        finally:
            process.kill()


def test_describe_endpoints_returns_the_address_of_the_server() -> None:
    with serve("--in-memory") as process, RawClient(process.address) as client:
        answer = client.send(request(target="DynamoDB_20120810.DescribeEndpoints"))
        assert answer.json["Endpoints"][0]["Address"] == process.url.removeprefix("http://")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_end_the_server_with_the_summary(number: signal.Signals) -> None:
    with serve("--in-memory") as server:
        assert server.first_line.startswith("DynamoDB endpoint http://127.0.0.1:")
        assert connect(server.url).list_tables()["TableNames"] == []
        status, out, err = server.stop(number)
    assert (status, out) == (0, "")
    line, summary = err.splitlines()
    assert "ListTables" in line
    assert summary == "1 request: 1 ListTables"


def test_sigterm_at_once_after_the_url_ends_the_server_with_the_summary() -> None:
    class Screen(Stream):
        is_shown = False

        def flush(self) -> None:
            if not self.is_shown:
                self.is_shown = True
                assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
                signal.raise_signal(signal.SIGTERM)

    screen, errors = Screen(), Stream()
    environment = Environment({"NODETODO_DB": "local"}, Stream(), screen, errors, lambda: NOON, lambda _: None)
    assert main(["serve", "--in-memory", "--port=0"], environment) == 0
    assert screen.getvalue().startswith("DynamoDB endpoint http://127.0.0.1:")
    assert errors.getvalue() == "0 requests\n"


def test_with_json_the_first_line_the_requests_and_the_summary_are_json() -> None:
    with serve("--in-memory", "--json") as server:
        assert json.loads(server.first_line) == {"endpoint": server.url, "database": ":memory:"}
        connect(server.url).list_tables()
        _, out, err = server.stop(signal.SIGTERM)
    found, last = map(json.loads, err.splitlines())
    assert out == ""
    assert found["operation"] == "ListTables"
    assert last["summary"]["requests"] == {"ListTables": 1}


def test_quiet_prints_only_the_summary() -> None:
    with serve("--in-memory", "--quiet") as server:
        connect(server.url).list_tables()
        assert server.stop(signal.SIGTERM)[2] == "1 request: 1 ListTables\n"


def test_the_end_of_the_server_answers_a_request_whose_body_is_still_arriving() -> None:
    with serve("--in-memory", "--quiet") as server, RawClient(server.address) as client:
        data = request()
        client.socket.sendall(data[:-1])
        assert connect(server.url).list_tables()["TableNames"] == []  # so the first request has arrived
        server.process.send_signal(signal.SIGTERM)
        assert client.send(data[-1:]).json == {"TableNames": []}
        assert server.process.wait(timeout=30) == 0


def test_a_port_in_use_is_one_error_message() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = run("serve", "--in-memory", f"--port={port}")
    assert (result.returncode, result.stdout) == (5, "")
    assert result.stderr == f"nodetodo: port {port} of 127.0.0.1 is in use; choose another one with --port\n"


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid", "a" * 70, "x\x00"])
def test_an_address_that_this_machine_lacks_is_wrong_usage(host: str) -> None:
    program = Program(None, target="local")
    result = program("serve", "--in-memory", "--port=0", f"--host={host}")
    assert result.status == 2
    assert result.err.startswith("nodetodo: --host is ")


@pytest.mark.parametrize("port", ["65536", "-1", "x", "", "1.5", "999999"])
def test_an_invalid_port_is_wrong_usage(port: str) -> None:
    result = Program(None, target="local")("serve", f"--port={port}")
    assert result.status == 2


@pytest.mark.parametrize("target", ["aws", "http://localhost:8000"])
def test_other_targets_are_wrong_usage(target: str) -> None:
    result = Program(None, target=target)("serve")
    assert result.status == 2
    assert result.err == (
        f"nodetodo: serve serves the local file, and --db is {target}; pass --db=local or --db=local:<file>\n"
    )


def test_a_database_in_memory_needs_no_local_target() -> None:
    with serve("--in-memory", "--db=aws") as server:
        assert server.first_line.endswith(" serves a database in memory; Ctrl-C stops it\n")
        assert server.stop(signal.SIGTERM)[0] == 0


def test_a_port_that_needs_a_permission_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(address: tuple[str, int], **_: object) -> None:
        raise PermissionError(errno.EACCES, f"Permission denied (while attempting to bind on address {address})")

    monkeypatch.setattr(socket, "create_server", denied)
    result = Program(None, target="local")("serve", "--in-memory", "--port=80")
    assert (result.status, result.err) == (
        5,
        "nodetodo: port 80 of 127.0.0.1 cannot be opened: Permission denied; choose a port above 1023 with --port\n",
    )


def test_on_a_terminal_the_summary_begins_on_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: Server) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Server, "run", interrupted)
    program = Program(None, target="local")
    assert program.good("serve", "--in-memory", "--port=0", columns=80).err == "0 requests\n"
    program.is_terminal = True
    assert program.good("serve", "--in-memory", "--port=0", columns=80).err == "\n0 requests\n"


def test_a_file_that_is_not_a_database_is_one_error_message(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to be read as one" * 100)
    result = run("serve", "--port=0", f"--db=local:{path}")
    assert (result.returncode, result.stdout) == (5, "")
    assert result.stderr == f"nodetodo: {path} is not a database, and was not changed\n"


def test_an_address_that_other_computers_reach_prints_a_warning() -> None:
    with serve("--in-memory", "--host=0.0.0.0") as server:
        with RawClient(("127.0.0.1", server.address[1])) as client:
            assert (
                client.send(request(Host="database:8000")).status == 200
            )  # any name, because other computers have names of their own
        err = server.stop(signal.SIGTERM)[2]
    assert err.startswith("warning: every computer that reaches 0.0.0.0 can read and change the database; no key")


def test_the_default_port_is_that_of_the_region_local_in_botocore() -> None:
    import botocore.session

    client = botocore.session.get_session().create_client(
        "dynamodb", region_name="local", aws_access_key_id="a", aws_secret_access_key="b"
    )
    assert client.meta.endpoint_url == f"http://localhost:{PORT}"


def test_explain_of_serve_sends_nothing_and_does_not_serve() -> None:
    result = Program(None, target="local").good("serve", "--explain")
    assert "The command sends no request." in result.out


def test_servers_and_command_lines_use_one_file_at_the_same_time(tmp_path: Path) -> None:
    target = f"--db=local:{tmp_path / 'tasks.db'}"
    assert run("user-add", *EMMA, target).returncode == 0
    with serve(target, "--quiet") as one, serve(target, "--quiet") as other:

        def add(number: int) -> None:
            where = (f"--db={one.url}", f"--db={other.url}", target)[number % 3]
            result = run("task-add", "emma", f"task {number}", "shopping", where)
            assert (result.returncode, result.stderr) == (0, "")

        with ThreadPoolExecutor(3) as pool:
            list(pool.map(add, range(6)))
        for where in (f"--db={one.url}", f"--db={other.url}", target):
            tasks = json.loads(run("task-ls", "emma", "--all", "--json", where).stdout)["tasks"]
            assert sorted(task["description"] for task in tasks) == sorted(f"task {number}" for number in range(6))
        assert run("task-ls", "nobody", f"--db={one.url}").returncode == 3


def test_the_server_creates_the_file_at_the_first_write_and_no_table_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    with serve(f"--db=local:{path}", "--quiet") as server:
        client = connect(server.url)
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            client.put_item(TableName="todo-user", Item={"uid": {"S": "emma"}})
        Program(client).good("table-add")
        assert client.list_tables()["TableNames"] == ["todo-task", "todo-user"]
    with contextlib.closing(embedded.connect(str(path))) as file:
        assert file.list_tables()["TableNames"] == ["todo-task", "todo-user"]
