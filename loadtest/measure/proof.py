"""The frame of a proof: its command line, and how it says what held and what did not."""

import argparse
import os
import pathlib
import sys

from .instance import Failed, end_cleanly_when_told


class Proof:
    """Collects what was checked. Use through main()."""

    def __init__(self):
        self.wrong = 0

    def note(self, text):
        print(text, flush=True)

    def check(self, holds, text):
        print(("holds   " if holds else "BROKEN  ") + text, flush=True)
        self.wrong += 0 if holds else 1


def parser_of(doc):
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--bin", default=os.environ.get("LATCHKEY_BIN", "build/bin"),
                        help="folder of the binaries")
    parser.add_argument("--short", action="store_true", help="the form that the tests run")
    return parser


def main(doc, run, add_arguments=None):
    """run(proof, options) checks; exit code 0 where all of it held."""
    parser = parser_of(doc)
    if add_arguments:
        add_arguments(parser)
    options = parser.parse_args()
    if not (pathlib.Path(options.bin) / "latchkey").exists():
        parser.error(f"no binaries in {options.bin}: build first, or say --bin")
    end_cleanly_when_told()
    proof = Proof()
    try:
        run(proof, options)
    except Failed as failure:
        proof.check(False, str(failure))
    sys.exit(1 if proof.wrong else 0)
