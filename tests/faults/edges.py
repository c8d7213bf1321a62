#!/usr/bin/python3
"""Clients that go away, children without a free slot, a writer that comes up last."""

import os
import pathlib
import signal
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "loadtest"))
from measure import generator  # noqa: E402
from measure.instance import NO_LIMITS, Instance, await_that  # noqa: E402
from prove import proof  # noqa: E402
from prove.gate import Gate  # noqa: E402

LEAVING_CLIENTS = 200


def raw_request(instance, body):
    return (f"POST /auth/device/code HTTP/1.1\r\nHost: 127.0.0.1:{instance.port}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()


def a_client_that_goes_away(check, options):
    """While the writer stands still, clients ask for device codes and leave."""
    with Instance(options.bin, NO_LIMITS) as instance:
        seeded = instance.seed(instance.folder / "requests", organizations=1, users=1,
                               tokens=10, pending=0)
        body = (seeded / "code_bodies.txt").read_text(encoding="ascii").splitlines()[0]
        before = set(instance.children("api"))
        writer = instance.pid_of("writer")
        os.kill(writer, signal.SIGSTOP)
        try:
            clients = []
            for _ in range(LEAVING_CLIENTS):
                client = socket.create_connection(("127.0.0.1", instance.port))
                client.sendall(raw_request(instance, body))
                clients.append(client)
            # The children hold them all once a read on each child's socket is answered again.
            for _ in range(8):
                instance.get("/healthz")
            for client in clients:
                client.close()
            reads = generator.run_load(instance, [generator.read_user(seeded)], connections=16,
                                       count=2000)
        finally:
            os.kill(writer, signal.SIGCONT)
        check.check(reads["total"]["failed"] == 0, "reads go on while the writer stands still "
                    f"({reads['total']['failures']})")
        report = generator.run_load(instance, [generator.device_code(seeded)], count=2000)
        check.check(report["total"]["failed"] == 0,
                    f"{LEAVING_CLIENTS} clients left while their write was pending: the next 2,000 "
                    f"writes are right ({report['total']['failures']})")
        check.check(set(instance.children("api")) == before, "no child died of it")


def a_child_without_a_free_slot(check, options):
    settings = {**NO_LIMITS, "connections_per_child": 8}
    with Instance(options.bin, settings) as instance:
        seeded = instance.seed(instance.folder / "requests", organizations=10, users=1,
                               tokens=100, pending=0)
        before = set(instance.children("api"))
        report = generator.run_load(instance, generator.mix(seeded), connections=200,
                                    seconds=2 if options.short else 10)
        total = report["total"]
        check.check(total["failed"] == 0,
                    f"200 clients on 4 children of 8 slots: no failure in {total['answered']:,} "
                    f"requests (longest {report['longest_ms']:.0f} ms, {total['failures']})")
        check.check(set(instance.children("api")) == before, "no child died of it")


def a_writer_that_comes_up_last(check, options):
    """Writer and children die; the children are back at once, the writer only later."""
    with Instance(options.bin, NO_LIMITS, own_binaries=True) as instance:
        seeded = instance.seed(instance.folder / "requests", organizations=1, users=1,
                               tokens=10, pending=0)
        token = (seeded / "tokens.txt").read_text(encoding="ascii").splitlines()[0]
        body = (seeded / "code_bodies.txt").read_text(encoding="ascii").splitlines()[0]
        with Gate(instance, "latchkey-writer") as gate:
            kill_writer_and_children(instance)
            authorized = {"Authorization": f"Bearer {token}"}
            status = await_that(lambda: instance.get("/api/user", authorized)[0] == 200,
                                "reads without a writer", 10)
            check.check(status, "children that started without a writer serve reads")
            status, headers, text = instance.post_json("/auth/device/code", body)
            check.check(status == 503 and "Retry-After" in headers and b"SERVICE_UNAVAILABLE" in text,
                        f"a write without a writer is 503 with Retry-After, in JSON ({status})")
            gate.open()
            await_that(lambda: instance.post_json("/auth/device/code", body)[0] == 200,
                       "writes, once the writer is up", 10)
            check.check(True, "writes work again by themselves once the writer is up")


def kill_writer_and_children(instance):
    old = instance.children("api")
    for pid in [instance.pid_of("writer")] + old:
        os.kill(pid, signal.SIGKILL)
    await_that(lambda: len(instance.children("api")) == len(old)
               and not set(old) & set(instance.children("api")), "new children")


def run(check, options):
    a_client_that_goes_away(check, options)
    a_child_without_a_free_slot(check, options)
    a_writer_that_comes_up_last(check, options)


if __name__ == "__main__":
    proof.main(__doc__, run)
