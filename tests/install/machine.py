"""A Debian machine with systemd as its init, in a container without a network: systemd-nspawn on a root made by
debootstrap. Needs root. Nothing of it outlives the `with` block but the cached tarball of its root."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import zlib
from pathlib import Path

# What the package depends on, beside what the script itself uses; the machine has no network to get it from.
PACKAGES = {
    "bookworm": ["libargon2-1", "libcurl4", "libfcgi0ldbl", "libfmt9", "libqrencode4", "libsqlite3-0", "libssl3"],
    "trixie": ["libargon2-1", "libcurl4t64", "libfcgi0t64", "libfmt10", "libqrencode4", "libsqlite3-0", "libssl3t64"],
}
COMMON = ["systemd", "systemd-sysv", "dbus", "nginx", "openssl", "logrotate", "procps", "curl", "python3",
          "ca-certificates", "iproute2", "strace"]
START_LIMIT_S = 60


class Failed(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Failed(what)


def missing_here():
    """Why no machine can be made here; empty where one can."""
    if os.geteuid() != 0:
        return "only root can start a machine"
    for program, package in (("systemd-nspawn", "systemd-container"), ("debootstrap", "debootstrap")):
        if shutil.which(program) is None:
            return f"no {program} here (Debian: {package})"
    return ""


def make_root(suite, cache):
    """The tarball of a fresh root; made once for these packages."""
    packages = ",".join(COMMON + PACKAGES[suite])
    tarball = Path(cache) / f"{suite}-{zlib.crc32(packages.encode()):08x}.tar"
    if tarball.exists():
        return tarball
    tarball.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=f"{suite}-") as folder:
        root = Path(folder) / "root"
        subprocess.run(["debootstrap", "--variant=minbase", "--include=" + packages,
                        suite, str(root)], check=True, stdout=subprocess.DEVNULL)
        shutil.rmtree(root / "var/cache/apt", ignore_errors=True)
        draft = tarball.with_suffix(".new")
        subprocess.run(["tar", "--create", "--numeric-owner", "--xattrs", "--file", str(draft), "-C", str(root), "."],
                       check=True)
        draft.rename(tarball)
    return tarball


class Machine:
    """Boots when entered. `tarball`: make_root."""

    def __init__(self, tarball, folder):
        self.folder = Path(tempfile.mkdtemp(dir=folder, prefix="machine-"))
        self.root = self.folder / "root"
        self.root.mkdir()
        subprocess.run(["tar", "--extract", "--numeric-owner", "--xattrs", "--file", str(tarball), "-C",
                        str(self.root)], check=True)
        self.nspawn = None
        self.init = 0

    def __enter__(self):
        try:
            self.boot()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.power_off()
        shutil.rmtree(self.folder)

    def boot(self):
        words = ["systemd-nspawn", "--directory", str(self.root), "--boot", "--private-network", "--register=no",
                 "--keep-unit", "--console=pipe", "--hostname=latchkey", f"--machine=latchkey-{os.getpid()}"]
        environment = {**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}
        with (self.folder / "console.log").open("w") as console:
            self.nspawn = subprocess.Popen(words, env=environment, stdin=subprocess.DEVNULL, stdout=console,
                                           stderr=subprocess.STDOUT)
        # Looked for anew each time: the first child of nspawn makes the namespaces, and is gone when init is there.
        self.await_that(lambda: self._find_init() and self.run("systemctl is-system-running", check=False).stdout.strip()
                        in ("running", "degraded"), "systemd has started everything")

    def _find_init(self):
        if self.nspawn.poll() is not None:
            raise Failed("systemd-nspawn ended: " + (self.folder / "console.log").read_text())
        text = Path(f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children").read_text("ascii")
        self.init = int(text.split()[0]) if text.split() else 0
        return self.init

    def power_off(self):
        if self.nspawn is None or self.nspawn.poll() is not None:
            return
        if self.init:
            os.kill(self.init, signal.SIGRTMIN + 4)  # systemd(1): power off
        try:
            self.nspawn.wait(START_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.nspawn.kill()
            self.nspawn.wait()

    def run(self, command, check=True, limit_s=120):
        """A shell command as root in the machine; the finished process."""
        done = subprocess.run(["nsenter", "--target", str(self.init), "--all", "env", "-i", "HOME=/root",
                               "LANG=C.UTF-8", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                               "sh", "-c", "cd /root; " + command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=limit_s, check=False)
        if check and done.returncode != 0:
            raise Failed(f"{command}\n{done.stdout}{done.stderr}")
        return done

    def start(self, command):
        """A shell command in the background; a process of ours."""
        return subprocess.Popen(["nsenter", "--target", str(self.init), "--all", "sh", "-c", "cd /root; " + command],
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    @staticmethod
    def await_that(condition, what, limit_s=START_LIMIT_S):
        deadline = time.monotonic() + limit_s
        while not condition():
            if time.monotonic() > deadline:
                raise Failed(f"not within {limit_s} s: {what}")
            time.sleep(0.1)
