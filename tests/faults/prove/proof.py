"""The frame of a proof: its command line, and how it says what held and what did not."""

import argparse
import pathlib
import sys

from measure.instance import Failed, add_bin_argument, end_cleanly_when_told


class Proof:
    """Collects what was checked. Use through main()."""

    def __init__(self):
        self.broken = []  # the texts of what did not hold

    def note(self, text):
        print(text, flush=True)

    def check(self, holds, text):
        print(("holds   " if holds else "BROKEN  ") + text, flush=True)
        if not holds:
            self.broken.append(text)


def parser_of(doc):
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    add_bin_argument(parser)
    parser.add_argument("--short", action="store_true", help="the form that the tests run")
    return parser


def main(doc, run, add_arguments=None, breaks=None):
    """run(proof, options) checks; exit code 0 where all of it held.

    `breaks` are the ways to break the promise on purpose: {name: words of the check that must then be broken}. With
    --break NAME run() sees it as options.broken, and the exit code is 0 where just that check was broken: it can fail."""
    parser = parser_of(doc)
    breaks = breaks or {}
    parser.add_argument("--break", dest="broken", choices=breaks,
                        help="with this promise broken on purpose: 0 where the proof then fails as it must")
    parser.add_argument("--list-breaks", action="store_true", help="print the names that --break takes")
    if add_arguments:
        add_arguments(parser)
    options = parser.parse_args()
    if options.list_breaks:
        print("\n".join(breaks))
        return
    if not (pathlib.Path(options.bin) / "latchkey").exists():
        parser.error(f"no binaries in {options.bin}: build first, or say --bin")
    end_cleanly_when_told()
    proof = Proof()
    try:
        run(proof, options)
    except Failed as failure:
        proof.check(False, str(failure))
    if options.broken:
        is_red = any(breaks[options.broken] in text for text in proof.broken)
        proof.note(f"{'red' if is_red else 'GREEN'}     with --break {options.broken}")
        sys.exit(0 if is_red else 1)
    sys.exit(1 if proof.broken else 0)
