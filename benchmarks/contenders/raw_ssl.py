"""The least that a blocking ``ssl`` socket costs: ready-made bytes out, a whole reply in."""

from __future__ import annotations

import socket
import ssl

from task import HEAD_END, asked, blocking, body_length

_READ_BYTES = 16 * 1024


def main() -> None:
    """One connection, one call after another."""
    task, _ = asked()
    request = task.request
    context = ssl.create_default_context(cafile=str(task.folder / "ca.pem"))
    context.load_cert_chain(task.folder / "cert.pem", task.folder / "key.pem")
    plain = socket.create_connection((task.host, task.port))
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with context.wrap_socket(plain, server_hostname=task.host) as connection:

        def call() -> None:
            connection.sendall(request)
            received = connection.recv(_READ_BYTES)
            while (end := received.find(HEAD_END)) < 0:
                received += connection.recv(_READ_BYTES)
            whole = end + len(HEAD_END) + body_length(received)
            while len(received) < whole:
                received += connection.recv(_READ_BYTES)

        blocking(task, call)


if __name__ == "__main__":
    main()
