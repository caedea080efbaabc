"""Questions of a scene are read together: each as it is read alone, and as the file has it now."""

import asyncio
import time
from dataclasses import replace

import pytest
from textual.app import App

from relcli.errors import RelcliError
from relcli.results.question_reading import QuestionReading, read_question
from relcli.tui.frame.store import Store
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.warehouse.marks import set_mark

RUN, OTHER = "study-4b", "small-2b"


@pytest.mark.parametrize("other", [None, OTHER])
def test_every_question_of_a_scene_is_as_it_is_read_alone(kit, other):
    reading = QuestionReading(kit)
    for key in [(3, 1), (3, 2), (5, 0), (3, 4)]:
        view = reading.read(RUN, key, other)
        assert view == read_question(kit, RUN, key, other)
        assert view.maps and view.coverage and view.answers
        assert (view.compared is None) == (other is None)


def test_a_mark_is_seen_by_the_next_read(warehouse):
    reading = QuestionReading(warehouse)
    before = reading.read(RUN, (3, 1))
    set_mark(warehouse, RUN, 3, 1, marked=True, note="look")
    assert reading.read(RUN, (3, 1)) == replace(before, marked=True, note="look")


def test_a_question_without_an_answer_is_said_to_be_gone(kit):
    reading = QuestionReading(kit)
    reading.read(RUN, (3, 1))
    for key in ((3, 77), (4711, 0)):
        with pytest.raises(RelcliError, match=rf"no answer to question {key[0]}\.{key[1]} any more"):
            reading.read(RUN, key)


async def test_words_that_need_other_room_get_it():
    class Words(App):
        def compose(self):
            yield SafeStatic("one line", id="words")
            yield SafeStatic("below", id="below")

    async with Words().run_test(size=(30, 10)) as pilot:
        words, below = pilot.app.query_one("#words", SafeStatic), pilot.app.query_one("#below")
        shown_in = {"three\nlines\nof it": 3, "other\nwords\nhere": 3, "w " * 40: 3, "one": 1}
        for text, height in shown_in.items():
            words.update(text)
            await pilot.pause()
            assert (words.size.height, below.region.y) == (height, height)
            shown = "\n".join(strip.text.rstrip() for strip in words.render_lines(words.size.region))
            assert shown.split() == text.split()


async def test_writes_are_done_in_order_and_seen_through_when_one_leaves(warehouse):
    store, done = Store(warehouse), []

    def slow(what):
        time.sleep(0.2 if what == "first" else 0)
        done.append(what)

    waiting = [asyncio.create_task(store.write(slow, what)) for what in ("first", "second")]
    await asyncio.sleep(0.05)
    for task in waiting:
        task.cancel()
    await store.close()
    assert done == ["first", "second"]
