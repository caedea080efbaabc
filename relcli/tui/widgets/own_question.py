"""One's own question about the picture on screen: a line to type it in, and the job that asks it."""

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual.message import Message
from textual.widgets import Input

from relcli.errors import RelcliError
from relcli.tui.cells import cut
from relcli.tui.exhibit import Exhibit
from relcli.tui.exhibits import own_exhibit
from relcli.tui.jobs import Job

if TYPE_CHECKING:
    from relcli.tui.app import RelcliApp


class OwnQuestion(Input):
    """Hidden until `open`. What is typed is put to the run's model; `Answered` brings the exhibit."""

    DEFAULT_CSS = """
    OwnQuestion { dock: bottom; display: none; height: 3; border: tall $accent; }
    OwnQuestion.-shown { display: block; }
    """

    class Answered(Message):
        """about: the exhibit whose picture was asked about."""

        def __init__(self, exhibit: Exhibit, variant: str, about: Exhibit) -> None:
            super().__init__()
            self.exhibit, self.variant, self.about = exhibit, variant, about

    def __init__(self) -> None:
        super().__init__()
        self._about: tuple[Exhibit, str] | None = None

    def open(self, exhibit: Exhibit, variant: str) -> None:
        """Ask about this picture of an exhibit, which must be there."""
        self._about = exhibit, variant
        self.placeholder = f"Ask the model about the {variant} picture, then enter (esc leaves)"
        self.add_class("-shown")
        self.focus()

    @property
    def is_open(self) -> bool:
        return self.has_class("-shown")

    def close(self) -> None:
        self.value = ""
        self.remove_class("-shown")
        self.screen.set_focus(None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if (question := event.value.strip()) and self._about is not None:
            run = cast("RelcliApp", self.app).looking.run
            self.run_worker(partial(self._ask, run, question, *self._about), group="page")
        self.close()

    async def _ask(self, run: str | None, question: str, exhibit: Exhibit, variant: str) -> None:
        app, png = cast("RelcliApp", self.app), exhibit.pictures[variant]
        try:
            rows = (await app.store.read("run", run=run)).as_dicts()
        except RelcliError as problem:
            self.notify(problem.message, severity="error", markup=False)
            self.value = self.value or question  # to be asked again
            return
        with tempfile.NamedTemporaryFile(prefix="relcli-", suffix=".png", delete=False) as file:
            file.write(png or b"")
        arguments = ["ask", question, "--image", file.name, "--format", "jsonl"]
        for option in ("model", "revision", "dtype"):
            if value := rows and rows[0][option]:
                arguments += [f"--{option}", value]

        if rows and "untested_family" in str(rows[0].get("decoding")):
            arguments.append("--untested-family")  # said yes to already, for the run

        def ended(job: Job) -> None:
            Path(file.name).unlink(missing_ok=True)
            record = next((each for each in job.records if isinstance(each, dict)), None)
            if job.state == "done" and record is not None:
                answer = own_exhibit(exhibit, variant, question, record)
                job.answer = answer, variant
                self.post_message(self.Answered(answer, variant, exhibit))

        app.start_job(f"ask “{cut(question, 30)}”", arguments, ended)
