"""The colours of heat maps, everywhere the same."""

RAMP = (
    (0, 0, 4),
    (40, 11, 84),
    (101, 21, 110),
    (159, 42, 99),
    (212, 72, 66),
    (245, 125, 21),
    (250, 193, 39),
    (252, 255, 164),
)
"""Dark to bright through purple and orange, readable on light and dark ground and for colour-blind eyes
(control points of matplotlib's inferno)."""
