"""Jobs: plain functions that take a Progress and know no user interface."""
