#!/usr/bin/python3
"""More than the server can do: too many clients, newcomers among them, one noisy organization, slow clients.

Too many: three times the rate that it carries, over as many connections as the descriptor limit allows. What it does not
take is 503 in JSON with Retry-After; redemptions and refreshes go on; a second after the end it is at full speed.
Newcomers: while thousands of connections are as busy as can be, new ones wait no longer than they. Noisy: one
organization asks for all it can, another now and then, and is served. Slow: clients that send and read a byte at a time
pin nothing."""

import contextlib
import json
import pathlib
import re
import resource
import socket
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "loadtest"))
from measure import generator  # noqa: E402
from measure.instance import NO_LIMITS, Failed, Instance, await_that  # noqa: E402
from measure.writer_page import read_page  # noqa: E402
from prove import proof  # noqa: E402

SPARE_DESCRIPTORS = 300
MOST_CONNECTIONS = 20_000
BREAKS = {
    "no-limit": "what is too much is refused",
    "no-reserve": "go on while the rest is refused",
    "one-by-one": "newcomers are served",
    "noise-of-many": "the quiet organization is served",
    "no-places": "slow clients pin nothing",
}


# ---- too many ----

def rate_that_it_carries(instance, specs, seconds):
    return generator.run_load(instance, specs, seconds=seconds, warmup=0.3)["total"]["requests_per_s"]


class Watcher:
    """Asks for codes over new connections again and again and keeps what refusals look like; some at a time, for each
    waits as long as everybody."""

    ASKERS = 8

    def __init__(self, instance, body):
        self._instance, self._body = instance, body
        self._judged, self.wrong = [], []
        self.stopping = threading.Event()
        self._askers = [threading.Thread(target=self._ask, daemon=True) for _ in range(self.ASKERS)]

    @property
    def refusals(self):
        return len(self._judged)

    def start(self):
        for asker in self._askers:
            asker.start()

    def join(self):
        for asker in self._askers:
            asker.join()

    def _ask(self):
        while not self.stopping.is_set():
            try:
                status, headers, body = self._instance.post_json("/auth/device/code", self._body)
            except OSError as error:
                self.wrong.append(error)
                return
            if status == 503:
                self._judge(headers, body)
                self._judged.append(status)
            time.sleep(0.005)

    def _judge(self, headers, body):
        try:
            answer = json.loads(body)
        except ValueError:
            answer = {}
        if not (headers.get("Retry-After") and answer.get("error_code") == "SERVICE_UNAVAILABLE"
                and headers.get("Content-Type", "").startswith("application/json")):
            self.wrong.append((dict(headers), body[:100]))


@contextlib.contextmanager
def watching(instance, body):
    watcher = Watcher(instance, body)
    watcher.start()
    try:
        yield watcher
    finally:
        watcher.stopping.set()
        watcher.join()


def loosen(instance, broken):
    """Takes the limits out of nginx's configuration, or what they keep for tokens."""
    path = instance.run / "nginx/limits.conf"
    text = path.read_text("utf-8")
    if broken == "no-limit":
        text = re.sub(r"^limit_conn latchkey_(shed_first|clients) .*$", "", text, flags=re.M)
    else:
        most = re.search(r"^limit_conn latchkey_shed_first (\d+);", text, re.M).group(1)
        text = re.sub(r"^limit_conn latchkey_clients \d+;", f"limit_conn latchkey_clients {most};", text, flags=re.M)
    path.write_text(text, "utf-8")
    instance.reload_nginx()


def descriptors():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(hard - SPARE_DESCRIPTORS, MOST_CONNECTIONS)


def too_many(check, options):
    seconds = 3 if options.short else 30
    settings = {**NO_LIMITS, **({"max_clients": 200} if options.short else {})}
    connections = 1500 if options.short else descriptors()
    tokens = 40 * seconds  # a second, each of redemptions and refreshes
    with Instance(options.bin, settings) as instance:
        seeded = instance.seed(instance.folder / "requests", organizations=100, users=5, tokens=1000, pending=0,
                               approved=tokens * 2, refresh=tokens * 2)
        flood = [generator.device_code(seeded, 50), generator.read_user(seeded, 50)]
        carried = rate_that_it_carries(instance, flood, seconds / 3)
        if options.broken in ("no-limit", "no-reserve"):
            loosen(instance, options.broken)
        body = (seeded / "code_bodies.txt").read_text("ascii").splitlines()[0]
        with (watching(instance, body) as watcher,
              generator.Load(instance, flood, connections=connections, seconds=3600, warmup=0,
                             rate=3 * carried) as load):
            await_that(lambda: watcher.refusals or not load.running() or options.broken == "no-limit",
                       "a refusal", 30, 0.1)
            alive = generator.run_load(instance, [generator.redeem(seeded), generator.refresh(seeded)],
                                       connections=8, seconds=seconds, warmup=0, rate=40)
            report = load.finish()
        time.sleep(1)
        after = generator.run_load(instance, flood, seconds=seconds / 3, warmup=0)
    judge_flood(check, report, watcher, f"{3 * carried:,.0f} requests/s over {connections:,} connections")
    total = alive["total"]
    check.check(total["failed"] == 0 and total["answered"] >= 2 * seconds,
                f"redemptions and refreshes go on while the rest is refused ({total['answered']:,} answered over 8 "
                f"connections in {seconds} s, {total['failures']})")
    total = after["total"]
    # Where other tests run beside it, the rate says little.
    least = 0.3 if options.short else 0.8
    check.check(total["failed"] == 0 and total["requests_per_s"] >= least * carried,
                f"a second after the end it is at full speed ({total['requests_per_s']:,.0f} requests/s of "
                f"{carried:,.0f} before, {total['failures']})")


def judge_flood(check, report, watcher, what):
    failures = report["total"]["failures"]
    refused = failures.get("503", 0)
    check.check(refused > 0 and watcher.refusals > 0,
                f"{what}: what is too much is refused ({refused:,} of {report['total']['answered'] + refused:,})")
    others = {name: count for name, count in failures.items() if name not in ("503", "status")}
    check.check(not others, f"{what}: by 503 alone, nothing hangs or breaks ({others}; the last was "
                f"answered {report['longest_ms']:.0f} ms after it was due)")
    check.check(watcher.refusals and not watcher.wrong,
                f"{what}: in JSON with Retry-After ({watcher.refusals} looked at, {watcher.wrong[:1]})")


# ---- newcomers ----

def newcomers(check, options):
    busy, new = (2000, 100) if options.short else (descriptors() // 2, 200)
    with Instance(options.bin, NO_LIMITS) as instance:
        seeded = instance.seed(instance.folder / "requests", organizations=100, users=5, tokens=1000, pending=0)
        if options.broken == "one-by-one":
            path = instance.run / "nginx/latchkey.conf"
            path.write_text(path.read_text("utf-8").replace("multi_accept on;", ""), "utf-8")
            instance.reload_nginx()
        seeding = read_page(instance)["records"]
        with generator.Load(instance, generator.mix(seeded), connections=busy, seconds=3600, warmup=0) as load:
            await_that(lambda: read_page(instance)["records"] > seeding + busy, "the load")
            arrived = generator.run_load(instance, [generator.read_user(seeded)], connections=new, count=new, timeout=60)
            before = load.finish()
    most = 3 * before["total"]["p99_ms"] + 500
    check.check(before["total"]["failed"] == 0 and arrived["total"]["failed"] == 0 and arrived["longest_ms"] < most,
                f"{new} newcomers are served while {busy:,} connections are busy: they wait at most "
                f"{arrived['longest_ms']:.0f} ms (p99 of the busy ones {before['total']['p99_ms']:.0f} ms)")


# ---- one is noisy ----

def noisy(check, options):
    """Few places for writes, so that a flood takes them all."""
    seconds = 3 if options.short else 20
    settings = {**NO_LIMITS, "pending_writes_per_child": 64}
    with Instance(options.bin, settings) as instance:
        many = 50 if options.broken == "noise-of-many" else 1
        noise = instance.seed(instance.folder / "noise", prefix="noise", organizations=many, users=0, tokens=0,
                              pending=0)
        quiet = instance.seed(instance.folder / "quiet", prefix="quiet", organizations=1, users=0, tokens=0,
                              pending=0)
        with generator.Load(instance, [generator.device_code(noise)], connections=1000, seconds=3600, warmup=0) as load:
            await_that(lambda: read_page(instance)["records"] > 500, "the noise")
            report = generator.run_load(instance, [generator.device_code(quiet)], connections=4, rate=50,
                                        seconds=seconds, warmup=0)
            noise_report = load.finish()
    total = report["total"]
    check.note(f"noise: {noise_report['total']['requests_per_s']:,.0f} codes/s, {noise_report['total']['failures']}")
    check.check(noise_report["total"]["failures"].get("503", 0) > 0, "the noisy organization is refused what is too much")
    check.check(total["failed"] == 0 and total["p99_ms"] < 1000,
                f"the quiet organization is served ({total['answered']:,} codes, p99 {total['p99_ms']:.0f} ms, "
                f"{total['failures']})")


# ---- slow clients ----

class SlowClients:
    """Connections that send their requests, or read their answers, a byte at a time, as slowhttptest does."""

    def __init__(self, instance, count):
        head = f"Host: 127.0.0.1:{instance.port}\r\n"
        post = f"POST /auth/device/code HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: 400\r\n\r\n"
        get = f"GET /assets/latchkey.css HTTP/1.1\r\n{head}\r\n"
        self._address = ("127.0.0.1", instance.port)
        self._sockets = []
        self._stopping = threading.Event()
        for i in range(count):
            kind = i % 3
            # A header without an end; a body that never ends; many answers that nobody reads.
            first = [f"GET /api/user HTTP/1.1\r\n{head}X-Slow: ", post, get * 50][kind]
            self._sockets.append((kind, self._open(first.encode(), small=kind == 2)))
        self._thread = threading.Thread(target=self._drip, daemon=True)

    def _open(self, first, small):
        client = socket.socket()
        if small:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.settimeout(5)
        client.connect(self._address)
        client.sendall(first)
        client.setblocking(False)
        return client

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        self._thread.join()
        for _, client in self._sockets:
            client.close()

    def _drip(self):
        while not self._stopping.wait(0.5):
            for kind, client in self._sockets:
                with contextlib.suppress(OSError):
                    client.recv(1) if kind == 2 else client.send(b"a")


def slow_clients(check, options):
    count = 300 if options.short else 3000
    if not options.short:
        descriptors()
    settings = {**NO_LIMITS, **({"max_clients": 64} if options.broken == "no-places" else {})}
    with Instance(options.bin, settings) as instance:
        seeded = instance.seed(instance.folder / "requests", organizations=10, users=5, tokens=100, pending=0)
        specs = [generator.device_code(seeded, 50), generator.read_user(seeded, 50)]
        with SlowClients(instance, count):
            report = generator.run_load(instance, specs, connections=32, seconds=2 if options.short else 20)
    total = report["total"]
    check.check(total["failed"] == 0 and total["p99_ms"] < 1000,
                f"{count} slow clients pin nothing: others have {total['requests_per_s']:,.0f} requests/s, p99 "
                f"{total['p99_ms']:.0f} ms ({total['failures']})")


def run(check, options):
    parts = {"no-limit": [too_many], "no-reserve": [too_many], "one-by-one": [newcomers], "noise-of-many": [noisy],
             "no-places": [slow_clients]}.get(options.broken, [too_many, newcomers, noisy, slow_clients])
    for part in parts:
        try:
            part(check, options)
        except Failed as failure:
            check.check(False, f"{part.__name__}: {failure}")


if __name__ == "__main__":
    proof.main(__doc__, run, breaks=BREAKS)
