"""`relcli worker`: a model that stays loaded, for programs."""

from relcli.cli.declared import declared


@declared()
def worker() -> None:
    """Hold a loaded model and answer requests, one JSON object a line, on standard input; replies come the
    same way on standard output.

    {"op":"hello","id":1,"protocol":1}

    {"op":"load","id":2,"model":"bundled"}

    {"op":"ask","id":3,"image":"<base64>","question":"is there a red circle?"}

    For programs: `relcli tui` asks its own questions through it. The requests are hello, load, describe, ask,
    cut, attention, cancel and shutdown; docs/worker.md describes them. A bad request is refused in a sentence
    and the next one is read. The worker ends with shutdown, when standard input closes, and when its parent
    process ends.
    """
    from relcli.jobs.worker import serve

    serve()
