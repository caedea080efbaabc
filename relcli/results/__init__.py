"""Results as an interface shows them: read models over the warehouse's named reads.

Each module takes rows, or a warehouse file, and returns plain dataclasses. No terminal, no framework: the
commands' tables, the screens and a report draw the same values. `relcli.warehouse` is imported inside the
functions that read, so that the dataclasses cost nothing.
"""

PATIENCE_S = 3.0
"""Seconds that a screen waits for a file that another process holds; the error then names that process."""
