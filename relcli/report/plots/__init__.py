"""Drawing with matplotlib, from rows to figures. Imported only where something is drawn."""
