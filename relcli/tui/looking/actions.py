"""The keys of a screen with a `TokenLine`, and what they do; and the strongest heads of a question."""

from relcli.errors import RelcliError
from relcli.results.heads import QuestionHead, strongest_heads
from relcli.results.question import QuestionView
from relcli.tui.frame.keys import bind
from relcli.tui.frame.screen import WorkScreen
from relcli.tui.looking.text import head_name
from relcli.tui.looking.token_line import TokenLine

LOOKING_KEYS = (
    bind("token_after", "token(1)"),
    bind("token_before", "token(-1)"),
    bind("token_map", "token_map"),
    bind("region", "region"),
    bind("heads", "heads"),
)
"""For the BINDINGS of screens that derive from `Looking`."""
HELP = """\
Where the run kept **tokens** of the question, they stand as a line: a colour and a block for the share of
each token's attention on a region, on one scale for all tokens and layers. `[` and `]` move along it, `P`
chooses the region, and `T` shows the token's map in place of the answer's (`esc` brings that back): as the
run kept it, or from the run's own model. Where it kept **heads**, `H` lists the ones that look most at what
is asked about, and enter shows one's map. They are the largest of many: the screen Heads tests them over all
questions.
"""
_N_HEADS = 8


class Looking(WorkScreen):
    """`looked_at` is the question shown, as it is, and the picture."""

    def looked_at(self) -> tuple[QuestionView | None, str]:
        raise NotImplementedError

    @property
    def token_line(self) -> TokenLine:
        return self.query_one(TokenLine)

    def action_token(self, by: int) -> None:
        self.token_line.move(by)

    def action_token_map(self) -> None:
        self.token_line.look()

    def action_region(self) -> None:
        self.token_line.next_region()

    def action_heads(self) -> None:
        question, variant = self.looked_at()
        if question is None or question.run is None or variant not in question.answers:
            self.notify("There is no question of a run here.", severity="warning")
        else:
            self.run_worker(self._offer_heads(question, question.run, variant), group="page")

    async def _offer_heads(self, question: QuestionView, run: str, variant: str) -> None:
        from relcli.tui.widgets.dialog import ChooseDialog

        place = self.context.database, run, question.key, variant, _N_HEADS
        try:
            found = await self.store.call(strongest_heads, *place)
        except RelcliError as problem:
            self.notify(problem.message, severity="warning")
            return
        if not found:
            self.notify(
                f"No heads are kept of this question on {variant}: relcli run --attention heads keeps them, "
                "where what is asked about is in the picture.",
                severity="warning",
            )
            return
        choices = [(str(number), _line(head)) for number, head in enumerate(found)]

        def chosen(name: str | None) -> None:
            if name is not None:
                head = found[int(name)]
                self.selection.layer = head.layer
                self.token_line.look_with_head(head.query_row, head.layer, head.head)

        title = "Heads of this answer that look most at what is asked about"
        self.app.push_screen(ChooseDialog(title, choices), chosen)


def _line(head: QuestionHead) -> str:
    name = head_name(head.query_row, head.layer, head.head)
    chance = "" if head.chance is None else f"  chance {head.chance:6.1%}"
    return f"{name:<28}{head.shares['target'] or 0:6.1%}{chance}"
