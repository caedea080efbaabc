"""The line of chips keeps its height: list and case stay where they are when the filter changes."""

from textual.app import App

from relcli.results.questions import QuestionFilter
from relcli.tui.questions.filter_bar import FilterBar


class _Bar(App):
    def compose(self):
        yield FilterBar()


async def test_a_filter_of_fewer_words_takes_no_line_away_until_the_width_changes():
    long = QuestionFilter(change="lost", flawed="ambiguous", sort="moved")
    async with _Bar().run_test(size=(100, 10)) as pilot:
        bar = pilot.app.query_one(FilterBar)

        async def height(chosen: QuestionFilter) -> int:
            bar.show(chosen)
            await pilot.pause()
            return bar.size.height

        short, tall = await height(QuestionFilter()), await height(long)
        assert short < tall
        assert await height(QuestionFilter()) == tall and bar.fits(QuestionFilter())
        await pilot.resize_terminal(200, 10)
        await pilot.pause()
        assert await height(QuestionFilter()) == 1
