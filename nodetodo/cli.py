"""From an argument vector to an exit status: words become values, one command is called, its result is shown.

The process stays outside: environment, streams, clock and clients are handed in, and nothing here ends the process.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TextIO

from . import __version__, client, dates, shipped, usage, values
from .client import Client, Target
from .commands import COMMANDS, Todo
from .errors import NodetodoError, WrongUsage
from .render import Output
from .repositories.tables import Tables
from .repositories.tasks import Tasks
from .repositories.users import Users

if TYPE_CHECKING:
    from tqdm import tqdm


class World(NamedTuple):
    """What surrounds the program. now: an aware time in the user's zone; connect: None for the target's own engine."""

    env: Mapping[str, str]
    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    connect: Callable[[Target, Mapping[str, str]], Client] | None = None


def main(argv: list[str], world: World) -> int:
    """Run one command line, without the program's name, and give the exit status."""
    try:
        status = _run(argv, world)
        world.stdout.flush()
        return status
    except BrokenPipeError:
        return 0  # the reader, such as head, has seen enough
    except NodetodoError as error:
        return _fail(error, world)
    except OSError as error:  # a full disk behind standard output; what engines raise has become a NodetodoError
        return _fail(NodetodoError(f"the output cannot be written: {error.strerror}"), world)


def _fail(error: NodetodoError, world: World) -> int:
    with suppress(OSError):
        world.stdout.flush()  # what was shown until then comes first
    world.stderr.write(f"nodetodo: {error}\n")
    if isinstance(error, WrongUsage) and error.usage:
        world.stderr.write(f"\n{error.usage}\n")
    return error.status


def _run(argv: list[str], world: World) -> int:
    line = usage.read(argv)
    if line.command == usage.HELP:
        world.stdout.write(shipped.read("cli.txt"))
        return 0
    if line.command == usage.VERSION:
        world.stdout.write(f"nodetodo {__version__}\n")
        return 0
    target = client.choose(line.arguments.pop("--db"), world.env)
    json = line.arguments.pop("--json")
    now = world.now()
    arguments = _values(line.arguments, now.date())
    prefix = client.table_prefix(world.env)
    engine = client.engine(target)
    progress = _Progress(world.stderr)
    try:
        connection = (world.connect or engine.connect)(target, world.env)
        try:
            todo = _todo(connection, prefix, now, progress, world)
            COMMANDS[line.command](todo, **arguments).show(_output(world, json))
        finally:
            progress.close()
            connection.close()
    except NodetodoError:
        raise
    except Exception as error:
        failure = engine.failure(error, target)
        if failure is None:
            raise
        raise failure from error
    return 0


def _values(arguments: dict[str, Any], today: date) -> dict[str, Any]:
    """The arguments of a command as values, under the names of its parameters: --no-dueat as no_dueat."""

    def day(name: str) -> Callable[[str], int]:
        return lambda given: dates.parse(name, given, today)

    def count(name: str) -> Callable[[str], int]:
        return lambda given: values.count(name, given)

    readers: dict[str, Callable[[str], Any]] = {
        "<uid>": values.uid,
        "<tid>": values.tid,
        "<email>": values.email,
        "<phone>": values.phone,
        "<description>": values.description,
        "<category>": values.category,
        "--email": values.email,
        "--phone": values.phone,
        "--description": values.description,
        "--category": values.category,
        "--next": str,
    }
    readers |= {name: day(name) for name in ("--dueat", "--dueafter", "--duebefore")}
    readers |= {name: count(name) for name in ("--limit", "--read", "--write")}
    return {
        name.strip("<>-").replace("-", "_"): readers[name](given) if isinstance(given, str) else given
        for name, given in arguments.items()
        if name not in (usage.HELP, usage.VERSION)
    }


def _todo(connection: Client, prefix: str, now: datetime, progress: _Progress, world: World) -> Todo:
    users = Users(connection, f"{prefix}user", world.sleep)
    tasks = Tasks(connection, f"{prefix}task", users.table, world.sleep)
    tables = Tables(connection, prefix, world.sleep)

    def told(sentence: str) -> None:
        world.stderr.write(sentence + "\n")
        world.stderr.flush()

    def confirmed(question: str) -> bool:
        if not world.stdin.isatty():
            raise WrongUsage("there is no terminal to ask on; say --yes")
        world.stderr.write(f"{question} [y/N] ")
        world.stderr.flush()
        return world.stdin.readline().strip().lower() in ("y", "yes")

    return Todo(
        users=users,
        tasks=tasks,
        tables=tables,
        today=now.date(),
        now=int(now.timestamp() * 1000),
        progress=progress,
        told=told,
        confirmed=confirmed,
    )


class _Progress:
    """A bar on a terminal, made when there is something to tell, and nothing elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._bar: tqdm[NoReturn] | None = None

    def __call__(self, more: int) -> None:
        if not self._stream.isatty():
            return
        if self._bar is None:
            import tqdm

            self._bar = tqdm.tqdm(file=self._stream, unit=" tasks", desc="removing", leave=False)
        self._bar.update(more)

    def close(self) -> None:
        """Take the bar off the terminal, which is then free for what is said next."""
        if self._bar is not None:
            self._bar.close()


def _output(world: World, json: bool) -> Output:
    width = None
    if world.stdout.isatty():
        try:
            width = int(world.env.get("COLUMNS", "")) or None
        except ValueError:
            with suppress(OSError):
                width = os.get_terminal_size(world.stdout.fileno()).columns or None
    colour = world.stdout.isatty() and not world.env.get("NO_COLOR") and world.env.get("TERM") != "dumb"
    return Output(world.stdout, world.stderr, json, width, colour)
