"""The program as a process: pipes, interrupts, full disks, and imported modules."""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from .program import Program, connect

ROOT = Path(__file__).parent.parent
NODETODO = [sys.executable, str(ROOT / "nodetodo.py")]


def run(
    *argv: str, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run nodetodo in a process of its own."""
    return subprocess.run([*NODETODO, *argv], capture_output=True, text=True, check=False, env=env, cwd=cwd)


@pytest.fixture(scope="module")
def database(moto: str) -> str:
    """Return an endpoint with tables, a user emma and 3,000 tasks of emma."""
    client = connect(moto)
    program = Program(client)
    program.good("table-add")
    program.good("user-add", "emma", "emma@example.org", "+491701234")
    for first in range(0, 3000, 25):
        puts = [
            {"PutRequest": {"Item": {"uid": {"S": "emma"}, "tid": {"N": str(tid)}, "description": {"S": "日本語"}}}}
            for tid in range(first + 1, first + 26)
        ]
        client.batch_write_item(RequestItems={"todo-task": puts})
    return moto


def test_a_closed_pipe_ends_a_list_without_an_error(database: str) -> None:
    for options in (["--all"], ["--all", "--json"], []):
        with subprocess.Popen(
            [*NODETODO, "task-ls", "emma", f"--db={database}", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        ) as process:
            assert process.stdout
            assert process.stderr
            assert process.stdout.readline()
            process.stdout.close()
            assert process.stderr.read() == b""
            assert process.wait() == 0


def test_ctrl_c_exits_with_130_and_no_traceback() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        subprocess.Popen(
            [*NODETODO, "user", "emma", f"--db=http://127.0.0.1:{server.getsockname()[1]}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # A shell starts background processes with SIGINT ignored, and the tests may be one.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        ) as process,
    ):
        connection, _ = server.accept()  # the request is sent; no response will come
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
        connection.close()
    assert (process.returncode, out, err) == (130, b"", b"")


@pytest.mark.parametrize(
    ("key", "status", "message"), [(b"\x03", 130, ""), (b"\x04", 1, "nodetodo: nothing was deleted")]
)
def test_ctrl_c_and_ctrl_d_at_a_question_end_its_line(tmp_path: Path, key: bytes, status: int, message: str) -> None:
    import pty

    database = f"--db=local:{tmp_path / 'tasks.db'}"
    run("table-add", database)
    child, terminal = pty.fork()
    if child == 0:
        # A shell starts background processes with SIGINT ignored, and the tests may be one.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.execv(NODETODO[0], [*NODETODO, "table-rm", database])
    shown = b""
    while b"[y/N] " not in shown:
        shown += os.read(terminal, 4096)
    os.write(terminal, key)
    with suppress(OSError):  # Linux reports the end of a terminal as an error
        while more := os.read(terminal, 4096):
            shown += more
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == status
    os.close(terminal)
    after = shown.decode().partition("[y/N] ")[2].replace("^C", "")
    assert after.split("\r\n") == ["", *filter(None, [message]), ""]
    assert "ACTIVE" in run("table-ls", database).stdout


INTERRUPT_AT_AN_IMPORT = """
import runpy, sys

class Interrupt:
    def find_spec(self, name, *_):
        if name == interrupted:
            raise KeyboardInterrupt

launcher, interrupted, *sys.argv[1:] = sys.argv[1:]
sys.meta_path.insert(0, Interrupt())
run = runpy.run_path if launcher.endswith(".py") else runpy.run_module
run(launcher, run_name="__main__")
"""


@pytest.mark.parametrize(
    ("launcher", "modules"),
    [
        (str(ROOT / "nodetodo.py"), ["nodetodo", "nodetodo.__main__", "nodetodo.app", "docopt", "botocore.session"]),
        ("nodetodo.__main__", ["nodetodo.app", "nodetodo.environment", "nodetodo.engines.aws", "urllib3"]),
    ],
)
def test_ctrl_c_during_imports_exits_with_130_and_no_traceback(launcher: str, modules: list[str]) -> None:
    for module in modules:
        argv = [launcher, module, "user", "emma", "--db=http://127.0.0.1:1"]
        process = subprocess.run(
            [sys.executable, "-c", INTERRUPT_AT_AN_IMPORT, *argv], capture_output=True, text=True, check=False, cwd=ROOT
        )
        assert (process.returncode, process.stdout, process.stderr) == (130, "", ""), module


def test_the_process_imports_only_loaded_modules_before_it_handles_ctrl_c() -> None:
    code = "import sys; before = set(sys.modules); import nodetodo.__main__; print(*(set(sys.modules) - before))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    names = set(result.stdout.split()) - {"nodetodo", "nodetodo.__main__", "__future__"}
    assert names <= set(sys.builtin_module_names)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_disk_of_standard_output_is_an_error(database: str) -> None:
    for argv in (["--help"], ["task-ls", "emma", "--all", f"--db={database}"]):
        with open("/dev/full", "w") as full:
            result = subprocess.run([*NODETODO, *argv], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert result.returncode == 1
        assert result.stderr == "nodetodo: the output cannot be written: No space left on device\n"


def test_export_writes_to_a_pipe_with_a_name(tmp_path: Path) -> None:
    local = f"--db=local:{tmp_path / 'tasks.db'}"
    run("user-add", "emma", "emma@example.org", "+491701234", local)
    for file in ("/dev/stdout", "/dev/fd/1"):
        result = run("export", file, local)
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout.splitlines() == [
            '{"uid": "emma", "email": "emma@example.org", "phone": "+491701234"}',
            f"exported 1 user and 0 tasks to {file}",
        ]


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize(
    ("argv", "content"),
    [
        (["export", "{file}"], '"email": "emma@example.org"'),
        (["import", "tasks.jsonl", "--report={file}"], '"outcome": "identical"'),
        (["design", "--html={file}"], "</html>"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_file_option_continues_a_standard_stream(tmp_path: Path, argv: list[str], content: str, stream: str) -> None:
    """Whether the stream is a pipe, or a file with earlier content, from which no message may be lost."""
    env = os.environ | {"NODETODO_DB": f"local:{tmp_path / 'tasks.db'}"}
    run("user-add", "emma", "emma@example.org", "+491701234", env=env)
    run("export", "tasks.jsonl", env=env, cwd=tmp_path)
    command = [part.format(file=f"/dev/{stream}") for part in argv]
    piped = run(*command, env=env, cwd=tmp_path)
    assert piped.returncode == 0
    assert content in getattr(piped, stream)
    for mode in ("w", "a"):
        log = tmp_path / f"log-{mode}"
        with open(log, mode) as both:
            both.write("earlier\n")
            both.flush()
            result = subprocess.run([*NODETODO, *command], stdout=both, stderr=both, env=env, cwd=tmp_path, check=False)
        assert result.returncode == 0
        first, *lines = log.read_text().splitlines()
        assert first == "earlier"
        assert sorted(lines) == sorted((piped.stdout + piped.stderr).splitlines())


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_import_reads_what_export_writes_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    local = f"--db=local:{tmp_path / 'tasks.db'}"
    run("user-add", "emma", "é日本😀@example.org", "+491701234", local)
    exported = run("export", "-", local, env=os.environ | {"PYTHONIOENCODING": encoding}).stdout
    (tmp_path / "exported").write_bytes(exported.encode())
    assert run("import", str(tmp_path / "exported"), local).stdout.endswith(": 1 identical\n")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_characters_that_the_encoding_lacks_are_escaped(database: str, encoding: str) -> None:
    result = run("task-ls", "emma", "--limit=1", f"--db={database}", env=os.environ | {"PYTHONIOENCODING": encoding})
    assert result.returncode == 0
    assert ("日本語" in result.stdout) == (encoding == "utf-8")


def test_arguments_that_are_not_utf8_are_rejected_with_an_error_message() -> None:
    result = subprocess.run(
        [*map(os.fsencode, NODETODO), b"task-add", b"emma", b"\xff\xfe", b"--db=http://127.0.0.1:1"],
        capture_output=True,
        check=False,
    )
    assert result.returncode == 2
    assert b"not valid UTF-8" in result.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_do_not_change_the_exit_status(closed: str) -> None:
    for status, argv in [(0, "--version"), (2, "task-lst"), (5, "user emma --db=http://127.0.0.1:1")]:
        script = f"{shlex.join(NODETODO)} {argv} {closed}"
        result = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
        assert result.returncode == status, result
        assert "Traceback" not in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_disk_of_standard_error_does_not_change_the_exit_status() -> None:
    with open("/dev/full", "w") as full:
        assert subprocess.run([*NODETODO, "task-lst"], stderr=full, check=False).returncode == 2


def imported_by(*argv: str) -> set[str]:
    """Return the modules that are imported when a command line has run."""
    code = "import os, sys; end = os._exit;"
    code += "os._exit = lambda status: (os.write(2, ' '.join(sys.modules).encode()), end(status));"
    code += f"sys.argv = ['nodetodo', *{list(argv)!r}]; from nodetodo.__main__ import run; run()"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    return set(result.stderr.split())


def test_help_and_an_unknown_command_import_neither_docopt_nor_an_sdk() -> None:
    for argv in (["--help"], ["task-ls", "--help"], ["--version"], ["task-ad", "emma"], []):
        modules = imported_by(*argv)
        assert "nodetodo.app" in modules
        assert not modules & {"docopt", "botocore", "dateutil", "dataclasses", "wcwidth", "tqdm"}


def test_a_wrong_command_line_imports_docopt_and_no_sdk() -> None:
    modules = imported_by("task-ls")
    assert "docopt" in modules
    assert not modules & {"nodetodo.commands", "botocore", "dateutil", "dataclasses", "wcwidth", "tqdm"}


def test_an_invalid_value_imports_docopt_and_no_sdk() -> None:
    modules = imported_by("task-ls", "emma", "--limit=0", "--db=aws")
    assert "docopt" in modules
    assert not modules & {"botocore", "dateutil", "dataclasses", "wcwidth", "tqdm"}


def test_a_list_on_a_server_imports_botocore_without_boto3(database: str) -> None:
    modules = imported_by("task-ls", "nobody", f"--db={database}")
    assert "botocore" in modules
    assert not modules & {"boto3", "s3transfer", "wcwidth", "tqdm"}


def test_dateutil_is_imported_only_for_dates_that_are_not_yyyymmdd() -> None:
    assert "dateutil.parser" not in imported_by("task-add", "e", "x", "--dueat=20251399", "--db=aws")
    assert "dateutil.parser" in imported_by("task-add", "e", "x", "--dueat=4/7", "--db=aws")


def test_today_is_the_users_local_day(tmp_path: Path) -> None:
    target = f"--db=local:{tmp_path / 'tasks.db'}"
    run("user-add", "emma", "a@b", "123", target)
    days = {
        json.loads(run("task-add", "emma", "x", "--json", target, env=os.environ | {"TZ": zone}).stdout)["created"]
        for zone in ("XXX-14", "XXX+12")  # 26 hours apart: never the same day
    }
    assert len(days) == 2


def test_the_launcher_runs_in_any_working_directory(tmp_path: Path) -> None:
    result = run("--version", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.fixture
def john(database: str) -> list[str]:
    """Return the command that removes a user with one task."""
    program = Program(connect(database))
    program.good("user-add", "john", "john@example.org", "123")
    program.good("task-add", "john", "x")
    return [*NODETODO, "user-rm", "john", "--with-tasks", f"--db={database}"]


def test_a_progress_bar_is_shown_on_a_terminal(john: list[str]) -> None:
    import pty
    import termios

    terminal, other_end = pty.openpty()
    termios.tcsetwinsize(other_end, (24, 80))
    subprocess.run(john, stdout=subprocess.DEVNULL, stderr=other_end, check=True)
    assert b"removing: 0 tasks" in os.read(terminal, 4096)
    os.close(other_end)
    os.close(terminal)


def test_no_progress_bar_is_shown_without_a_terminal(john: list[str]) -> None:
    result = subprocess.run(john, capture_output=True, text=True, check=True)
    assert (result.stdout, result.stderr) == ("user removed with uid john, and 1 task\n", "")
