"""Driving latchkey-load, and the requests that the measurements send."""

import json
import signal
import subprocess

from .instance import Failed

PENDING = "authorization_pending"


def read_subscription(seeded, weight=1):
    return (f"name=subscription weight={weight} path=/api/subscription "
            f"tokens={seeded}/tokens.txt contains=\"plan\":\"pro\"")


def read_user(seeded, weight=1):
    return (f"name=user weight={weight} path=/api/user "
            f"tokens={seeded}/tokens.txt contains=.example\"")


def device_code(seeded, weight=1, save=None):
    spec = (f"name=code weight={weight} method=POST path=/auth/device/code "
            f"type=application/json bodies={seeded}/code_bodies.txt contains=\"device_code\":")
    return spec + (f" save=device_code:{save}" if save else "")


def pending_poll(bodies, weight=1):
    return (f"name=poll weight={weight} method=POST path=/auth/token "
            f"type=application/x-www-form-urlencoded bodies={bodies} status=400 "
            f"contains={PENDING}")


def _once(name, bodies, member):
    return (f"name={name} method=POST path=/oauth/token type=application/x-www-form-urlencoded "
            f"bodies={bodies} once=yes contains=\"{member}\":")


def redeem(seeded):
    return _once("redeem", f"{seeded}/redeem_bodies.txt", "access_token")


def refresh(seeded):
    return _once("refresh", f"{seeded}/refresh_bodies.txt", "refresh_token")


def mix(seeded):
    return [read_subscription(seeded, 70), device_code(seeded, 20), read_user(seeded, 10)]


def ceiling(name):
    return f"name={name} path=/bench/{name} contains=true"


class Load:
    """A running latchkey-load; use as a context manager, behind which none runs. finish() ends it early and gives its
    report."""

    def __init__(self, instance, specs, connections=64, seconds=None, count=None, threads=1,
                 warmup=1.0, rate=None, timeout=20, check_every=64, second_log=None, sends_again=False):
        arguments = [instance.bin / "latchkey-load", "-c", str(connections), "-t", str(threads),
                     "-w", str(warmup), "-T", str(timeout), "-e", str(check_every)]
        if count is not None:
            arguments += ["-n", str(count)]
        elif seconds is not None:
            arguments += ["-d", str(seconds)]
        if rate is not None:
            arguments += ["-r", str(rate)]
        if sends_again:
            arguments += ["-a", "1"]
        if second_log is not None:
            arguments += ["-s", str(second_log)]
        arguments += [f"127.0.0.1:{instance.port}"] + specs
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.running():
            self.process.kill()
            self.process.communicate()

    def running(self):
        return self.process.poll() is None

    def report(self):
        out, err = self.process.communicate()
        if self.process.returncode != 0:
            raise Failed(err.strip())
        return json.loads(out)

    def finish(self):
        self.process.send_signal(signal.SIGINT)
        return self.report()


def run_load(instance, specs, **options):
    with Load(instance, specs, **options) as load:
        return load.report()
