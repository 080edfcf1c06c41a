"""Waiting with a bound."""

import time

# Generous: CI machines may be three times slower. A bound, never a measure.
PATIENCE = 60


def eventually(what, condition):
    """Polls until `condition` gives a true value; fails with the last one."""
    deadline = time.monotonic() + PATIENCE
    while True:
        last = condition()
        if last:
            return last
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: still {last!r} after {PATIENCE} s")
        time.sleep(0.1)
