"""The application: screens and the way between them, jobs, settings, the warehouse's changes."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from textual import events
from textual.actions import SkipAction
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.filter import LineFilter
from textual.screen import Screen
from textual.widgets import Input, TextArea

from relcli.hints import with_database
from relcli.tui.background.jobs_app import JobsApp
from relcli.tui.background.processes import Job
from relcli.tui.frame.driver import with_quick_esc
from relcli.tui.frame.keys import bind
from relcli.tui.frame.memory import Collecting
from relcli.tui.frame.palette import needs_saying, screen_commands
from relcli.tui.frame.registry import BY_NAME, ENTRIES
from relcli.tui.frame.screen import WorkScreen
from relcli.tui.frame.selection import Selection
from relcli.tui.frame.settings import TuiSettings, load_settings, save_settings
from relcli.tui.frame.store import Store
from relcli.tui.frame.terminal import leave_on_sigterm
from relcli.tui.frame.theme import THEMES
from relcli.tui.widgets.safe_text import Unseen
from relcli.visible import visible

_UNSEEN = Unseen()
_LOOK_EVERY_S = 1.5  # at the file's time and size; nothing is opened for it


class RelcliApp(JobsApp):
    """`relcli tui`. `database` need not exist yet."""

    TITLE = "relcli"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(entry.key, f"go('{entry.name}')", entry.title, show=False) for entry in ENTRIES),
        bind("help_now", "help", priority=True),
        bind("help", "help", show=True),
        bind("back", "back"),
        bind("refresh", "refresh"),
        bind("export", "export"),
        bind("save_figure", "save_figure"),
        bind("sql", "sql"),
        bind("copy", "copy"),
        bind("jobs", "jobs"),
        bind("cancel", "cancel_job"),
        bind("quit", "quit", show=True),
        bind("suspend", "suspend_process"),
        bind("quit_now", "quit", priority=True),
        bind("copy_or_quit", "copy_or_quit", priority=True),
    ]
    CSS = """
    DataTable { background: $background; height: 1fr; scrollbar-size: 1 1; }
    DataTable > .datatable--header { background: $panel; color: $text-muted; text-style: none; }
    DataTable > .datatable--cursor, DataTable:focus > .datatable--cursor {
        background: $primary 35%; color: $foreground; text-style: bold;
    }
    DataTable:focus { background-tint: $foreground 0%; }
    DataTable:blur > .datatable--cursor { background: $primary 15%; text-style: none; }
    Button:focus { text-style: bold underline; }
    * { scrollbar-size-vertical: 1; scrollbar-color: $primary 40%; scrollbar-background: $background;
        scrollbar-corner-color: $background; scrollbar-background-hover: $background;
        scrollbar-background-active: $background; }
    """

    def __init__(self, database: Path, settings: TuiSettings | None = None) -> None:
        super().__init__(database)
        self.settings = settings or load_settings()
        self.store = Store(database)
        self.selection = Selection()
        self._collecting = Collecting()
        self._came_from: list[str] = []
        self._stamp: tuple[int, ...] = ()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self.settings.theme if self.settings.theme in self.available_themes else "relcli"

    def get_driver_class(self) -> type[Driver]:
        return with_quick_esc(super().get_driver_class())

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), _UNSEEN]

    def notify(self, message: str, *, title: str = "", markup: bool = False, **how: Any) -> None:
        """Paths, names and sentences about them may have square brackets, and what a terminal would obey."""
        shown = visible(with_database(message), keep="\n")
        super().notify(shown, title=visible(title), markup=markup, **how)

    def on_mount(self) -> None:
        leave_on_sigterm(lambda code: self.exit(return_code=code))
        self.push_screen(self._screen_of("runs"))
        if self.selection.run:
            self.call_later(self.go, "overview")
        self.theme_changed_signal.subscribe(self, self._keep_theme)
        self._stamp = self.store.stamp()
        self.set_interval(_LOOK_EVERY_S, self.look_at_file)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent):
            self._collecting.put_off()
        await super().on_event(event)

    async def on_unmount(self) -> None:  # beside that of JobsApp, which Textual calls as well
        self._collecting.stop()
        await self.store.close()

    def _screen_of(self, name: str) -> WorkScreen:
        """The screen with that tab, made on first use and then kept with its place."""
        name = BY_NAME[name].screen
        if not self.is_screen_installed(name):
            self.install_screen(BY_NAME[name].make(), name)
            self.get_screen(name, WorkScreen).fit(self.size)
        return self.get_screen(name, WorkScreen)

    @property
    def work_screen(self) -> WorkScreen:
        """The screen under any window."""
        return next(screen for screen in reversed(self.screen_stack) if isinstance(screen, WorkScreen))

    @property
    def is_covered(self) -> bool:
        return self.screen is not self.work_screen

    def go(self, name: str) -> None:
        """Change to a screen; `esc` comes back from it."""
        here = self.work_screen
        if name == here.tab or self.screen is not here:
            return
        there = self._screen_of(name)
        if there is here:
            here.turn_to(name)
            return
        self._came_from.append(here.tab)
        self.clear_notifications()  # they are about the screen that is left
        there.turn_to(name)
        self.switch_screen(there)

    def action_go(self, name: str) -> None:
        self.go(name)

    def action_back(self) -> None:
        here = self.work_screen
        if self.screen is not here or (here.is_ready and here.go_back()):
            return
        while self._came_from:
            name = self._came_from.pop()
            if (there := self._screen_of(name)) is not here:
                there.turn_to(name)
                self.switch_screen(there)
                return

    def look_at_file(self) -> None:
        """Tell the screen when somebody wrote to the warehouse, made it, or took it away."""
        if (stamp := self.store.stamp()) != self._stamp:
            self._stamp = stamp
            self.work_screen.warehouse_changed()

    def action_refresh(self) -> None:
        self._stamp = self.store.stamp()
        self.work_screen.reload()

    def action_export(self) -> None:
        self.work_screen.action_export()

    def action_copy(self) -> None:
        self.work_screen.action_copy()

    def action_save_figure(self) -> None:
        self.work_screen.action_save_figure()

    def action_sql(self) -> None:
        self.work_screen.action_sql()

    def action_help(self) -> None:
        from relcli.tui.frame.help import HelpDialog

        if isinstance(self.screen, HelpDialog):
            self.screen.dismiss(None)
            return
        if self.screen is not self.work_screen:
            return
        entry = BY_NAME[self.work_screen.tab]
        self.push_screen(HelpDialog(f"{entry.key} {entry.title}", self.work_screen.HELP, self._keys()))

    def _keys(self) -> dict[str, list[tuple[str, str]]]:
        """The keys that work now and need saying: those of this screen, and those of every screen."""
        found: dict[str, dict[str, list[str]]] = {"this screen": {}, "everywhere": {}}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if needs_saying(binding):
                section = "everywhere" if active.node is self else "this screen"
                found[section].setdefault(binding.description, []).append(self.get_key_display(binding))
        listed = {
            section: [(" ".join(dict.fromkeys(keys)), what) for what, keys in meanings.items()]
            for section, meanings in found.items()
        }
        listed["everywhere"].append((f"1 to {len(ENTRIES)}", "Screens"))
        return listed

    def open_answer(self, job: Job) -> None:
        """Show what somebody's own question was answered, on the screen of questions."""
        from relcli.tui.questions.screen import QuestionsScreen

        screen = self._screen_of("question")
        if job.answer is not None and isinstance(screen, QuestionsScreen):
            screen.show_answer(*job.answer)
            self.go("question")

    def open_sql(self, sql: str) -> None:
        """Put a statement into the editor of the SQL screen, and go there."""
        from relcli.tui.sql.screen import SqlScreen

        screen = self._screen_of("sql")
        if isinstance(screen, SqlScreen):
            screen.take(sql)
            self.go("sql")

    async def action_copy_or_quit(self) -> None:
        """Where text is typed, ctrl+c never quits; nor where some of the screen is selected."""
        field = self.focused
        if isinstance(field, Input | TextArea):
            if field.selected_text:
                raise SkipAction
            self.notify("Nothing is selected to be copied; ctrl+q quits.", timeout=3)
        elif self.screen.get_selected_text():
            raise SkipAction
        else:
            await self.action_quit()

    def _keep_theme(self, _: object) -> None:
        if self.theme != self.settings.theme:
            self.settings.theme = self.theme
            self.keep_settings()

    def keep_settings(self) -> None:
        """Write the settings now; says so once if that can't be done."""
        if problem := save_settings(self.settings):
            self.notify(problem, severity="warning")

    def get_system_commands(self, screen: Screen) -> Iterable[SystemCommand]:
        for entry in ENTRIES:
            yield SystemCommand(
                f"{entry.title} ({entry.key})", f"Go to {entry.about}", _later(self, entry.name)
            )
        yield from screen_commands(self, screen, BY_NAME[self.work_screen.tab].title)
        yield SystemCommand("Jobs (J)", "What runs and ran in the background", self.action_jobs)
        yield SystemCommand("Export (e)", "Write what is shown to csv, json or parquet", self.action_export)
        yield SystemCommand("Save figure (S)", "Draw it as svg, pdf or png", self.action_save_figure)
        yield SystemCommand("SQL (Q)", "Copy or open the SQL behind what is shown", self.action_sql)
        yield SystemCommand("Refresh (r)", "Read the warehouse again", self.action_refresh)
        yield from super().get_system_commands(screen)


def _later(app: RelcliApp, name: str):
    return lambda: app.go(name)
