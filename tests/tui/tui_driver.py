"""Drives the application under test."""

from contextlib import suppress

from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from relcli.tui.app import RelcliApp
from relcli.tui.frame.screen import WorkScreen

WIDE, SMALL = (120, 40), (80, 24)
_READING = ("load", "page", "find", "prefetch", "case", "detail")


class Driver:
    """An application under test: `press` waits until what it set off is shown."""

    def __init__(self, app: RelcliApp, pilot: "Pilot[None]") -> None:
        self.app, self.pilot = app, pilot

    async def settle(self) -> None:
        """Until nothing is read any more: one read sets off the next, so two looks running must find none."""
        none = 0
        while none < 2:
            await self.pilot.pause()
            reading = [each for each in self.app.workers if each.group in _READING]
            none = 0 if reading else none + 1
            with suppress(WorkerCancelled):  # a later read took its place; the next look finds that one
                await self.app.workers.wait_for_complete(reading)

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def press_at_once(self, *keys: str) -> None:
        """Without waiting for what each of them sets off."""
        await self.pilot.press(*keys)
        await self.settle()

    async def write(self, text: str) -> None:
        await self.pilot.press(*("space" if letter == " " else letter for letter in text))
        await self.settle()

    @property
    def screen(self) -> WorkScreen:
        return self.app.work_screen

    @property
    def problem(self) -> str:
        """The sentence at the top of the screen."""
        return str(self.screen.query_one("#problem").render())

    def text(self, selector: str) -> str:
        """What a widget shows, as plain text."""
        return str(self.screen.query_one(selector).render())

    @property
    def notices(self) -> list[str]:
        return [note.message for note in self.app._notifications]
