"""`make install`: what lies where, units that systemd takes and rates, settings that are kept."""

import os
import re
import shutil
import stat

import pytest
from installation import SERVICES, SYSTEMD, checked, install, run

WORST_EXPOSURE = 2.0


@pytest.fixture(scope="module", name="tree")
def tree_fixture(tmp_path_factory):
    """Below a DESTDIR, as a package is made."""
    tree = tmp_path_factory.mktemp("tree")
    install("/usr", tree)
    return tree


@pytest.fixture(scope="module", name="units")
def units_fixture(tmp_path_factory):
    """Installed where the units say that it is, so that systemd can look at them."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here (Debian: systemd)")
    prefix = tmp_path_factory.mktemp("prefix") / "usr"
    destination = tmp_path_factory.mktemp("destination")
    install(prefix, destination)  # /etc of this machine is none of a test's business
    shutil.move(f"{destination}{prefix}", prefix)
    return prefix


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_everything_has_its_place(tree):
    for program in ("usr/bin/latchkey", "usr/libexec/latchkey/latchkey-writer", "usr/libexec/latchkey/latchkey-worker"):
        assert mode(tree / program) == 0o755
    units = [path.name.removesuffix(".in") for path in SYSTEMD.glob("latchkey*.*") if path.suffix != ".toml"]
    assert len(units) > len(SERVICES)
    for name in units:
        assert (tree / "usr/lib/systemd/system" / name).is_file()
    for name in ("sysusers.d/latchkey.conf", "tmpfiles.d/latchkey.conf", "sysctl.d/50-latchkey.conf"):
        assert mode(tree / "usr/lib" / name) == 0o644
    assert mode(tree / "etc/latchkey/latchkey.toml") == 0o644
    assert (tree / "etc/logrotate.d/latchkey").is_file()
    for name in ("doc/latchkey/docs/install.md", "doc/latchkey/monitoring/alerts.yml", "man/man1/latchkey.1",
                 "man/man5/latchkey.toml.5",
                 "man/man8/latchkey-writer.8", "bash-completion/completions/latchkey"):
        assert (tree / "usr/share" / name).stat().st_size > 0


def test_nothing_names_the_source_or_leaves_a_placeholder(tree):
    for path in tree.rglob("*"):
        if not path.is_file() or path.parts[-2] in ("bin", "latchkey") and os.access(path, os.X_OK):
            continue
        text = path.read_text(encoding="utf-8")
        if "share/doc" not in str(path):
            assert not re.search(r"@[A-Z]+@|\{\{", text), path
            assert str(tree) not in text, path


def test_parts_of_nginx_include_each_other_by_their_whole_path(tree):
    parts = tree / "usr/share/latchkey/nginx"
    included = {name for path in parts.iterdir() for name in re.findall(r"include ([^;]*);", path.read_text())}
    assert included and all(name.startswith('"/usr/share/latchkey/nginx/') for name in included), included
    for name in included:
        assert (tree / name.strip('"').lstrip("/")).is_file(), name


def test_settings_that_are_there_stay(tmp_path):
    install("/usr", tmp_path)
    settings = tmp_path / "etc/latchkey/latchkey.toml"
    settings.write_text("# mine\n")
    assert "Kept" in install("/usr", tmp_path)
    assert settings.read_text() == "# mine\n"


def test_the_installed_settings_are_right(tree):
    done = run(tree / "usr/libexec/latchkey/latchkey-worker", "--check-config",
               "--config", tree / "etc/latchkey/latchkey.toml")
    assert done.returncode == 0, done.stderr


def test_the_installed_command_finds_its_writer(tree, tmp_path):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LATCHKEY_")}
    out = checked(tree / "usr/bin/latchkey", "--data", tmp_path / "data", "init", "--public-url",
                  "https://login.example.com", "--owner", "you@example.com", env=clean)
    assert "https://login.example.com/set-password?token=" in out


@pytest.mark.parametrize("name, expected", [
    ("latchkey-writer", ["/var/lib/latchkey", "/run/latchkey/writer.page"]), ("latchkey-backup", ["/var/lib/latchkey"]),
    ("latchkey-api", ["/run/latchkey/shared.tables"]), ("latchkey-login", ["/run/latchkey/shared.tables"]),
    ("latchkey-logrotate", ["-/var/log/latchkey"]), ("latchkey-keys", [])])
def test_no_service_may_write_where_the_sockets_are(tree, name, expected):
    text = (tree / f"usr/lib/systemd/system/{name}.service").read_text()
    assert [word for line in text.splitlines() if line.startswith("ReadWritePaths=") for word in line[15:].split()] == expected
    assert "LimitCORE=0" in text and "MemoryDenyWriteExecute=yes" in text


def test_the_bound_of_connections_is_off_until_it_is_enabled(tree):
    unit = (tree / "usr/lib/systemd/system/latchkey-nftables.service").read_text()
    assert "WantedBy=multi-user.target" in unit and "CapabilityBoundingSet=CAP_NET_ADMIN\n" in unit
    others = [path.read_text() for path in (tree / "usr/lib/systemd/system").iterdir() if "nftables" not in path.name]
    assert not any("nftables" in text for text in others)


def unit_files(prefix):
    return sorted(path for path in (prefix / "lib/systemd/system").iterdir())


def test_systemd_finds_nothing_wrong_in_any_unit(units):
    done = run("systemd-analyze", "verify", *unit_files(units))
    ours = [line for line in done.stderr.splitlines() if "latchkey" in line]
    assert done.returncode == 0 and not ours, done.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_is_more_exposed_than_it_must_be(units, name):
    out = checked("systemd-analyze", "security", "--offline=true", "--no-pager",
                  units / f"lib/systemd/system/{name}.service")
    exposure = float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", out).group(1))
    assert exposure <= WORST_EXPOSURE, out


def test_sysusers_and_tmpfiles_make_users_and_folders(tree, tmp_path):
    """Into a root of their own: users and modes as the units want them."""
    if shutil.which("systemd-sysusers") is None or os.geteuid() != 0:
        pytest.skip("only root with systemd-sysusers can make users in a folder")
    root = tmp_path / "root"
    shutil.copytree(tree, root)
    checked("systemd-sysusers", f"--root={root}", "latchkey.conf")
    users = {line.split(":")[0] for line in (root / "etc/passwd").read_text().splitlines()}
    assert {"latchkey", "latchkey-web"} <= users
    groups = {line.split(":")[0]: line.split(":")[3] for line in (root / "etc/group").read_text().splitlines()}
    assert groups["latchkey"] == "latchkey-web" and groups["latchkey-web"] == ""
    with (root / "etc/group").open("a") as group:
        group.write("adm:x:4:\n")
    checked("systemd-tmpfiles", f"--root={root}", "--create", "latchkey.conf")
    assert mode(root / "var/lib/latchkey") == 0o750
    assert mode(root / "run/latchkey") == 0o755
    # Root's: nobody who serves can put a socket in the place of another's.
    assert (root / "run/latchkey").stat().st_uid == 0
    assert mode(root / "run/latchkey/shared.tables") == 0o640
    owner = (root / "run/latchkey/shared.tables").stat().st_uid
    assert owner != 0 and owner != (root / "run/latchkey/writer.page").stat().st_uid
