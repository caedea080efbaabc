"""One's own question about the picture on screen: a line to type it in, and the job that asks it."""

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message
from textual.widgets import Input

from relcli.errors import RelcliError
from relcli.results.question import QuestionView, own_question_view
from relcli.tui.background.processes import Job
from relcli.tui.context import context_of
from relcli.tui.widgets.cells import cut

if TYPE_CHECKING:
    pass


class OwnQuestion(Input):
    """Hidden until `open`. What is typed is put to the run's model; `Answered` brings the question."""

    DEFAULT_CSS = """
    OwnQuestion { dock: bottom; display: none; height: 3; border: tall $accent; }
    OwnQuestion.-shown { display: block; }
    """

    class Answered(Message):
        """about: the question whose picture was asked about."""

        def __init__(self, question: QuestionView, variant: str, about: QuestionView) -> None:
            super().__init__()
            self.question, self.variant, self.about = question, variant, about

    def __init__(self) -> None:
        super().__init__()
        self._about: tuple[QuestionView, str] | None = None

    def open(self, question: QuestionView, variant: str) -> None:
        """Ask about this picture of a question, which must be there."""
        self._about = question, variant
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
        if (asked := event.value.strip()) and self._about is not None:
            run = context_of(self).selection.run
            self.run_worker(partial(self._ask, run, asked, *self._about), group="page")
        self.close()

    async def _ask(self, run: str | None, asked: str, question: QuestionView, variant: str) -> None:
        app, png = context_of(self), question.pictures[variant]
        try:
            rows = (await app.store.read("run", run=run)).as_dicts()
        except RelcliError as problem:
            self.notify(problem.message, severity="error", markup=False)
            self.value = self.value or asked  # to be asked again
            return
        with tempfile.NamedTemporaryFile(prefix="relcli-", suffix=".png", delete=False) as file:
            file.write(png or b"")
        arguments = ["ask", asked, "--image", file.name, "--format", "jsonl"]
        for option in ("model", "revision", "dtype"):
            if value := rows and rows[0][option]:
                arguments += [f"--{option}", value]

        if rows and "untested_family" in str(rows[0].get("decoding")):
            arguments.append("--untested-family")  # said yes to already, for the run

        def ended(job: Job) -> None:
            Path(file.name).unlink(missing_ok=True)
            record = next((each for each in job.records if isinstance(each, dict)), None)
            if job.state == "done" and record is not None:
                answer = own_question_view(question, variant, asked, record)
                job.answer = answer, variant
                self.post_message(self.Answered(answer, variant, question))

        app.start_job(f"ask “{cut(asked, 30)}”", arguments, ended)
