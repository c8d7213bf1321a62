"""What the measurements of docs/performance.md share; the tests use it too, and it uses nothing of theirs. Python 3 standard library alone."""
