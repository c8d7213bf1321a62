"""What the package does when it is configured: debian/postinst with stand-ins for systemd's programs."""

import os
import subprocess
from pathlib import Path

import pytest

POSTINST = Path(__file__).parents[2] / "debian/postinst"
PROGRAMS = ("systemctl", "deb-systemd-invoke", "systemd-sysusers", "systemd-tmpfiles", "systemd-sysctl", "nginx")
STAND_IN = """#!/bin/sh
echo "${0##*/} $*" >> "$CALLS"
case "${0##*/} $*" in *is-active*) case " $ACTIVE " in *" ${3} "*) exit 0 ;; *) exit 3 ;; esac ;; esac
"""
ALL = ("latchkey.target", "latchkey-api.service", "latchkey-login.service")


@pytest.fixture(name="configure")
def configure_fixture(tmp_path):
    """The calls of `postinst configure VERSION`, in their order, where these units are active."""
    for name in PROGRAMS:
        (tmp_path / name).write_text(STAND_IN)
        (tmp_path / name).chmod(0o755)
    text = POSTINST.read_text()
    for path, instead in (("/run/systemd/system", tmp_path), ("/lib/systemd/systemd-sysctl", "systemd-sysctl")):
        assert path in text
        text = text.replace(path, str(instead))
    script = tmp_path / "postinst"
    script.write_text(text)

    def configure(version, active):
        calls = tmp_path / "calls"
        environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CALLS": str(calls), "ACTIVE": " ".join(active)}
        subprocess.run(["/bin/sh", script, "configure", version], env=environment, check=True, timeout=60)
        return calls.read_text().splitlines()

    return configure


def test_an_upgrade_starts_what_has_become_part_of_what_runs(configure):
    calls = configure("0.1.0", ALL)
    assert "deb-systemd-invoke start latchkey-logrotate.timer" in calls
    assert "systemd-sysctl 50-latchkey.conf" in calls
    reloaded = calls.index("systemctl --system daemon-reload")
    restarted = calls.index("deb-systemd-invoke try-restart latchkey-writer.service")
    assert reloaded < restarted < calls.index("deb-systemd-invoke reload latchkey-api.service")
    assert "deb-systemd-invoke reload latchkey-login.service" in calls


def test_an_upgrade_starts_nothing_of_what_is_stopped(configure):
    calls = configure("0.1.0", ())
    assert not [call for call in calls if " start " in call or " reload " in call], calls
    assert "systemd-sysctl 50-latchkey.conf" in calls


def test_a_first_installation_starts_nothing(configure):
    calls = configure("", ())
    assert calls == ["systemd-sysusers latchkey.conf", "systemd-tmpfiles --create latchkey.conf",
                     "systemctl --system daemon-reload", "systemd-sysctl 50-latchkey.conf"]
