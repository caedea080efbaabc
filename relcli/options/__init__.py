"""The options of each request, declared once: name, type, default, help, panel, and what depends on them.

A declaration is a plain dataclass (`declaration.py`), so that `--help` imports nothing heavy. From it follow
the command's options (`relcli/cli/declared.py`), the validated request (`reading.py`, with pydantic), the
words of a child process (`argv.py`), the forms of the terminal application, the settings file, the defaults
in Python, and what a resumed run is compared by.
"""
