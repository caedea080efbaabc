"""One's own question about the picture on screen: a line to type it in, and the job that asks it."""

from functools import partial

from textual.message import Message
from textual.widgets import Input

from relcli.errors import RelcliError
from relcli.jobs.worker_protocol import Answered, Ask, Load
from relcli.results.question import QuestionView, own_question_view
from relcli.tui.background.processes import Job
from relcli.tui.background.replies import attention_maps, in_base64, variant_answer
from relcli.tui.context import context_of
from relcli.tui.widgets.cells import cut


class OwnQuestion(Input):
    """Hidden until `open`. What is typed is put to the run's model, which is held from then on; `Answered`
    brings the question."""

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
        from relcli.jobs.worker_load import ask_arguments, load_of_run

        app = context_of(self)
        try:
            _, load = await app.store.call(load_of_run, app.database, run or "")
        except RelcliError as problem:
            self.notify(problem.message, severity="error", markup=False)
            self.value = self.value or asked  # to be asked again
            return
        arguments = ["ask", asked, "--image", f"{variant}.png", *ask_arguments(load)]
        work = partial(self._work, load, asked, question, variant)
        app.start_work(f"ask “{cut(asked, 30)}”", arguments, work)

    async def _work(self, load: Load, asked: str, question: QuestionView, variant: str, job: Job) -> None:
        request = Ask(id=0, image=in_base64(question.pictures[variant] or b""), question=asked)
        reply = await context_of(self).model.call(load, request, job.hear)
        assert isinstance(reply, Answered)
        [answer] = reply.answers
        view = own_question_view(
            question,
            variant,
            asked,
            reply.prompt,
            reply.options,
            variant_answer(answer),
            attention_maps(answer),
        )
        job.answer = view, variant
        self.post_message(self.Answered(view, variant, question))
