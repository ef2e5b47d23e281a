"""Runs interactive shells on a pseudo-terminal, and fetches those that the machine lacks.

apt-get fetches Debian's packages into a cache folder outside the repository. This needs no root account.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import shutil
import subprocess
import tempfile
import termios
import time
from pathlib import Path

from .tools import Unavailable

PACKAGES = {
    "bash-completion": ("bash-completion",),
    "zsh": ("zsh", "zsh-common"),
    "fish": ("fish", "fish-common", "libpcre2-32-0"),
}
"""The packages of each program, without the libraries that every Debian system has."""

TIMEOUT_SECONDS = 60
"""Longest wait for a text on the terminal."""

LINES, COLUMNS = 50, 120


class Terminal:
    """A program on a pseudo-terminal."""

    def __init__(self, argv: list[str], environment: dict[str, str], folder: Path) -> None:
        self._end, other_end = pty.openpty()
        termios.tcsetwinsize(other_end, (LINES, COLUMNS))
        self._output = b""
        self._process = subprocess.Popen(
            argv,
            stdin=other_end,
            stdout=other_end,
            stderr=other_end,
            cwd=folder,
            env=environment,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # job control needs a controlling terminal
        )
        os.close(other_end)

    def close(self) -> None:
        """Kill the program."""
        self._process.kill()
        self._process.wait()
        os.close(self._end)

    def type(self, keys: str) -> None:
        """Type keys, and forget the output before them."""
        self._output = b""
        os.write(self._end, keys.encode())

    def wait_for(self, *texts: str) -> str:
        """Wait until all texts are in the output since the last keys. Returns this output."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while True:
            output = self._output.decode(errors="replace")
            if all(text in output for text in texts):
                return output
            ready, _, _ = select.select([self._end], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"{texts} did not appear on the terminal: {output!r}"
            self._output += os.read(self._end, 1 << 16)


def root_of(program: str) -> Path:
    """Return the folder under which the files of a program are, after fetching its packages if necessary.

    Raises Unavailable if they cannot be fetched.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nodetodo"
    folder = cache / program
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        # Fetched into another folder and then renamed, so that an interrupted or a parallel download does no harm.
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            fetched = Path(scratch, "root")
            _fetch(PACKAGES[program], Path(scratch), fetched)
            with contextlib.suppress(OSError):  # another run was first
                fetched.rename(folder)
    return folder


def _fetch(packages: tuple[str, ...], scratch: Path, root: Path) -> None:
    for tool in ("apt-get", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise Unavailable(f"{packages[0]} is missing, and {tool}, which fetches it, too")
    try:
        _run(scratch, "apt-get", "download", *packages)
    except Unavailable:  # the machine may have no package lists
        state = [f"-oDir::State={scratch}/state", f"-oDir::Cache={scratch}/cache", "-oDir::State::status=/dev/null"]
        for needed in ("state/lists/partial", "cache/archives/partial"):
            (scratch / needed).mkdir(parents=True)
        _run(scratch, "apt-get", *state, "update")
        _run(scratch, "apt-get", *state, "download", *packages)
    for package in scratch.glob("*.deb"):
        _run(scratch, "dpkg-deb", "--extract", str(package), str(root))
    # fish looks for both folders beside that of its program.
    (root / "usr" / "etc").symlink_to("../etc")


def _run(folder: Path, *argv: str) -> None:
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"{argv[0]} failed: {done.stderr.strip()[-500:]}")


def command(shell: str, home: Path, script: str, environment: dict[str, str]) -> list[str]:
    """Return the command that starts an interactive shell, after installing a completion script as README describes.

    environment: the variables of the shell, to which this function adds. Raises Unavailable.
    """
    settings, lines = {
        "bash": (
            ".bashrc",
            ["PS1='ready> '", f"source {root_of('bash-completion')}/usr/share/bash-completion/bash_completion"],
        ),
        "zsh": (".zshrc", ["PS1='ready> '", "fpath+=~/.zfunc", "autoload -Uz compinit", "compinit -u"]),
        "fish": (".config/fish/config.fish", ["function fish_prompt", "echo -n 'ready> '", "end", "set fish_greeting"]),
    }[shell]
    installed = {
        "bash": ".local/share/bash-completion/completions/nodetodo",
        "zsh": ".zfunc/_nodetodo",
        "fish": ".config/fish/completions/nodetodo.fish",
    }[shell]
    if shell == "fish":  # otherwise it reads all manual pages at its first start in this home folder
        (home / ".local/share/fish/generated_completions").mkdir(parents=True)
    program = shutil.which(shell)
    if program is None:
        root = root_of(shell)
        program = str(next(root.glob(f"**/bin/{shell}")))
        libraries = {path.parent for path in root.glob("usr/lib/**/*.so.*")}
        environment["LD_LIBRARY_PATH"] = ":".join(map(str, libraries))
        if shell == "zsh":
            modules = next(root.glob("usr/lib/**/zsh/zle.so")).parent.parent
            # zsh ignores these settings in the environment.
            (home / ".zshenv").write_text(f"module_path=({modules})\nfpath=({root}/usr/share/zsh/functions/**/*(/))\n")
    for name, text in ((settings, "\n".join([*lines, ""])), (installed, script)):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    return [program, "-i"]
