"""`relcli report`: a page whose numbers are the views', that loads nothing and believes nothing."""

import re
import sys
from pathlib import Path

import pytest

from relcli.jobs.request import RunRequest
from relcli.jobs.run import run
from relcli.progress import NullProgress
from relcli.report.catalogue import KINDS
from relcli.report.facts import gather
from relcli.report.figures import draw
from relcli.report.page import page, write_report
from relcli.report.plots.style import styled
from relcli.warehouse.opening import connect
from tests.cli.cli_helpers import Relcli, rows_of, sentence, tree
from tests.cli.page_kit import UNSEEN, Page, outside

QUICK = [KINDS[name] for name in ("drop", "shift", "versus", "published")]


def some_page(database: Path, run: str, other: str | None = None) -> str:
    """The page with few of its figures."""
    return page(gather(database, run, other, QUICK), NullProgress())


@pytest.fixture(scope="session")
def page_text(answered_once: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("report") / "report.html"
    write_report(answered_once, out, "first", words_alone=False, progress=NullProgress())
    return out.read_text(encoding="utf-8")


def test_a_plain_run_has_its_figures_in_one_whole_file(page_text: str) -> None:
    shown = Page(page_text)
    assert shown.svgs >= 6
    assert {"accuracy", "drop", "change", "shift", "grounding", "entropy", "flaws"} <= set(shown.tables)
    assert len(shown.ids) == len(set(shown.ids))
    assert outside(shown) == [] and "@import" not in page_text and "script" not in shown.tags
    targets = {value[1:] for _, name, value in shown.attributes if name == "href" and value[:1] == "#"}
    targets |= set(re.findall(r"url\(#([^)]+)\)", page_text))
    assert targets <= set(shown.ids)
    assert all(table.rows for table in shown.tables.values())


@pytest.mark.parametrize(
    ("figure", "view", "columns"),
    [
        ("accuracy", "accuracy_by_category", ["category", "variant", "n", "accuracy", "ci_low", "ci_high"]),
        ("drop", "raw_vs_masked_test", ["category", "drop", "drop_low", "drop_high", "holm_p"]),
        ("retention", "raw_vs_masked", ["category", "retain_rate", "fix_rate"]),
        ("change", "answer_change", ["category", "changes_with_truth", "stays_with_truth", "n_same_picture"]),
        ("shift", "attention_shift_by_layer", ["layer", "n", "l1", "l1_sd", "study_l1"]),
        ("shift-category", "attention_shift_by_category", ["category", "n", "l1"]),
        (
            "grounding", "attention_grounding",
            ["category", "variant", "layer", "elsewhere_share", "entity_share"],
        ),
        ("grounding-within", "attention_grounding", ["category", "variant", "layer", "above_others"]),
        ("pointing", "attention_grounding", ["category", "variant", "layer", "pointing_game"]),
        ("shift-correctness", "attention_shift_by_correctness", ["n", "l1", "l1_sd", "cosine"]),
    ],
)
def test_its_numbers_are_the_views(
    page_text: str, answered_once: Path, figure: str, view: str, columns: list[str]
) -> None:
    wanted = view_rows(answered_once, view, columns, "run = 'first'")
    if figure in ("grounding", "grounding-within", "pointing"):  # rows without the measure are not drawn
        wanted = {row for row in wanted if row[-1]}
    if figure.startswith("shift-"):  # rows over nothing aren't either
        wanted = {row for row in wanted if row[columns.index("n")] != "0"}
    agree(shown_rows(page_text, figure, columns), wanted, figure)


def shown_rows(text: str, figure: str, columns: list[str]) -> set[tuple[str, ...]]:
    table = Page(text).tables[figure]
    return {tuple(cells) for cells in zip(*(table.column(name) for name in columns), strict=True)}


def view_rows(database: Path, view: str, columns: list[str], where: str) -> set[tuple[str, ...]]:
    listed = ", ".join(f'"{name}"' for name in columns)
    found = rows_of(database, f"SELECT {listed} FROM {view} WHERE {where}")
    return {tuple("" if value is None else str(value) for value in row) for row in found}


def agree(got: set[tuple[str, ...]], wanted: set[tuple[str, ...]], figure: str) -> None:
    """The same rows, but for the last digits of numbers: they differ with the order in which threads add."""

    def number(cell: str) -> str | float:
        try:
            return float(cell)
        except ValueError:
            return cell

    def order(row: tuple[str | float, ...]) -> list[str]:
        return [cell if isinstance(cell, str) else f"{cell:.6g}" for cell in row]

    left, right = (sorted((tuple(map(number, row)) for row in rows), key=order) for rows in (got, wanted))
    assert left == [pytest.approx(row, rel=1e-9, abs=1e-12) for row in right] != [], figure


ANEW = {
    "entropy": (
        ["variant", "layer"], "entropy",
        "SELECT variant, layer, avg(mean_heads_entropy) FROM attention WHERE run = 'first' GROUP BY ALL",
    ),
    "entropy-steps": (
        ["step", "layer"], "entropy",
        "SELECT step, layer, avg(entropy) FROM (SELECT layer, unnest(step_entropy) AS entropy, "
        "generate_subscripts(step_entropy, 1) AS step FROM attention WHERE run = 'first' AND variant = 'raw'"
        ") GROUP BY ALL",
    ),
    "layers": (
        ["layer"], "strongest",
        "SELECT layer, max(share) FROM (SELECT layer, cell, avg(weight / total) AS share FROM (SELECT layer, "
        "unnest(mean_heads) AS weight, generate_subscripts(mean_heads, 1) AS cell, list_sum(mean_heads) AS "
        "total FROM attention WHERE run = 'first' AND variant = 'raw') GROUP BY ALL) GROUP BY ALL",
    ),
    "flaws": (
        ["category", "flaw"], "share",
        "WITH asked AS (FROM question SEMI JOIN inference USING (dataset, scene_id, question_index)), "
        "kind AS (SELECT DISTINCT unnest(flaws) AS flaw FROM asked) SELECT category, flaw, "
        "avg(list_contains(coalesce(flaws, []), flaw)::INTEGER) FROM asked CROSS JOIN kind GROUP BY ALL",
    ),
}  # fmt: skip
"""What a figure shows that no view has as it stands: its keys, the value, and the same from the tables."""


@pytest.mark.parametrize("figure", ANEW)
def test_its_numbers_are_those_of_the_tables(page_text: str, answered_once: Path, figure: str) -> None:
    keys, value, sql = ANEW[figure]
    got = {tuple(row[:-1]): float(row[-1]) for row in shown_rows(page_text, figure, [*keys, value])}
    wanted = {tuple(map(str, key)): number for *key, number in rows_of(answered_once, sql)}
    assert got == pytest.approx(wanted, rel=1e-5) and wanted


CUT = ("cut", "--run", "first", "--region", "target", "--from", "question", "--control", 1)


OF_PROBES = {
    "probes": (
        "probe_best",
        ["category", "label", "n", "accuracy", "majority", "shuffled", "prompt_only", "beats_controls"],
        "true",
    ),
    "probe-layers": (
        "probe_by_layer",
        ["category", "label", "layer", "n", "accuracy", "prompt_only"],
        "subset = 'all' AND layer IS NOT NULL",
    ),
}
OF_CUTS = {
    "cuts": (
        "cut_effect",
        ["category", "variant", "n", "flip_rate", "control_flip_rate", "beyond_control", "holm_p"],
        "intervention = experiment",
    ),
    "cut-layers": (
        "cut_by_layer",
        ["variant", "layer", "n", "mean_change", "control_change", "holm_p"],
        "layer IS NOT NULL",
    ),
}


def hold(text: str, database: Path, run: str, figures: dict[str, tuple[str, list[str], str]]) -> None:
    for figure, (view, columns, where) in figures.items():
        wanted = view_rows(database, view, columns, f"run = '{run}' AND {where}")
        wanted = {tuple({"True": "yes", "False": "no"}.get(cell, cell) for cell in row) for row in wanted}
        agree(shown_rows(text, figure, columns), wanted, figure)


@pytest.mark.slow
def test_the_numbers_of_cuts_are_the_views(relcli: Relcli, answered: Path) -> None:
    for more in (("one",), ("sweep", "--layers", "each", "--category", "recognition_color")):
        done = relcli(*CUT, "--name", *more, "--db", answered, "--display", "none")
        assert done.exit_code == 0, done.stderr
    kinds = [KINDS[name] for name in ("cuts", "cut-layers")]
    hold(page(gather(answered, "first", None, kinds), NullProgress()), answered, "first", OF_CUTS)


@pytest.mark.slow
def test_the_numbers_of_probes_are_the_views(relcli: Relcli, tmp_path: Path) -> None:
    database = tmp_path / "probed.duckdb"
    asked = ("--category", "recognition_color", "--variants", "raw", "--max-samples", 40)
    for words in (
        ("run", *asked, "--name", "colours"),
        ("probe", "--run", "colours", "--label", "answer", "--permutations", 19, "--shuffles", 2),
    ):
        done = relcli(*words, "--db", database, "--display", "none")
        assert done.exit_code == 0, done.stderr
    kinds = [KINDS[name] for name in ("probes", "probe-layers")]
    hold(page(gather(database, "colours", None, kinds), NullProgress()), database, "colours", OF_PROBES)


def test_the_sql_it_shows_gives_its_rows(page_text: str, answered_once: Path) -> None:
    shown = Page(page_text)
    assert set(shown.sql) == set(shown.tables)
    for name, sql in shown.sql.items():
        assert len(rows_of(answered_once, sql)) == len(shown.tables[name].rows), name


BESIDE = {
    "versus": (
        "run_compare",
        ["variant", "accuracy_a", "accuracy_b", "difference", "difference_low", "p"],
        "run_a = 'second' AND run_b = 'first'",
    ),
    "published": (
        "versus_published",
        ["source", "accuracy_raw", "accuracy_raw_low", "accuracy_raw_published", "drop"],
        "run = 'second'",
    ),
}


@pytest.mark.slow
def test_two_runs_and_the_published_figures_stand_beside(
    relcli: Relcli, answered: Path, scenes: Path, tiny_model: Path
) -> None:
    request = RunRequest(
        dataset=str(scenes), model=str(tiny_model), categories=("count",), max_new_tokens=2, name="second",
        attention=("none",), given=frozenset({"dataset", "model", "max_new_tokens", "attention"}),
    )  # fmt: skip
    run(answered, request, NullProgress())
    for other, figure in (("first", "versus"), ("published", "published")):
        text = some_page(answered, "second", other)
        shown = Page(text)
        assert set(shown.tables[figure].column("category")) == {"count"}
        view, sides, where = BESIDE[figure]
        columns = ["category", "n", *sides]
        agree(shown_rows(text, figure, columns), view_rows(answered, view, columns, where), figure)
        # Sections without rows are left out, and it is said why; nothing is claimed of what was not shown.
        assert "shift" not in shown.tables and "The run kept no attention." in text
        assert "no blank picture was shown" in text
    words = ["report", "--db", answered, "--run", "second", "-o"]
    assert "name another run" in sentence(relcli(*words, "x.html", "--versus", "second"))
    assert "must end in .html" in sentence(relcli(*words, "x.pdf")) and not Path("x.pdf").exists()
    assert "did you mean first?" in sentence(relcli(*words, "x.html", "--versus", "frist"))
    assert not Path("x.html").exists()


def test_names_and_answers_from_elsewhere_are_shown_and_not_obeyed(relcli: Relcli, answered: Path) -> None:
    odd = "<script>alert(1)</script>'\"&$x_1$ \x1b[31m\u202eevil\nline"
    with connect(answered, read_only=False) as connection:
        tables = connection.execute(
            "SELECT table_name, column_name FROM duckdb_columns() JOIN duckdb_tables() USING (table_name) "
            "WHERE column_name = 'run' OR (table_name, column_name) IN (('run', 'model'), ('run', "
            "'command'), ('answer', 'answer'), ('question_text', 'stem'), ('question_text', 'category'))"
        ).fetchall()
        for table, column in tables:
            connection.execute(f'UPDATE "{table}" SET "{column}" = $odd', {"odd": odd})
        connection.execute("UPDATE question_text SET options = [$odd, $odd], flaws = [$odd]", {"odd": odd})
    result = relcli("report", "--db", answered, "--no-words-alone", "--run", odd, "-o", "odd.html")
    assert result.exit_code == 0, result.stderr
    text = Path("odd.html").read_text(encoding="utf-8")
    shown = Page(text)
    assert "script" not in shown.tags and not UNSEEN.search(text)
    assert "\\x1b[31m\\u202eevil" in text and shown.svgs >= 6
    assert not any(name.startswith("on") for _, name, _ in shown.attributes)


@pytest.mark.slow
def test_a_file_that_is_there_stays(relcli: Relcli, answered: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    words = ["report", "--db", answered, "--no-words-alone", "--format", "json", "-o", out]
    out.write_text("mine")
    assert "--force" in sentence(relcli(*words)) and out.read_text() == "mine"
    assert '"run": "first"' in relcli(*words, "--force").stdout
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [name for name in tree(tmp_path) if "report" in name] == ["report.html"]
    assert "is a folder" in sentence(relcli(*words[:-1], tmp_path))
    assert "no folder" in sentence(relcli(*words[:-1], out / "in-a-file.html"))
    assert "can't be written" in sentence(relcli(*words[:-1], tmp_path / ("long" * 100)))
    assert "go into a file" in sentence(relcli(*words[:-1], "-"))


def test_an_unfinished_run_says_so(answered: Path) -> None:
    with connect(answered, read_only=False) as connection:
        connection.execute("UPDATE run SET state = 'running', heartbeat_at = TIMESTAMP '2020-01-01'")
    assert "This run is stopped, not done" in some_page(answered, "first")


def test_no_runs_no_answers_and_no_library_are_sentences(
    relcli: Relcli, empty_once: Path, answered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no runs" in sentence(relcli("report", "--db", empty_once))
    with connect(answered, read_only=False) as connection:
        connection.execute("DELETE FROM answer")
    assert "no answers yet" in sentence(relcli("report", "--db", answered))
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for words in (["report"], ["figure", "shift", "-o", "a.svg"]):
        assert "pip install 'relcli[report]'" in sentence(relcli(*words, "--db", answered))


@pytest.mark.parametrize(("form", "head"), [("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")])
def test_a_figure_is_the_same_file_every_time(
    relcli: Relcli, answered_once: Path, form: str, head: bytes
) -> None:
    for out in (f"a.{form}", f"b.{form}"):
        result = relcli("figure", "shift", "--db", answered_once, "-o", out, "--dpi", 60, "--width", 3.5)
        assert result.exit_code == 0, result.stderr
    assert Path(f"a.{form}").read_bytes() == Path(f"b.{form}").read_bytes()
    assert Path(f"a.{form}").read_bytes().startswith(head)


@pytest.mark.slow
def test_every_figure_there_is_can_be_drawn_alone(answered_once: Path) -> None:
    facts = gather(answered_once, "first")
    drawable = set(KINDS) - {"versus", "published", "probes", "probe-layers", "cuts", "cut-layers"}
    drawable -= {"heads", "looks", "tokens"}  # tests/report/test_report_looking.py
    drawable -= {"patch-layers", "steering", "lens", "correctness"}  # tests/report/test_report_plots.py
    assert set(facts.rows) == drawable
    for name in drawable:
        with styled():
            figure = draw(KINDS[name], facts, width=4.0)
            assert figure.axes and figure.get_figwidth() <= 4.0, name


def test_the_maps_of_one_question(relcli: Relcli, answered_once: Path) -> None:
    words = ["figure", "layers", "--db", answered_once, "--question", "0.0"]
    assert relcli(*words, "--variant", "blank", "-o", "layers.svg").exit_code == 0
    svg = Path("layers.svg").read_text()
    assert svg.count("<image") == 1 + rows_of(answered_once, "SELECT max(layer) + 1 FROM attention")[0][0]
    assert relcli("figure", "steps", "--db", answered_once, "--layer", 1, "-o", "steps.png").exit_code == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["shfit", "-o", "a.svg"], "did you mean shift?"),
        (["shift", "-o", "a.jpg"], ".svg, .pdf or .png"),
        (["shift", "-o", "a.svg", "--question", "0.0"], "layers, steps and tokens"),
        (["accuracy", "-o", "a.svg", "--variant", "blank"], "--variant belongs to"),
        (["layers", "-o", "a.svg", "--variant", "masked"], "layers with --question"),
        (["layers", "-o", "a.svg", "--layer", "1"], "--layer belongs to"),
        (["drop", "-o", "a.svg", "--versus", "first"], "--versus belongs to"),
        (["layers", "-o", "a.svg", "--question", "x"], "SCENE.INDEX"),
        (["layers", "-o", "a.svg", "--question", "99.0"], "no answer to question 99.0"),
        (["steps", "-o", "a.svg", "--layer", "40"], "no layer 40"),
        (["versus", "-o", "a.svg"], "--versus NAME"),
        (["probes", "-o", "a.svg"], "was not probed"),
        (["shift", "-o", "a.svg", "--width", "0"], "--width"),
        (["shift", "-o", "a.svg", "--style", "none.mplstyle"], "no style file"),
    ],
)
def test_what_cannot_be_drawn_is_a_sentence(
    relcli: Relcli, answered_once: Path, words: list[str], says: str
) -> None:
    assert says in sentence(relcli("figure", "--db", answered_once, *words))
    assert not Path("a.svg").exists()


def test_a_style_file_is_laid_over_ours(relcli: Relcli, answered_once: Path) -> None:
    Path("mine.mplstyle").write_text("axes.facecolor: 123456\n")
    words = ["figure", "shift", "--db", answered_once, "-o", "a.svg", "--style", "mine.mplstyle"]
    assert relcli(*words).exit_code == 0 and "#123456" in Path("a.svg").read_text()
