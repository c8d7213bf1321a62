"""`latchkey completion` and `latchkey man`, from the same table as --help."""

import os
import pty
import re
import select
import shutil
import subprocess
import time

import pytest
from harness import BIN


def printed(*words):
    done = subprocess.run([BIN / "latchkey", *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def verbs_of(*path):
    """What --help lists below a command."""
    text = printed(*path, "--help")
    return re.findall(r"^  ([a-z][a-z-]*) ", text.partition("ubcommands:\n")[2].partition("\n\n")[0], re.M)


def offered(*words):
    """What bash would offer for the last word."""
    script = printed("completion", "bash") + (
        'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _latchkey; printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "-euc", script, "bash", *words], capture_output=True, text=True, timeout=20,
                          check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_commands_and_their_verbs_are_offered():
    assert set(verbs_of()) <= offered("latchkey", "")
    assert set(verbs_of("org")) <= offered("latchkey", "org", "")
    assert offered("latchkey", "org", "cr") == {"create"}
    assert offered("latchkey", "--json", "org", "cr") == {"create"}
    assert not {"completion", "man"} & offered("latchkey", "")


def test_options_are_offered_with_the_shared_ones():
    assert offered("latchkey", "org", "create", "--na") == {"--name"}
    assert {"--json", "--data", "--config"} <= offered("latchkey", "org", "create", "--")
    assert offered("latchkey", "--ver") == {"--version"}


def test_what_is_unknown_offers_no_command():
    assert offered("latchkey", "org", "create", "zzz") == set()


def test_shells_take_the_scripts():
    for shell in ("bash", "zsh"):
        if shutil.which(shell) is None:
            continue
        done = subprocess.run([shell, "-n"], input=printed("completion", shell), capture_output=True, text=True,
                              timeout=20, check=False)
        assert done.returncode == 0 and not done.stderr, done.stderr


def typed_into_zsh(folder, line, until):
    """What a zsh of its own has on its terminal once this line was typed, as soon as `until` is there."""
    (folder / "_latchkey").write_text(printed("completion", "zsh"), encoding="utf-8")
    shell, terminal = pty.fork()
    if shell == 0:
        try:
            os.execvpe("zsh", ["zsh", "-f", "-i"], {**os.environ, "TERM": "dumb", "PS1": "ready> "})
        finally:
            os._exit(127)  # no zsh here: this process must not go on as a second test run
    seen = ""

    def await_text(wanted):
        nonlocal seen
        deadline = time.monotonic() + 20
        while not all(word in seen for word in wanted):
            assert time.monotonic() < deadline, f"{wanted} not in {seen}"
            if select.select([terminal], [], [], 0.2)[0]:
                seen += os.read(terminal, 65536).decode("utf-8", "replace")

    try:
        await_text(["ready> "])
        os.write(terminal, f"fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -D; LISTMAX=999; print -r -- is''there\n".encode())
        await_text(["isthere"])
        seen = ""
        os.write(terminal, line.encode())
        await_text(until)
        return seen
    finally:
        os.close(terminal)
        os.waitpid(shell, 0)


def test_zsh_offers_commands_verbs_and_options(tmp_path):
    typed_into_zsh(tmp_path, "latchkey \t\t", verbs_of())
    typed_into_zsh(tmp_path, "latchkey org \t\t", verbs_of("org"))
    typed_into_zsh(tmp_path, "latchkey keys rotate --p\t", ["--publish-for "])
    offered_paths = typed_into_zsh(tmp_path, f"latchkey verify {tmp_path}/_latch\t", ["_latchkey "])
    assert "--" not in offered_paths


def test_every_command_and_setting_is_in_its_page():
    page = printed("man", "1").replace("\\-", "-")
    for noun in verbs_of():
        assert f".SS latchkey {noun}" in page
        for verb in verbs_of(noun):
            assert f".SS latchkey {noun} {verb}" in page
    settings = printed("man", "5")
    for name in re.findall(r"^# ([a-z_]+) = ", printed("settings", "--toml"), re.M):
        assert f".B {name}\n" in settings


@pytest.mark.parametrize("section", ["1", "5", "8"])
def test_pages_are_right_for_roff(section):
    page = printed("man", section)
    assert page.startswith(".TH ") and "\n.SH NAME\n" in page
    for line in page.splitlines():
        assert not line.startswith("'"), line
        assert not line.startswith(".") or re.match(r"\.(TH|SH|SS|TP|B|PP|nf|fi)\b", line), line
    if shutil.which("groff") is None:
        return
    done = subprocess.run(["groff", "-man", "-ww", "-z", "-Kutf8"], input=page, capture_output=True, text=True,
                          timeout=20, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr


@pytest.mark.parametrize("words", [("completion", "fish"), ("man", "9"), ("man",)])
def test_another_shell_or_section_is_refused(words):
    done = subprocess.run([BIN / "latchkey", *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and done.stderr
