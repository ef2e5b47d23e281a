"""Runs one command line. This is the only module that wires objects together.

    main -> parser.read         argv to a CommandLine
    Wiring.bind                 a CommandLine to its function in commands/, with typed arguments
    Wiring.connected            the client of the target
    run(client, ...).show       the function's result, written to standard output

Imports are inside functions, so that help and wrong usage start without the rest of the program.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, cast

from .cli import parser
from .errors import NodetodoError, NotFound, OtherKeys, WrongUsage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .access import Access
    from .cli.parser import CommandLine
    from .commands.context import Run
    from .engines.interface import Client, Request, Target
    from .environment import Environment
    from .output.results import Result
    from .output.terminal import Console, Output
    from .repositories.retries import Sleep

OPTIONS_OF_EVERY_COMMAND = ("--db", "--json", "--explain", "--cost")
"""Options that decide where and how a command runs. They are not arguments of its function."""


def main(argv: list[str], environment: Environment) -> int:
    """Run one command line, given without the program's name, and return the exit status."""
    try:
        _run(parser.read(argv), environment)
        environment.stdout.flush()
    except BrokenPipeError:
        pass  # the reader of the pipe, such as head, stopped reading
    except NodetodoError as error:
        return _report(error, environment)
    except OSError as error:  # such as a full disk; OSErrors of engines have become NodetodoErrors
        return _report(NodetodoError(f"the output cannot be written: {error.strerror}"), environment)
    return 0


def _report(error: NodetodoError, environment: Environment) -> int:
    """Write the error message to standard error and return the exit status."""
    from .output.terminal import terminal_width
    from .output.text import printable, wrapped

    width = terminal_width(environment.stderr, environment.variables)
    with suppress(OSError):
        environment.stdout.flush()  # results come before the error message
    with suppress(OSError):  # the exit status still reports the error
        for line in wrapped(f"nodetodo: {printable(str(error))}", width):
            environment.stderr.write(f"{line}\n")
        if isinstance(error, WrongUsage) and error.usage:
            environment.stderr.write(f"\n{error.usage}\n")
        for note in (*getattr(error, "__notes__", ()), *getattr(error.__cause__, "__notes__", ())):
            environment.stderr.write(f"{note}\n")  # the cost (--cost)
        environment.stderr.flush()
    return error.status


def _run(line: CommandLine, environment: Environment) -> None:
    if line.command == parser.HELP:
        from .cli.help import help_text

        environment.stdout.write(help_text(line.arguments["<command>"]))
    elif line.command == parser.VERSION:
        from . import __version__

        environment.stdout.write(f"nodetodo {__version__}\n")
    else:
        try:
            _run_command(line, environment)
        except (WrongUsage, NotFound) as error:
            from .cli.advice import advise

            advise(error, line.command, line.arguments)
            raise


def _run_command(line: CommandLine, environment: Environment) -> None:
    """Run a command on its target: normally, with its cost (--cost), or on a simulated client (--explain)."""
    from .engines import targets
    from .output.terminal import open_output

    options = line.arguments
    target = targets.choose(options["--db"], environment.variables)
    if options["--explain"] and options["--cost"]:
        raise WrongUsage("--explain sends nothing, so --cost has nothing to measure; use only one of them")
    wiring = Wiring(environment, target)
    run = wiring.bind(line)
    output = open_output(environment, json=options["--json"])
    if options["--explain"]:
        from .explain.command import explain

        explain(run, wiring.prefix, target, environment.variables, output)
    elif options["--cost"]:
        _run_with_cost(run, wiring, output)
    else:
        with wiring.connected() as (client, console):
            run(client, environment.sleep, console).show(output)


def _run_with_cost(run: Run, wiring: Wiring, output: Output) -> None:
    """Run a command on a client that measures. If the command fails, the cost follows the error message."""
    from .explain.cost import as_json, lines
    from .explain.meter import Meter

    environment = wiring.environment
    is_printed = False

    def cost() -> dict[str, Any]:
        nonlocal is_printed
        is_printed = True
        return {"cost": as_json(meter)}

    def write() -> None:
        with suppress(OSError):
            environment.stdout.flush()  # results come before the cost
        environment.stderr.write("".join(f"{line}\n" for line in lines(meter)))

    output.more = cost
    with wiring.connected() as (client, console):
        meter = Meter(client, wiring.prefix, environment.variables)
        try:
            run(cast("Client", meter), environment.sleep, console).show(output)
        except (BrokenPipeError, KeyboardInterrupt):  # these have no error message of main
            write()
            raise
        except Exception as error:
            error.add_note("\n".join(lines(meter)))
            raise
    if not is_printed:
        write()


class Wiring:
    """Builds the objects of one command line: the connection to its target and the context of its command."""

    def __init__(self, environment: Environment, target: Target) -> None:
        from .engines import targets

        self.environment, self.target = environment, target
        self.prefix = targets.table_prefix(environment.variables)
        self.now = environment.now()

    @contextmanager
    def connected(self) -> Iterator[tuple[Client, Console]]:
        """Provide the client of the target and the console, and close both at the end.

        The client connects on first use. Raises NodetodoError in place of an exception of the engine.
        """
        from .engines.targets import Connection
        from .output.terminal import TerminalConsole

        connection = Connection(self.target, self.environment)
        console = TerminalConsole(self.environment)
        client = cast("Client", connection)
        if self.target.is_local and self.environment.connect is None:
            connection.repair = partial(self._create_tables, client)
        try:
            yield client, console
        except OtherKeys as error:
            raise self._difference_of_tables(client) or error from error
        except NodetodoError:
            raise
        except Exception as error:
            failure = connection.failure(error)
            if failure is None:
                raise
            from .engines import messages

            if messages.may_be_of_other_keys(error):
                failure = self._difference_of_tables(client) or failure
            raise failure from error
        finally:
            console.close()
            connection.close()

    def _create_tables(self, client: Client, request: Request, error: Exception) -> bool:
        """Create the missing tables if the request failed because of them. Raises NotFound for a read."""
        from .repositories import first_use  # here, because this is needed once for a file

        return first_use.create_tables(client, request, error, self.prefix, self.target.name, self.environment.sleep)

    def _difference_of_tables(self, client: Client) -> NodetodoError | None:
        """Return the error message for tables that differ from their definition; None if none does, or if it fails."""
        from .repositories.tables import Tables

        try:
            Tables(client, self.prefix, self.environment.sleep).require_definitions()
        except NodetodoError as difference:
            return difference
        except Exception:  # such as missing permissions: then the first error is reported
            return None
        return None

    def bind(self, line: CommandLine) -> Run:
        """Return the command of a command line, bound to its arguments. Raises WrongUsage for an invalid argument."""
        from . import commands
        from .cli import values
        from .commands.context import Context

        arguments = {name: given for name, given in line.arguments.items() if name not in OPTIONS_OF_EVERY_COMMAND}
        typed = values.to_values(arguments, self.now.date())
        function = commands.find(line.command)

        def run(client: Client, sleep: Sleep, console: Console) -> Result:
            context = Context(
                client, self.prefix, sleep, console, self.now, self.target, self.accesses, self.environment.now
            )
            return function(context, **typed)

        return run

    def accesses(self, argv: list[str]) -> list[Access]:
        """Return the access patterns of a command line. It runs on a simulated client; nothing is sent."""
        from .explain.command import accesses

        return accesses(self.bind(parser.read(argv)), self.prefix, self.target)
