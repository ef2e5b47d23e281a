"""Runs one command line. This is the only module that wires objects together."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, cast

from .cli import parser
from .errors import NodetodoError, WrongUsage

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .cli.parser import CommandLine
    from .commands.context import Context
    from .engines.interface import Client, Target
    from .environment import Environment
    from .explain.requests import Access
    from .output.console import Console
    from .output.results import Result
    from .output.stream import Output
    from .repositories.retries import Sleep
    from .repositories.tables import Tables

    Run = Callable[[Client, Sleep, Console], Result]


OPTIONS_OF_EVERY_COMMAND = ("--db", "--json", "--explain", "--cost")
"""Options that decide where and how a command runs. They are not arguments of its function."""


def main(argv: list[str], environment: Environment) -> int:
    """Run one command line, given without the program's name, and return the exit status."""
    try:
        _run(parser.read(argv), environment)
        environment.stdout.flush()
    except BrokenPipeError:
        pass  # the reader, such as head, has read enough
    except NodetodoError as error:
        return _report(error, environment)
    except OSError as error:  # a full disk behind standard output; errors of engines are NodetodoErrors by now
        return _report(NodetodoError(f"the output cannot be written: {error.strerror}"), environment)
    return 0


def _report(error: NodetodoError, environment: Environment) -> int:
    with suppress(OSError):
        environment.stdout.flush()  # the output so far comes before the error message
    with suppress(OSError):  # if standard error cannot be written, the status still reports the error
        environment.stderr.write(f"nodetodo: {_printable(str(error))}\n")
        if isinstance(error, WrongUsage) and error.usage:
            environment.stderr.write(f"\n{error.usage}\n")
        environment.stderr.flush()
    return error.status


def _printable(message: str) -> str:
    if message.isprintable():
        return message
    from .output.text import printable  # here, because nearly every message is printable

    return printable(message)


def _run(line: CommandLine, environment: Environment) -> None:
    if line.command == parser.HELP:
        from .cli.help import help_text

        environment.stdout.write(help_text(line.arguments["<command>"]))
    elif line.command == parser.VERSION:
        from . import __version__

        environment.stdout.write(f"nodetodo {__version__}\n")
    else:
        _run_command(line, environment)


# The imports below are inside functions, because help and wrong usage need none of them.


def _run_command(line: CommandLine, environment: Environment) -> None:
    """Run a command on its target. Raises NodetodoError for every error of a user, a network or a database."""
    from .engines import targets
    from .output.console import TerminalConsole
    from .output.stream import open_output

    options = line.arguments
    target = targets.choose(options["--db"], environment.variables)
    output = open_output(environment, json=options["--json"])
    explain, cost = options["--explain"], options["--cost"]
    if explain and cost:
        raise WrongUsage("--explain sends nothing, so that --cost has nothing to measure; use one of them")
    wiring = Wiring(environment, target)
    run = wiring.command(line)
    if explain:
        from .explain.command import explain as show_plan

        show_plan(run, wiring.prefix, target, environment.variables, output)
        return
    console = TerminalConsole(environment)
    connection = wiring.connection()
    try:
        try:
            if cost:
                _with_cost(run, connection, console, wiring, output)
            else:
                run(connection, environment.sleep, console).show(output)
        finally:
            console.close()
            connection.close()
    except NodetodoError:
        raise
    except Exception as error:
        failure = wiring.failure(error)
        if failure is None:
            raise
        raise failure from error


def _with_cost(run: Run, client: Client, console: Console, wiring: Wiring, output: Output) -> None:
    """Run on a client that measures, and print the cost at the end, also that of a command that fails."""
    from .explain.cost import as_json, lines
    from .explain.meter import Meter

    environment = wiring.environment
    meter = Meter(client, wiring.prefix, environment.variables)
    is_printed = False

    def cost() -> dict[str, Any]:
        nonlocal is_printed
        is_printed = True
        return {"cost": as_json(meter)}

    try:
        run(cast("Client", meter), environment.sleep, console).show(output._replace(more=cost))
    finally:
        if not is_printed:
            environment.stdout.flush()
            environment.stderr.write("".join(f"{line}\n" for line in lines(meter)))


class Wiring:
    """The objects of one command line: the connection to its target, and contexts for its command."""

    def __init__(self, environment: Environment, target: Target) -> None:
        from .engines import targets
        from .engines.connection import Connection

        self.environment, self.target = environment, target
        self.prefix = targets.table_prefix(environment.variables)
        self.now = environment.now()
        self._connection = Connection(target, environment)

    def connection(self) -> Client:
        """Return the client of the target. It connects on first use."""
        client = cast("Client", self._connection)
        if not self.target.is_local:
            return client
        from .repositories.first_use import TablesOnFirstUse

        return cast("Client", TablesOnFirstUse(client, self.prefix, self.environment.sleep))

    def failure(self, error: Exception) -> NodetodoError | None:
        """Return the error message for an exception that the engine raised; None for any other exception."""
        return self._connection.failure(error)

    def command(self, line: CommandLine) -> Run:
        """Return the command with its arguments as values, to be run on a client. Raises WrongUsage."""
        from . import commands
        from .cli import values

        arguments = {name: given for name, given in line.arguments.items() if name not in OPTIONS_OF_EVERY_COMMAND}
        typed = values.to_values(arguments, self.now.date())
        function = commands.find(line.command)

        def run(client: Client, sleep: Sleep, console: Console) -> Result:
            return function(self._context(client, sleep, console), **typed)

        return run

    def _context(self, client: Client, sleep: Sleep, console: Console) -> Context:
        from .commands.context import Context
        from .repositories.tasks import Tasks
        from .repositories.users import Users

        users = Users(client, f"{self.prefix}user", sleep)
        tasks = Tasks(client, f"{self.prefix}task", users.table, sleep)

        def tables() -> Tables:
            from .repositories.tables import Tables  # here, because few commands need it

            return Tables(client, self.prefix, sleep)

        return Context(
            users=users,
            tasks=tasks,
            tables=tables,
            today=self.now.date(),
            now=int(self.now.timestamp() * 1000),
            target=self.target.name,
            console=console,
            accesses=self.accesses,
        )

    def accesses(self, argv: list[str]) -> list[Access]:
        """Return what a command line reads and writes in its usual course. Nothing is sent."""
        from .explain.command import accesses

        return accesses(self.command(parser.read(argv)), self.prefix, self.target)
