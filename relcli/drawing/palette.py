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

DIVERGING = (
    (33, 102, 172),
    (67, 147, 195),
    (146, 197, 222),
    (209, 229, 240),
    (247, 247, 247),
    (253, 219, 199),
    (244, 165, 130),
    (214, 96, 77),
    (178, 24, 43),
)
"""Less through nothing to more: blue, white, red, told apart by colour-blind eyes (ColorBrewer's RdBu)."""
