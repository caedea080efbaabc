"""The terminal application.

`app.py` is the application; `context.py` what screens and widgets may ask of it; `frame/` what every screen
stands in; `background/` the child processes; one folder a screen; `widgets/` what two screens use.

To add a screen:

1. Write `relcli/tui/NAME/screen.py` with a class `NameScreen` that derives from
   `relcli.tui.frame.screen.WorkScreen`. `compose_body` yields its widgets. `load` (async) reads what they
   show and fills them. The frame calls `load` when the screen is entered, on `r`, and, if the class says
   `LIVE = True`, whenever the warehouse changes. A RelcliError raised in it becomes the sentence at the top.
2. Give it a line in `relcli/tui/frame/registry.py`. Modules are imported on the first visit.
3. Read with `await self.store.read("NAME", run=..., ...)`: a file in sql/reads, in a thread. Other functions
   of `relcli.results` and `relcli.warehouse` go through `await self.store.call(function, ...)`.
4. `HELP` (Markdown) is what F1 shows above the keys. `exportable` says what `e` writes, `copy_text` what `y`
   copies, `FILTER` the selector of the input that `/` goes to. `subtitle` is the line under the tabs.
5. What is open (run, second run, question, filter) is `self.selection`. `self.context.go("NAME")` changes the
   screen, `esc` comes back.
6. Long work is a child process: `self.context.start_job("title", ["probe", ...], on_end)`. The status bar
   shows it everywhere. `self.context.jobs_changed.subscribe(self, callback)` hears of each change, and `Job`
   keeps progress, metrics, result and last lines.
7. A screen that shows one question derives from `relcli.tui.question.base.QuestionScreenBase`. Bars and marks
   for the cells of a table: `relcli.tui.widgets.cells`.

numpy and Pillow are imported by what draws; torch, transformers and scikit-learn never are.
"""
