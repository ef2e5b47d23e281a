"""From an argument vector to an exit status: a command line is read and run, and an error becomes a sentence.

The process stays outside: environment, streams, clock and clients are handed in, and nothing here ends the process.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from . import shipped, usage
from .errors import NodetodoError, WrongUsage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from typing import TextIO

    from .client import Client, Target


class World:
    """What surrounds the program. now: an aware time in the user's zone; connect: None for the target's own engine."""

    def __init__(
        self,
        env: Mapping[str, str],
        stdin: TextIO,
        stdout: TextIO,
        stderr: TextIO,
        now: Callable[[], datetime],
        sleep: Callable[[float], None],
        connect: Callable[[Target, Mapping[str, str]], Client] | None = None,
    ) -> None:
        self.env, self.stdin, self.stdout, self.stderr = env, stdin, stdout, stderr
        self.now, self.sleep, self.connect = now, sleep, connect


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
    with suppress(OSError):  # with nobody to tell, the status still tells
        world.stderr.write(f"nodetodo: {_printable(str(error))}\n")
        if isinstance(error, WrongUsage) and error.usage:
            world.stderr.write(f"\n{error.usage}\n")
        world.stderr.flush()
    return error.status


def _printable(sentence: str) -> str:
    if sentence.isprintable():
        return sentence
    from .render import printable  # here, because nearly every sentence is

    return printable(sentence)
