"""A port for a server that a test or a measurement starts."""

import pathlib
import random
import socket

SPAN = 12_000
_given = set()  # one that is not listened on yet may be asked for again


def free_port():
    """A port nobody listens on, below those that the kernel gives to outgoing connections: one of these could
    take it while the server is not up yet, or is being restarted."""
    text = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii")
    end = int(text.split()[0])
    for _ in range(1000):
        port = random.randrange(max(end - SPAN, 1024), end)
        if port in _given:
            continue
        with socket.socket() as probe:
            # As nginx binds: the ends of former connections do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            _given.add(port)
            return port
    raise RuntimeError("no free port found")
