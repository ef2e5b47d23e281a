"""The command serve."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from typing import TYPE_CHECKING, Any

from .. import embedded
from ..errors import DatabaseUnavailable, WrongUsage
from .endpoint import Endpoint
from .http import Server

if TYPE_CHECKING:
    from typing import TextIO

    from ..commands.context import Context
    from ..output.terminal import Output
    from .request_log import RequestLog

PORT = 8000
"""botocore resolves the region `local` to http://localhost:8000."""

HOST = "127.0.0.1"
LOCAL_NAMES = ("localhost", "host.docker.internal")
"""The names by which programs on this machine address the server. Docker defines the second one for containers."""

DRAIN_SECONDS = 10.0
"""How long the end of the server waits for requests in progress."""

BACKLOG = 128


def serve(context: Context, port: int | None, host: str | None, in_memory: bool, quiet: bool) -> Serving:
    """Serve the local file, or a new database in memory, as a DynamoDB endpoint."""
    if not in_memory and not context.target.is_local:
        raise WrongUsage(
            f"serve serves the local file, and --db is {context.target.name}; pass --db=local or --db=local:<file>"
        )
    return Serving(context, PORT if port is None else port, host or HOST, in_memory, quiet)


class Serving:
    """Serves until Ctrl-C or SIGTERM."""

    def __init__(self, context: Context, port: int, host: str, in_memory: bool, quiet: bool) -> None:
        self._context, self._port, self._host = context, port, host
        self._in_memory, self._quiet = in_memory, quiet

    def show(self, output: Output) -> None:
        """Write the URL of the endpoint, serve, and write the summary to standard error."""
        clients = self._clients()
        try:
            listener = listen(self._host, self._port)
            try:
                self._serve(listener, clients, output)
            finally:
                listener.close()
        finally:
            for client in clients:
                client.close()

    def _clients(self) -> list[Any]:
        """Return the client for writes and the one for reads, so that reads need not wait for a write.

        A database in memory has one client.
        """
        if self._in_memory:
            return [embedded.connect(":memory:")]
        return [self._context.open_client() for _ in range(2)]

    def _serve(self, listener: socket.socket, clients: list[Any], output: Output) -> None:
        from ..embedded.storage.item_texts import item_text
        from .request_log import RequestLog

        address = listener.getsockname()[0]
        is_loopback = address == "::1" or address.startswith("127.")
        names = frozenset({*LOCAL_NAMES, self._host.lower()}) if is_loopback else None
        log = RequestLog(clients[-1], output.errors, self._context.clock, is_json=output.json, is_quiet=self._quiet)
        for client in clients:
            client.address = self._address(listener)
            client.decode_whole = item_text
        endpoint = Endpoint(clients[0], clients[-1], names, log)
        server = Server(listener, endpoint.answer, endpoint.refuse)
        if not is_loopback:
            output.errors.write(
                f"warning: every computer that reaches {self._host} can read and change the database; "
                "no key is checked\n"
            )
        previous = _on_sigterm(_interrupt)  # before the first line, because a script may stop the server at once
        try:
            self._announce(listener, output)
            server.run()
        except KeyboardInterrupt:
            output.end_line_of_ctrl_c()
        finally:
            server.stop(DRAIN_SECONDS)
            _on_sigterm(previous)
        _write_summary(log, clients[-1], output)

    def _address(self, listener: socket.socket) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{host}:{listener.getsockname()[1]}"

    def _announce(self, listener: socket.socket, output: Output) -> None:
        """Write the URL to standard output at once, because scripts wait for it."""
        url = f"http://{self._address(listener)}"
        database = ":memory:" if self._in_memory else self._context.target.name
        if output.json:
            output.line(json.dumps({"endpoint": url, "database": database}))
        else:
            what = "a database in memory" if self._in_memory else database
            output.line(f"DynamoDB endpoint {url} serves {what}; Ctrl-C stops it")
        output.stream.flush()


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on an address. Raises NodetodoError if it cannot be used."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, *_, address = found[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except (socket.gaierror, UnicodeError):
        raise WrongUsage(f"--host is {host!r}, which is not an address or name of this machine") from None
    except OSError as error:
        import errno

        if error.errno == errno.EADDRINUSE:
            reason = f"port {port} of {host} is in use; choose another one with --port"
        elif error.errno == errno.EADDRNOTAVAIL:
            raise WrongUsage(f"--host is {host!r}, which is not an address of this machine") from None
        else:
            reason = f"port {port} of {host} cannot be opened: {os.strerror(error.errno or 0)}"
            if error.errno == errno.EACCES:
                reason += "; choose a port above 1023 with --port"
        raise DatabaseUnavailable(reason) from error


def _on_sigterm(handler: Any) -> Any:
    """Set the handler of SIGTERM and return the previous one. Only the main thread can."""
    if threading.current_thread() is threading.main_thread():
        return signal.signal(signal.SIGTERM, handler)
    return None


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _write_summary(log: RequestLog, client: Any, output: Output) -> None:
    from ..explain import requests
    from . import summary

    def describe(name: str) -> requests.Table:
        return requests.described(client.describe_table(TableName=name)["Table"])

    errors: TextIO = output.errors
    if output.json:
        errors.write(json.dumps({"summary": summary.as_json(log.totals, describe)}) + "\n")
        return
    for line in summary.lines(log.totals, describe):
        errors.write(line + "\n")
