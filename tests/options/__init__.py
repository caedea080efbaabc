"""Options that are declared once, and what derives from them."""
