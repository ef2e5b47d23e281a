"""Controls a headless chromium through the DevTools protocol, over two pipes: no network port and no package."""

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

from .tools import Unavailable

TIMEOUT_SECONDS = 60
"""Longest wait for a message of the browser, and for its exit."""

OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe"),
)


class Page:
    """A page in the browser. events: (method, parameters) of all events since the page was opened."""

    def __init__(self, commands: int, responses: int) -> None:
        self._commands, self._responses = commands, responses
        self._received = b""
        self._number = 0
        self._session: str | None = None
        self.events: list[tuple[str, dict[str, Any]]] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        message |= {"sessionId": self._session} if self._session else {}
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            response = self._receive()
            if response.get("id") == self._number:
                assert "error" not in response, response
                result: dict[str, Any] = response["result"]
                return result

    def _receive(self) -> dict[str, Any]:
        """Return the next message, which is a response or an event."""
        while b"\0" not in self._received:
            ready, _, _ = select.select([self._responses], [], [], TIMEOUT_SECONDS)
            more = os.read(self._responses, 1 << 20) if ready else b""
            assert more, "the browser has exited or does not respond"
            self._received += more
        text, _, self._received = self._received.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        if "method" in message:
            self.events.append((message["method"], message["params"]))
        return message

    def open(self, file: Path, *, width: int = 1280, height: int = 900, scheme: str = "light") -> None:
        """Open a file and wait until it is loaded. width, height: in pixels. scheme: light or dark."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.events.clear()
        self.send("Page.navigate", url=file.as_uri())
        while "Page.loadEventFired" not in [method for method, _ in self.events]:
            self._receive()

    def value(self, expression: str) -> Any:
        """Return the value of a JavaScript expression on the page."""
        response = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in response, response
        return response["result"].get("value")

    def requests(self) -> list[str]:
        """Return the addresses of all requests, including that of the page."""
        return [
            parameters["request"]["url"] for method, parameters in self.events if method == "Network.requestWillBeSent"
        ]

    def errors(self) -> list[Any]:
        """Return console messages, exceptions and log entries."""
        kinds = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [parameters for method, parameters in self.events if method in kinds]

    def screenshot(self) -> bytes:
        """Return the visible part of the page as PNG."""
        return base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"])


@contextmanager
def browser(folder: Path) -> Iterator[Page]:
    """Start a browser with a new profile in a folder. Raises Unavailable if chromium is missing."""
    program = shutil.which("chromium")
    if program is None:
        raise Unavailable("chromium is missing; on Debian: apt-get install chromium")
    commands_out, commands = os.pipe()
    responses, responses_in = os.pipe()

    def at_3_and_4() -> None:  # where --remote-debugging-pipe reads and writes
        high = [os.dup(commands_out), os.dup(responses_in)]
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
    os.close(responses_in)
    try:
        page = Page(commands, responses)
        yield page
        page._session = None
        page.send("Browser.close")
    finally:
        os.close(commands)
        os.close(responses)
        try:
            process.wait(TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
