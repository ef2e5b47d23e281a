"""Runs one command line. This is the only module that wires objects together.

    main -> parser.read         argv to a CommandLine
    Wiring.bind                 a CommandLine to its function in commands/, with typed arguments
    Wiring.connected            the client of the target
    run(client, ...).show       the function's result, written to standard output

Imports are inside functions, so that help and wrong usage start without the rest of the program.
"""

from __future__ import annotations

from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, cast

from .cli import parser
from .errors import IndexMissing, NodetodoError, NotFound, OtherKeys, WrongUsage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from .access import Access
    from .cli.parser import CommandLine
    from .commands.context import Context, Run
    from .completion.stored import Candidate
    from .engines.interface import Client, Request, Target
    from .engines.targets import Connection
    from .environment import Environment
    from .output.terminal import Console, Output
    from .repositories.retries import Sleep

COMPLETE = "--complete"
"""The hidden command that prints candidates, see nodetodo/completion. It is not an option of cli.txt."""

OPTIONS_OF_EVERY_COMMAND = ("--db", "--json", "--explain", "--cost")
"""Options that decide where and how a command runs. They are not arguments of its function."""


def main(argv: list[str], environment: Environment) -> int:
    """Run one command line, given without the program's name, and return the exit status."""
    if argv[:1] == [COMPLETE]:
        return _complete(argv[1:], environment)
    status = 0
    try:
        status = _run(parser.read(argv), environment)
        environment.stdout.flush()
    except BrokenPipeError:
        pass  # the reader of the pipe, such as head, stopped reading
    except NodetodoError as error:
        return _report(error, environment)
    except OSError as error:  # such as a full disk; OSErrors of engines have become NodetodoErrors
        return _report(NodetodoError(f"the output cannot be written: {error.strerror}"), environment)
    return status


def _complete(argv: list[str], environment: Environment) -> int:
    """Write the candidates for the last word of an unfinished command line. After a failure, write nothing.

    This hidden command is for the scripts of the command completion. It must not disturb a user who is typing.
    """
    from .completion import shells, stored
    from .output.terminal import TerminalConsole

    console = TerminalConsole(environment)

    def read(db: str | None, wanted: Callable[[Context], list[Candidate]]) -> list[Candidate]:
        from .engines import targets  # here, because many candidates need no database

        wiring = Wiring(environment, targets.choose(db, environment.variables))

        def run() -> list[Candidate]:
            # Unlike Wiring.connected: a failure is not explained, because that would send more requests.
            with closing(targets.Connection(wiring.target, environment)) as connection:
                return wanted(wiring.context(cast("Client", connection), environment.sleep, console))

        return stored.within(stored.LOCAL_SECONDS if wiring.target.is_local else stored.SERVER_SECONDS, run)

    with suppress(Exception):
        lines = shells.lines(argv, environment, read)
        environment.stdout.write("".join(f"{line}\n" for line in lines))
        environment.stdout.flush()
    return 0


def _report(error: NodetodoError, environment: Environment) -> int:
    """Write the error message to standard error and return the exit status."""
    from .output.terminal import terminal_width, write_error

    width = terminal_width(environment.stderr, environment.variables)
    write_error(error, environment.stdout, environment.stderr, width)
    return error.status


def _run(line: CommandLine, environment: Environment) -> int:
    """Run a command line and return its exit status. Raises NodetodoError if it fails as a whole."""
    if line.command == parser.HELP:
        from .cli.help import help_text

        environment.stdout.write(help_text(line.arguments["<command>"]))
    elif line.command == parser.VERSION:
        from . import __version__

        environment.stdout.write(f"nodetodo {__version__}\n")
    else:
        try:
            return _run_command(line, environment)
        except (WrongUsage, NotFound) as error:
            from .cli.advice import advise

            advise(error, line.command, line.arguments, environment.variables)
            raise
    return 0


def _run_command(line: CommandLine, environment: Environment) -> int:
    """Run a command on its target: normally, with its cost (--cost), or on a simulated client (--explain).

    Returns the exit status.
    """
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
    return output.status


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
        self._connection: Connection | None = None
        self._accesses: dict[tuple[str, ...], list[Access]] = {}

    @contextmanager
    def connected(self) -> Iterator[tuple[Client, Console]]:
        """Provide the client of the target and the console, and close both at the end.

        The client connects on first use. Raises NodetodoError in place of an exception of the engine.
        """
        from .engines.targets import Connection
        from .output.terminal import TerminalConsole

        connection = self._connection = Connection(self.target, self.environment)
        console = TerminalConsole(self.environment)
        client = cast("Client", connection)
        if self.target.is_local and self.environment.connect is None:
            connection.repair = partial(self._create_missing, client)
        try:
            yield client, console
        except Exception as error:
            failure = self.failure(error)
            if failure is None or failure is error:
                raise
            raise failure from error
        finally:
            console.close()
            connection.close()

    def failure(self, error: Exception) -> NodetodoError | None:
        """Return the error message for an exception that ended a command; None for any other exception."""
        if self._connection is None or (isinstance(error, NodetodoError) and not isinstance(error, OtherKeys)):
            return error if isinstance(error, NodetodoError) else None  # --explain has no connection
        failure = error if isinstance(error, OtherKeys) else self._connection.failure(error)
        if failure is None:
            return None
        from .engines import messages

        request = self._connection.request_of(error)
        may_differ = (
            messages.may_lack_index(error, request)
            or messages.may_be_of_other_keys(error)
            or messages.may_be_in_creation(error, self.target, request)
        )
        if isinstance(error, OtherKeys) or may_differ:
            return self._difference_of_tables(cast("Client", self._connection), request) or failure
        return failure

    def _create_missing(self, client: Client, request: Request, error: Exception) -> bool:
        """Create missing tables or indexes if the request failed because of them. Raises NotFound for a read."""
        from .repositories import first_use  # here, because this is needed once for a file

        return first_use.create_missing(client, request, error, self.prefix, self.target.name, self.environment.sleep)

    def _difference_of_tables(self, client: Client, request: Request | None) -> NodetodoError | None:
        """Return the error message for tables that differ from their definition, or that are being created.

        Returns None if no table does, or if it cannot be read. request: if it reads an index, this index must exist.
        """
        from .repositories.indexes import Indexes
        from .repositories.tables import Tables

        sleep = self.environment.sleep
        try:
            Tables(client, self.prefix, sleep).require_usable()
            index = request.index if request else None
            table = Indexes(client, self.prefix, sleep).missing_in(index) if index else None
            if index and table:
                return IndexMissing(index, table, self.target.name)
        except NodetodoError as difference:
            return difference
        except Exception:  # such as missing permissions: then the first error is reported
            return None
        return None

    def bind(self, line: CommandLine) -> Run:
        """Return the command of a command line, bound to its arguments. Raises WrongUsage for an invalid argument."""
        from . import commands
        from .cli import values
        from .commands.context import Run

        arguments = {name: given for name, given in line.arguments.items() if name not in OPTIONS_OF_EVERY_COMMAND}
        typed = values.to_values(arguments, self.now.date(), self.environment.variables)
        context = partial(self.context, is_target_given=line.arguments["--db"] is not None)
        return Run(context, commands.find(line.command), typed)

    def context(self, client: Client, sleep: Sleep, console: Console, is_target_given: bool = False) -> Context:
        """Return the context of a command on this target."""
        from .commands.context import Context

        return Context(
            client,
            self.prefix,
            sleep,
            console,
            self.now,
            self.target,
            is_target_given,
            self.accesses,
            self.failure,
            self.environment.now,
        )

    def accesses(self, argv: list[str]) -> list[Access]:
        """Return the access patterns of a command line. It runs on a simulated client; nothing is sent."""
        from .explain.command import accesses

        key = tuple(argv)
        if key not in self._accesses:  # --explain runs `design` once for each possible response
            self._accesses[key] = accesses(self.bind(parser.read(argv)), self.prefix, self.target)
        return self._accesses[key]
