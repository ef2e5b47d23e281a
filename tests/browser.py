"""Debian's chromium without a window, driven over the DevTools protocol through two pipes: no port, no package."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

REQUIRED = "NODETODO_REQUIRE_CHROMIUM"
"""When this variable is set, tests fail where they would skip because chromium is missing."""

SECONDS = 60
"""After which a browser that says nothing is given up."""

OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe"),
)


class Unavailable(Exception):
    """There is no chromium."""


class Page:
    """A page that is looked at. events: whatever the browser has told of it, as (method, parameters)."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._answers = commands, answers
        self._received = b""
        self._number = 0
        self._session: str | None = None
        self.events: list[tuple[str, dict[str, Any]]] = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        message |= {"sessionId": self._session} if self._session else {}
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            told = self._next()
            if told.get("id") == self._number:
                assert "error" not in told, told
                answer: dict[str, Any] = told["result"]
                return answer

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._received:
            ready, _, _ = select.select([self._answers], [], [], SECONDS)
            more = os.read(self._answers, 1 << 20) if ready else b""
            assert more, "the browser is gone, or says nothing any more"
            self._received += more
        text, _, self._received = self._received.partition(b"\0")
        told: dict[str, Any] = json.loads(text)
        if "method" in told:
            self.events.append((told["method"], told["params"]))
        return told

    def open(self, file: Path, *, width: int = 1280, height: int = 900, scheme: str = "light") -> None:
        """Show a file, and wait until all of it is loaded."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.events.clear()
        self.ask("Page.navigate", url=file.as_uri())
        while "Page.loadEventFired" not in [method for method, _ in self.events]:
            self._next()

    def value(self, expression: str) -> Any:
        """What a JavaScript expression gives on the page."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def requests(self) -> list[str]:
        """The addresses that were asked for, the page's own among them."""
        return [told["request"]["url"] for method, told in self.events if method == "Network.requestWillBeSent"]

    def errors(self) -> list[Any]:
        """What is on the console, and whatever else the browser objects to."""
        kinds = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [told for method, told in self.events if method in kinds]

    def screenshot(self) -> bytes:
        return base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"])


@contextmanager
def browser(folder: Path) -> Iterator[Page]:
    """A browser with a new profile in that folder. Raises Unavailable."""
    program = shutil.which("chromium")
    if program is None:
        raise Unavailable("chromium is missing; on Debian: apt-get install chromium")
    commands_out, commands = os.pipe()
    answers, answers_in = os.pipe()

    def at_3_and_4() -> None:  # where --remote-debugging-pipe reads and writes
        high = [os.dup(commands_out), os.dup(answers_in)]
        while min(high) < 5:
            high = [os.dup(one) for one in high]
        os.dup2(high[0], 3)
        os.dup2(high[1], 4)

    with (folder / "chromium.log").open("w") as log:
        process = subprocess.Popen(
            [program, *OPTIONS, f"--user-data-dir={folder / 'profile'}", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=os.environ | {"HOME": str(folder)},
            preexec_fn=at_3_and_4,
            pass_fds=(3, 4),
        )
    os.close(commands_out)
    os.close(answers_in)
    try:
        page = Page(commands, answers)
        yield page
        page._session = None
        page.ask("Browser.close")
    finally:
        os.close(commands)
        os.close(answers)
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
