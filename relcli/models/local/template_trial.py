"""Render a chat template once, in a process of its own that may not grow: 0 if it ends, else it is too much.

A template is a program that a checkpoint brings along. Its sandbox keeps it from files and from attributes,
not from endless loops or from strings that double, and a single such step can't be stopped from within.
Started by path with the template on standard input; it needs jinja2 alone, so it is ready in a tenth of a
second.
"""

import json
import sys
from contextlib import suppress
from typing import Any

CPU_SECONDS, MEMORY_BYTES, CHARACTERS = 2, 1 << 29, 200_000
TOO_MUCH = 3


def limit() -> None:
    """Let the system end this process where it takes more processor time or memory. Not on Windows."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def environment() -> Any:
    """The environment in which transformers renders chat templates, as far as it can shape their size."""
    import jinja2
    import jinja2.ext
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Generation(jinja2.ext.Extension):
        tags = {"generation"}  # noqa: RUF012 - as jinja2 declares it

        def parse(self, parser: Any) -> Any:
            next(parser.stream)
            return parser.parse_statements(("name:endgeneration",), drop_needle=True)

    def fail(message: str) -> None:
        raise jinja2.TemplateError(message)

    made = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
    )
    made.filters["tojson"] = lambda value, **kwargs: json.dumps(value)
    made.globals["raise_exception"] = fail
    made.globals["strftime_now"] = lambda form: form
    return made


def main() -> int:
    limit()
    told = json.load(sys.stdin)
    try:
        length = 0
        for piece in environment().from_string(told["template"]).generate(**told["values"]):
            length += len(piece)
            if length > CHARACTERS:
                return TOO_MUCH
    except MemoryError:
        return TOO_MUCH
    except Exception:  # what is wrong with it says the real rendering
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
