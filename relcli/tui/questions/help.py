"""What the help of the questions says."""

from relcli.tui.looking.actions import HELP as LOOKING_HELP

HELP = f"""\
The questions of the run with what was answered on each picture: ✓ right, ✗ wrong, · not asked. The case
beside the list is the question under the cursor; enter gives it the whole screen, esc brings the list
back. On a terminal of less than 100 columns there is one of them at a time.

The keys in the line above narrow the list; **right** and **wrong** speak of the picture chosen with `v`.
**Flipped** questions are right on one of raw and masked and wrong on the other. **Flawed** ones have
something wrong with themselves, **ambiguous** ones a second right answer. `s` sorts by confidence, shift,
grounding, category or scene; `c` lays another run beside this one, and `C` lists only what differs. `x`
marks a question (★) and `i` writes a note about it; `u` lists only these, also in SQL as `question_mark`.

`/` looks for words in questions and answers. **25.108** there goes to question 108 of scene 25;
**objects:3**, **objects:2-4**, **arrows>1**, **color:red** and **shape:circle** ask for scenes, and may
be combined.

In the case, the **raw** picture and its **masked** twin (or the picture chosen with `v`) stand above the
attention on each, on one scale, and their **difference**. The objects asked about have a frame. ✓ marks
what is right and ◀ what was said; percentages are the model's own probabilities. The strip shows each
layer: how much of the attention on the picture is on what is asked about. **4.1x** compares the share of
the attention with that of the area: 1x is looking without preference. **by chance** is the same
attention's share on what other scenes' questions of the kind ask about. `m` goes through mean, maximum,
first and last step, and every step where the run kept them.

`n` and `N` go to the next and the previous failure on the chosen picture, within the filter; `.` and `,`
go through all questions it lets through. `a` asks the model something of your own about the picture.

{LOOKING_HELP}
`X` cuts attention: pick cells or a region, layers and heads, and the model answers again without them. Or
it steers attention there: **strength** is added to the scores of these cells. The answer, the bars and the
map change in place; the change of the log-odds stands beside that of matched random sets. `ctrl+s` keeps it
in the warehouse as `relcli cut` or `relcli steer` would, `esc` throws it away. F6 cuts the region, or
patches from the twin, in each layer alone, over the category's questions, as a job; sweeps are curves.
"""
