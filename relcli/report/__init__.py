"""What one hands to others: figures for a paper, and a page about a run that needs nothing but a browser.

Every figure is drawn from the rows of one named read (sql/reads/figure_*.sql); the page shows those rows and
that SQL beside it. matplotlib and Jinja2 (the extra `report`) are imported where something is drawn or laid
out, never on the way to it.
"""
