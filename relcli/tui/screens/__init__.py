"""The screens, one module each; see `relcli.tui.registry`."""
