"""A warehouse to read from Python. The file is opened for each call and held by none."""

from difflib import get_close_matches
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relcli.api.question import Question
from relcli.api.result import Result
from relcli.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.figure import Figure



class Warehouse:
    """A warehouse's runs, tables, views, questions and figures; nothing in it is changed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def views(self) -> list[str]:
        """Names of the tables and views."""
        from relcli.warehouse.reads import read

        return [row["table_name"] for row in read(self.path, "relations").as_dicts()]

    def view(self, name: str, run: str | None = None) -> Result:
        """The rows of a table or view, those of one run if it is named, copied into memory: name the run of
        a large one such as attention. `.df()`, `.pl()`, `.arrow()`, and all of a DuckDB relation.

        Raises UsageError for a name that isn't there, WarehouseError if the file can't be read.
        """
        from relcli.warehouse.reads import read
        from relcli.warehouse.relations import rows_of

        known = {row["table_name"]: row["has_run"] for row in read(self.path, "relations").as_dicts()}
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}."
            raise UsageError(f"There is no table or view {name!r} in {self.path}; {hint}")
        if run is not None and not known[name]:
            raise UsageError(f"The rows of {name} belong to no run: leave run={run!r} away.")
        return Result(rows_of(self.path, name, run))

    def sql(self, text: str, **params: Any) -> Result:
        """The rows of one SELECT, with `$name` for each of `params`. Raises RelcliError for wrong SQL."""
        from relcli.warehouse.relations import taken

        return Result(taken(self.path, text, params or None))

    @property
    def runs(self) -> Result:
        """All runs, newest first, with their state and accuracy."""
        from relcli.warehouse.reads import read_text

        return self.sql(read_text("runs"))

    def run(self, name: str | None = None) -> "Run":
        """A run, the newest if None. Raises UsageError if it isn't there."""
        from relcli.report.facts import find_run

        return Run(self, find_run(self.path, name))

    def question(self, run: str, scene_id: int, question_index: int) -> Question:
        """One question of a run, with pictures and attention. Raises UsageError if it isn't there."""
        from relcli.report.facts import find_question

        return Question(find_question(self.path, run, (scene_id, question_index)))

    def figure(self, name: str, run: str | None = None, **options: Any) -> "Figure":
        """A matplotlib figure, as `relcli figure NAME` draws it. options: versus, question (`"12.3"` or the
        pair of scene_id and question_index), variant, layer, width, style, words_alone. Raises as
        `relcli.report.figures.make_figure`, and UsageError for a question that is neither."""
        from relcli.report.figures import make_figure

        if (question := options.get("question")) is not None:
            options["question"] = _question_key(question)
        if options.get("style") is not None:
            options["style"] = Path(options["style"])
        return make_figure(self.path, name, run, **options)

    def report(self, out: str | Path, run: str | None = None, **options: Any) -> Path:
        """Write the page of `relcli report`. options: versus, words_alone, force. Returns its path."""
        from relcli.progress import NullProgress
        from relcli.report.page import write_report

        write_report(self.path, Path(out), run, progress=NullProgress(), **options)
        return Path(out)

    def __repr__(self) -> str:
        return f"<relcli warehouse {self.path}>"

    def _repr_html_(self) -> str:
        return f"<p>relcli warehouse <code>{escape(str(self.path))}</code></p>{self.runs._repr_html_()}"


def _question_key(question: Any) -> tuple[int, int]:
    """(scene_id, question_index), whichever way a question is named. Raises UsageError."""
    from relcli.results.questions import parse_question

    if isinstance(question, str):
        return parse_question(question)
    try:
        scene, index = question
        return int(scene), int(index)
    except (TypeError, ValueError):
        raise UsageError(
            f"A question is the pair (scene_id, question_index) or '12.3', not {question!r}."
        ) from None


class Run:
    """A run of a warehouse. `record`: everything that shaped its answers, by column of table `run`."""

    def __init__(self, warehouse: Warehouse, record: dict[str, Any]) -> None:
        self.warehouse = warehouse
        self.record = record

    @property
    def name(self) -> str:
        return self.record["run"]

    @property
    def categories(self) -> Result:
        """Accuracy by category, raw, masked and blank, with intervals and the paired difference."""
        from relcli.warehouse.reads import read_text

        return self.warehouse.sql(read_text("category_table"), run=self.name)

    def view(self, name: str) -> Result:
        """This run's rows of a table or view."""
        return self.warehouse.view(name, self.name)

    def question(self, scene_id: int, question_index: int) -> Question:
        return self.warehouse.question(self.name, scene_id, question_index)

    def figure(self, name: str, **options: Any) -> "Figure":
        return self.warehouse.figure(name, self.name, **options)

    def __repr__(self) -> str:
        return f"<relcli run {self.name}: {self.record['state']}, {self.record['n_answers']:,} answers>"

    def _repr_html_(self) -> str:
        from relcli.report.tables import html_table
        from relcli.results.category_table import category_lines
        from relcli.visible import visible

        about = f"{self.record['state']}, model {self.record['model']}, data set {self.record['dataset']}"
        head = f"<h4>{escape(visible(self.name))}</h4><p>{escape(visible(about))}</p>"
        note = "Intervals are over scenes; clean: over the questions with one right answer."
        return head + html_table(*category_lines(self.categories.dicts()), note)
