"""What every screen stands in: tabs, selection, settings, the warehouse's reader, the terminal."""
