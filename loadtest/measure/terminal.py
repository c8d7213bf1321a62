"""What a person sees: progress on standard error, tables and what is wrong on standard output."""

import os
import sys
import time

RED, PLAIN, CLEAR_LINE = "\033[31m", "\033[0m", "\r\033[K"


def red(text, file=None):
    """In red on a terminal, unless NO_COLOR is set; as it is elsewhere."""
    if not (file or sys.stdout).isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"{RED}{text}{PLAIN}"


def say(text):
    print(text, file=sys.stderr, flush=True)


class Progress:
    """`steps`: how many there will be; what is left is reckoned from what was."""

    def __init__(self, steps):
        self._steps = steps
        self._done = 0
        self._began = time.monotonic()

    def _left(self):
        if self._done == 0:
            return ""
        seconds = (time.monotonic() - self._began) / self._done * (self._steps - self._done)
        return f", {seconds / 60:.0f} min left" if seconds >= 90 else f", {seconds:.0f} s left"

    def begin(self, what):
        if sys.stderr.isatty():
            print(f"[{self._done + 1}/{self._steps}{self._left()}] {what} ...", end="",
                  file=sys.stderr, flush=True)

    def end(self, text, failed=False):
        self._done += 1
        line = f"[{self._done}/{self._steps}] {text}"
        say((CLEAR_LINE if sys.stderr.isatty() else "")
            + (red(line, sys.stderr) if failed else line))


def number(value, form):
    """`value` in `form`, or a dash where there is none."""
    return "-" if value is None else format(value, form)


def print_rows(head, rows):
    """`rows`: [(words, is_wrong)]. The first column is left, the others right."""
    widths = [max(len(line[i]) for line in [head] + [words for words, _ in rows])
              for i in range(len(head))]

    def text(words):
        cells = [words[0].ljust(widths[0])]
        cells += [word.rjust(width) for word, width in zip(words[1:], widths[1:])]
        return "  ".join(cells)

    print(text(head))
    for words, is_wrong in rows:
        print(red(text(words)) if is_wrong else text(words))
