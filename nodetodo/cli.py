"""From an argument vector to an exit status: a command line is read and run, and an error becomes a sentence.

The process stays outside: environment, streams, clock and clients are handed in, and nothing here ends the process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, TextIO

from . import shipped, usage
from .errors import NodetodoError, WrongUsage

if TYPE_CHECKING:
    from datetime import datetime

    from .client import Client, Target


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
        _run(argv, world)
        world.stdout.flush()
    except BrokenPipeError:
        pass  # the reader, such as head, has seen enough
    except NodetodoError as error:
        return _fail(error, world)
    except OSError as error:  # a full disk behind standard output; what engines raise has become a NodetodoError
        return _fail(NodetodoError(f"the output cannot be written: {error.strerror}"), world)
    return 0


def _run(argv: list[str], world: World) -> None:
    line = usage.read(argv)
    if line.command == usage.HELP:
        world.stdout.write(shipped.read("cli.txt"))
    elif line.command == usage.VERSION:
        from . import __version__

        world.stdout.write(f"nodetodo {__version__}\n")
    else:
        from . import running  # here, because help and a wrong usage need none of it

        running.run(line, world)


def _fail(error: NodetodoError, world: World) -> int:
    with suppress(OSError):
        world.stdout.flush()  # what was shown until then comes first
    world.stderr.write(f"nodetodo: {error}\n")
    if isinstance(error, WrongUsage) and error.usage:
        world.stderr.write(f"\n{error.usage}\n")
    return error.status
