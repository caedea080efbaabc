"""relcli from Python: light to import, reads without holding the file, asks what the commands ask."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import relcli
from relcli.warehouse.opening import connect
from tests.cli.cli_helpers import Relcli, rows_of

HEAVY = ("torch", "transformers", "duckdb", "matplotlib", "numpy", "PIL", "typer", "jinja2", "sklearn")


def test_importing_it_imports_nothing_heavy() -> None:
    script = f"import sys, relcli; dir(relcli); print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr
    assert set(relcli.__all__) <= set(dir(relcli))


def test_views_are_relations_and_nobody_holds_the_file(answered: Path) -> None:
    w = relcli.open(answered)
    result = w.view("accuracy_by_category", run="first")
    with connect(answered, read_only=False, timeout_s=0.5) as connection:  # somebody writes meanwhile
        connection.execute("UPDATE run SET message = 'seen'")
    wanted = rows_of(answered, "FROM accuracy_by_category WHERE run = 'first'")
    assert sorted(result.fetchall()) == sorted(wanted) and len(result) == len(wanted)
    raw = result.filter("variant = 'raw'").aggregate("count(*)").fetchall()
    assert raw == [(sum(row["variant"] == "raw" for row in result.dicts()),)]
    assert w.sql("SELECT message FROM run WHERE run = $name", name="first").fetchall() == [("seen",)]
    assert w.run().record["message"] == "seen" and "first" in w._repr_html_()


@pytest.mark.parametrize(("how", "library"), [("df", "pandas"), ("pl", "polars"), ("arrow", "pyarrow")])
def test_a_frame_library_that_is_missing_gets_a_sentence(
    answered_once: Path, monkeypatch: pytest.MonkeyPatch, how: str, library: str
) -> None:
    for name in ("pandas", "polars", "pyarrow"):
        monkeypatch.setitem(sys.modules, name, None)
    result = relcli.open(answered_once).view("run")
    with pytest.raises(relcli.RelcliError, match=r"pip install (pandas|polars|pyarrow)"):
        getattr(result, how)()
    assert result.dicts()[0]["run"] == "first", library


def test_a_question_as_arrays(answered_once: Path) -> None:
    question = relcli.open(answered_once).question("first", 0, 0)
    [[vector]] = rows_of(
        answered_once,
        "SELECT mean_heads FROM attention WHERE run = 'first' AND scene_id = 0 AND question_index = 0 "
        "AND variant = 'blank' AND layer = 1",
    )
    maps = question.attention("blank")
    assert maps.dtype == np.float32 and maps[1].ravel().tolist() == pytest.approx(vector)
    assert question.pictures["raw"].shape == (224, 224, 3) and question.pictures["blank"].min() == 255
    page = question._repr_html_()
    assert page.count("<img") >= 4 and "<article>" in page
    with pytest.raises(relcli.RelcliError, match="no attention on the green picture"):
        question.attention("green")
    with pytest.raises(relcli.RelcliError, match="there are mean_heads"):
        question.attention("raw", "median")
    with pytest.raises(relcli.RelcliError, match="--attention full"):
        question.steps()


def test_what_is_not_there_is_a_sentence(answered_once: Path, tmp_path: Path) -> None:
    w = relcli.open(answered_once)
    for call, says in (
        (lambda: w.view("raw_vs_maskd"), "did you mean raw_vs_masked"),
        (lambda: w.view("dataset", run="first"), "belong to no run"),
        (lambda: w.run("frist"), "did you mean first"),
        (lambda: w.question("first", 99, 0), "no answer to question 99.0"),
        (lambda: w.figure("shfit"), "did you mean shift"),
        (lambda: w.sql("SELECT nothing"), "nothing"),
        (lambda: w.sql("SELEC 1"), "SELEC"),
        (lambda: w.sql("DELETE FROM run"), "not DELETE"),
        (lambda: w.sql("SELECT 1; SELECT 2"), "not 2 statements"),
        (lambda: w.sql("-- nothing"), "not an empty text"),
        (lambda: w.figure("layers", question="0"), "SCENE.INDEX"),
        (lambda: w.figure("layers", question=0), "the pair"),
        (lambda: w.figure("drop", style="none.mplstyle"), "no style file"),
        (lambda: relcli.open(tmp_path / "none.duckdb"), "There is no warehouse"),
        (lambda: w.sql("FROM read_csv('/etc/passwd')"), ""),
    ):
        with pytest.raises(relcli.RelcliError) as caught:
            call()
        assert says in str(caught.value)
    with pytest.raises(TypeError, match="did you mean model"):
        relcli.run(modle="x")
    with pytest.raises(AttributeError, match="no attribute"):
        relcli.nothing  # type: ignore[attr-defined]  # noqa: B018


def test_a_figure_is_matplotlibs_and_leaves_its_settings_alone(answered_once: Path) -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    run = relcli.open(answered_once).run("first")
    figure = run.figure("layers", question="0.0", width=4)
    assert len(run.figure("layers", question=(0, 0)).axes) == len(figure.axes)
    assert figure.get_figwidth() <= 4 and len(figure.axes) >= 3 and dict(mpl.rcParams) == before


@pytest.mark.slow
def test_run_has_the_commands_names_and_defaults(
    scenes: Path, tiny_model: Path, call: Relcli, tmp_path: Path
) -> None:
    shared = {"dataset": str(scenes), "model": str(tiny_model), "category": "count", "max_samples": 1}
    files = tmp_path / "api.duckdb", tmp_path / "cli.duckdb"
    made = relcli.run(db=files[0], name="same", display="none", max_new_tokens=2, **shared)
    words = [word for name, value in shared.items() for word in (f"--{name.replace('_', '-')}", value)]
    done = call("run", "--db", files[1], "--name", "same", "--display", "none", "--max-new-tokens", 2, *words)
    assert done.exit_code == 0, done.stderr
    other = relcli.open(files[1]).run("same")
    differ = {"started_at", "finished_at", "heartbeat_at", "command", "message", "verified"}
    for name in made.record.keys() - differ:
        assert made.record[name] == other.record[name], name
    assert made.categories.dicts() == other.categories.dicts() and "same" in made._repr_html_()


@pytest.fixture
def call(relcli: Relcli) -> Relcli:
    """The command; the fixture's own name is the package's here."""
    return relcli


def test_ask_from_python(scenes: Path, tiny_model: Path) -> None:
    picture = next((scenes / "images").glob("*.png"))
    reply = relcli.ask(
        "Is there a red circle?", picture, model=str(tiny_model), max_new_tokens=2, display="none",
        option=["yes", "no", "maybe"],
    )  # fmt: skip
    assert reply.options == ("yes", "no", "maybe") and len(reply.probabilities) == 4
