"""Colours by meaning. Everything they say is also said by a sign or a word, so the screens read without."""

from textual.theme import Theme

RELCLI = Theme(
    name="relcli",
    primary="#7aa2f7",
    secondary="#bb9af7",
    accent="#f0a35e",
    success="#8fce7b",
    warning="#e6c266",
    error="#f2777a",
    foreground="#d6dae8",
    background="#14161f",
    surface="#1a1d29",
    panel="#242838",
    dark=True,
    variables={"footer-key-foreground": "#f0a35e", "input-selection-background": "#7aa2f7 35%"},
)
PAPER = Theme(
    name="relcli-light",
    primary="#2f5fc4",
    secondary="#7a4fc0",
    accent="#b45f06",
    success="#2f7d32",
    warning="#8a6100",
    error="#b3261e",
    foreground="#22252e",
    background="#fbfaf7",
    surface="#f3f1ea",
    panel="#e6e3d8",
    dark=False,
)
THEMES = (RELCLI, PAPER)
