"""The terminal application: where people look.

Adding a screen:

1. Write `relcli/tui/screens/NAME.py` with a class that derives from `relcli.tui.base.WorkScreen`:
   `compose_body` yields its widgets, `load` (async) reads what they show and fills them. The frame calls
   `load` when the screen is entered, on `r`, and, if the class says `LIVE = True`, whenever the warehouse
   changes; a RelcliError raised in it becomes the sentence at the top.
2. Give it a line in `relcli/tui/registry.py` (key, name, title, class). Modules are imported on first visit.
3. Reads are files in sql/reads, asked for with `await self.store.read("NAME", run=..., ...)`, in a thread.
   Anything else of `relcli.warehouse` goes through `await self.store.call(function, ...)`.
4. `HELP` (Markdown) is what F1 shows above the keys. `exportable` says what `e` writes, `copy_text` what `y`
   copies, `FILTER` the selector of the input that `/` goes to. `subtitle` is the line under the tabs.
5. What is being looked at (run, second run, question, filter) is `self.app.looking`; `self.app.go("NAME")`
   changes the screen, `esc` comes back.
6. Work that takes long is a child process: `self.app.jobs.start("title", ["probe", ...], on_end=...)`. The
   bar at the bottom shows it everywhere; `self.app.jobs_changed.subscribe(self, callback)` hears of each
   change, and `Job` keeps progress, metrics, result and last lines.
7. A screen that shows one question derives from `relcli.tui.stepping.SteppingScreen`. Pictures:
   `relcli.tui.widgets.picture.PictureView`. Numbers as a heat map with a cursor:
   `relcli.tui.widgets.heat_table`. Bars and marks for cells of a table: `relcli.tui.cells`.

numpy and Pillow are imported by the widgets that draw; torch, transformers and scikit-learn never are.
"""
