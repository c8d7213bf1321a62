"""Latchkey installed into a folder of a test's own, and certificates of a CA of its own."""

import os
import subprocess
from pathlib import Path

BIN = Path(os.environ.get("LATCHKEY_BIN", Path(__file__).parents[2] / "build/release/bin"))
SYSTEMD = Path(__file__).parents[2] / "systemd"
# In the sandbox that all share.
SERVICES = [path.name.removesuffix(".service.in") for path in sorted(SYSTEMD.glob("*.service.in"))
            if "@SANDBOX@" in path.read_text(encoding="utf-8")]


def run(*words, **options):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=60, check=False,
                          **options)


def checked(*words, **options):
    done = run(*words, **options)
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout


def install(prefix, destination=""):
    """As `make install PREFIX=prefix DESTDIR=destination` of the build under test; its output."""
    return checked("cmake", "--install", BIN.parent, "--prefix", prefix,
                   env={**os.environ, "DESTDIR": str(destination)})


def make_certificate(folder, *hosts):
    """ca.pem, and cert.pem with key.pem for these hosts, signed by it."""
    checked("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
            "-subj", "/CN=Test CA", "-keyout", folder / "ca.key", "-out", folder / "ca.pem")
    checked("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", f"/CN={hosts[0]}", "-keyout", folder / "key.pem", "-out", folder / "cert.csr")
    (folder / "names").write_text("subjectAltName=" + ",".join(f"DNS:{host}" for host in hosts))
    checked("openssl", "x509", "-req", "-in", folder / "cert.csr", "-CA", folder / "ca.pem",
            "-CAkey", folder / "ca.key", "-days", "1", "-extfile", folder / "names", "-out", folder / "cert.pem")
