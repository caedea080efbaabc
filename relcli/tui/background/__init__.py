"""Jobs: child processes, the status bar, the list of them."""
