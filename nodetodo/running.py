"""Runs a command: its arguments as values, its repositories on an engine, its result on the screen."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from . import client, values
from .commands import COMMANDS, Todo
from .errors import NodetodoError, WrongUsage
from .render import Output
from .repositories.tasks import Tasks
from .repositories.users import Users

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any, NoReturn, TextIO

    from tqdm import tqdm

    from .cli import World
    from .client import Client, Engine, Target
    from .repositories.steady import Sleep
    from .repositories.tables import Tables
    from .usage import CommandLine


def run(line: CommandLine, world: World) -> None:
    """Raises NodetodoError for everything that a user, a network or a database can cause."""
    arguments = dict(line.arguments)
    target = client.choose(arguments.pop("--db"), world.env)
    prefix = client.table_prefix(world.env)
    output = _output(world, json=arguments.pop("--json"))
    explain, cost = arguments.pop("--explain"), arguments.pop("--cost")
    if explain and cost:
        raise WrongUsage("--explain sends nothing, so that --cost has nothing to measure; name one of them")
    now = world.now()
    given = values.read(arguments, now.date())
    progress = _Progress(world.stderr)

    def todo(connection: Client, sleep: Sleep) -> Todo:
        return _todo(connection, prefix, target.name, now, progress, world, sleep)

    def command(on: Todo) -> Any:
        return COMMANDS[line.command](on, **given)

    if explain:
        from .explain.run import explain as explained  # here, because nobody else needs it

        explained(todo, command, prefix, target, world.env, output)
        return
    database = _Database(target, world)
    connection = cast("Client", database)
    try:
        try:
            if cost:
                _with_cost(
                    lambda on, shown: command(todo(on, world.sleep)).show(shown), connection, prefix, world, output
                )
            else:
                command(todo(connection, world.sleep)).show(output)
        finally:
            progress.close()
            database.close()
    except NodetodoError:
        raise
    except Exception as error:
        failure = database.failure(error)
        if failure is None:
            raise
        raise failure from error


class _Database:
    """The client of a target, opened when a command first asks it for something; some commands never do."""

    def __init__(self, target: Target, world: World) -> None:
        self._target, self._world = target, world
        self._engine: Engine | None = None
        self._client: Client | None = None
        self._failed: Exception | None = None

    def __getattr__(self, name: str) -> Any:
        if self._client is None:
            self._client = self._opened()
        return getattr(self._client, name)

    def _opened(self) -> Client:
        if self._failed is not None:  # the clause of an `except` asks for client.exceptions, and opening may take long
            raise self._failed
        self._engine = client.engine(self._target)
        try:
            return (self._world.connect or self._engine.connect)(self._target, self._world.env)
        except Exception as error:
            self._failed = error
            raise

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

    def failure(self, error: Exception) -> NodetodoError | None:
        """What a user is told about an error that the engine raised; None for any other error."""
        return None if self._engine is None else self._engine.failure(error, self._target)


def _with_cost(
    shown: Callable[[Client, Output], None], connection: Client, prefix: str, world: World, output: Output
) -> None:
    """Run on a client that measures, and tell the cost at the end: also of a command that fails."""
    from .cost import Meter  # here, because nobody else needs it

    meter = Meter(connection, prefix, world.env)
    is_told = False

    def cost() -> dict[str, Any]:
        nonlocal is_told
        is_told = True
        return {"cost": meter.as_json()}

    try:
        shown(meter, output._replace(more=cost))
    finally:
        if not is_told:
            world.stdout.flush()
            world.stderr.write("".join(f"{line}\n" for line in meter.lines()))


def _todo(
    connection: Client, prefix: str, where: str, now: datetime, progress: _Progress, world: World, sleep: Sleep
) -> Todo:
    users = Users(connection, f"{prefix}user", sleep)
    tasks = Tasks(connection, f"{prefix}task", users.table, sleep)

    def tables() -> Tables:
        from .repositories.tables import Tables

        return Tables(connection, prefix, sleep)

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
        where=where,
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
            width = int(world.env.get("COLUMNS", ""))
        except ValueError:
            with suppress(OSError):
                width = os.get_terminal_size(world.stdout.fileno()).columns
    if width is not None and width <= 0:
        width = None
    colour = world.stdout.isatty() and not world.env.get("NO_COLOR") and world.env.get("TERM") != "dumb"
    return Output(world.stdout, world.stderr, json, width, colour)
