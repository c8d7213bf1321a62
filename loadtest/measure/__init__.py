"""What the measurements and proofs of docs/performance.md share. Python 3 standard library alone."""
