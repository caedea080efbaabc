"""Heads and tokens in figures, on the page, and in its finding."""

import re
from pathlib import Path

import numpy as np
import pytest

from relcli.errors import RelcliError, UsageError
from relcli.options.figure import FIGURES
from relcli.progress import NullProgress
from relcli.report.catalogue import KINDS
from relcli.report.facts import Facts, gather, sql_of
from relcli.report.figures import as_bytes, make_figure
from relcli.report.finding import finding
from relcli.report.page import page
from relcli.results.token_strip import read_token_strip
from relcli.warehouse.opening import connect
from relcli.warehouse.reads import read
from relcli.warehouse.rows import query
from tests.tui.heads_kit import CATEGORIES, READS, RUN

NAMES = ("heads", "looks", "tokens")


@pytest.fixture(scope="module")
def facts(kept: Path) -> Facts:
    return gather(kept, RUN)


def svg(kept: Path, name: str, **how) -> str:
    return as_bytes(make_figure(kept, name, RUN, **how), "svg").decode()


@pytest.mark.slow
def test_the_page_shows_heads_and_tokens_and_says_which_head_reads(facts: Facts) -> None:
    text = page(facts, NullProgress())
    for name in NAMES:
        assert f'id="figure-{name}"' in text and KINDS[name].title in text
    sentence = finding(facts)[-1]
    layer, head = READS
    assert sentence.startswith("A single head has more")
    assert "explicit" not in sentence and f"{CATEGORIES[0]} (" in sentence
    read = f"target row, layer {layer}, head {head}"
    assert sentence.count(read) == sentence.count(" row, layer ") >= 2  # both halves
    # It says no more than its tests: with a half that fails the category is not named.
    [first, *_] = [row for row in facts.of("looks") if row["category"] == CATEGORIES[0]]
    first["p_holm"] = 0.2
    assert f"{CATEGORIES[0]} (" not in finding(facts)[-1]
    for row in facts.of("looks"):
        row["p_holm"] = 0.2
    assert "does not show that there is none" in finding(facts)[-1]
    for row in facts.of("looks"):
        row["p_holm"] = None
    assert not any("single head" in each for each in finding(facts))


@pytest.mark.slow
def test_the_sql_of_a_figure_gives_its_rows(kept: Path) -> None:
    facts = gather(kept, RUN)
    for name in NAMES:
        sql = sql_of(KINDS[name], facts)
        assert "$" not in re.sub(r"--[^\n]*", "", sql)
        found = query(kept, sql).as_dicts()
        # Sums over threads differ in the last digit from time to time.
        assert found == [pytest.approx(row, nan_ok=True) for row in facts.of(name)]


@pytest.mark.slow
def test_tokens_of_a_question_a_layer_and_a_picture(kept: Path) -> None:
    rows = gather(kept, RUN).of("tokens")
    assert {row["category"] for row in rows} == set(CATEGORIES)
    assert {row["layer"] for row in rows} == {READS[0]}, "where the tokens that name it look"
    first = rows[0]
    key = first["scene_id"], first["question_index"]
    strip = read_token_strip(kept, RUN, key, "raw")
    assert strip is not None
    mine = [row for row in rows if (row["scene_id"], row["question_index"]) == key]
    assert [row["text"] for row in mine] == [token.text for token in strip.tokens]
    assert [row["share"] for row in mine] == strip.shares("target", READS[0])
    drawn = svg(kept, "tokens", question=key, layer=0)
    assert drawn != svg(kept, "tokens", question=key, layer=3) != svg(kept, "tokens")
    with pytest.raises(RelcliError, match=r"no tokens of question 999\.0 on raw"):
        make_figure(kept, "tokens", RUN, question=(999, 0))
    with pytest.raises(UsageError, match="layers, steps and tokens, not to heads"):
        make_figure(kept, "heads", RUN, question=key)


@pytest.mark.slow
def test_figures_of_heads_show_what_stands_out(kept: Path) -> None:
    facts = gather(kept, RUN)
    rows = [row for row in facts.of("heads") if row["query_row"] == "target"]
    above = {
        (row["layer"], head) for row in rows for head, sure in enumerate(row["above"]) if sure
    }
    assert above == {READS}
    for name in NAMES:
        assert len(svg(kept, name)) > 5_000 and name in FIGURES


@pytest.mark.slow
def test_what_was_not_kept_is_said(kept: Path, tmp_path: Path) -> None:
    import shutil

    path = Path(shutil.copy(kept, tmp_path / "w.duckdb"))
    with connect(path, read_only=False) as connection:
        for table in ("head_attention", "token_attention"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute("UPDATE run SET attention = 'summary,heads'")
    missing = gather(path, RUN).missing
    assert "relcli run --attention tokens" in missing["tokens"]
    assert "nothing on what is asked about" in missing["heads"]
    with pytest.raises(RelcliError, match="kept no tokens"):
        make_figure(path, "tokens", RUN)


def test_shift_grounding_and_entropy_of_a_row(kept: Path) -> None:
    """Of the answer's row they are the figures' own means; of another row what that row's vectors give."""
    own = {
        (each["category"], each["variant"], each["layer"]): each for each in gather(kept, RUN).of("grounding")
    }
    rows = read(kept, "row_grounding", run=RUN, row="answer").as_dicts()
    assert len(rows) == len(own) > 20
    for each in rows:
        expected = own[each["category"], each["variant"], each["layer"]]
        for name in ("n_entity", "n_scenes", "entity_share", "elsewhere_share"):
            assert each[name] == pytest.approx(expected[name])
        middle = each["entity_share"] - each["elsewhere_share"]
        assert each["above_elsewhere"] == pytest.approx(middle)
        assert each["above_elsewhere_low"] < middle < each["above_elsewhere_high"]
    sql = (
        "SELECT layer, a.mean_heads AS raw, b.mean_heads AS masked FROM answer_attention AS a "
        "JOIN answer_attention AS b USING (run, scene_id, question_index, query_row, layer) "
        "JOIN run USING (run) JOIN scene USING (dataset, scene_id) "
        "WHERE run = $run AND query_row = 'stem_end' AND a.variant = 'raw' AND b.variant = 'masked' "
        "AND twin_changed AND layer = 2"
    )
    pairs = query(kept, sql, {"run": RUN}).as_dicts()
    raw, masked = (np.array([pair[name] for pair in pairs]) for name in ("raw", "masked"))
    differences = np.abs(raw / raw.sum(1, keepdims=True) - masked / masked.sum(1, keepdims=True)).mean(1)
    found = read(kept, "row_shift", run=RUN, row="stem_end").as_dicts()[2]
    assert (found["layer"], found["n"]) == (2, len(pairs))
    assert found["l1"] == pytest.approx(differences.mean(), rel=1e-4)
    assert found["l1_sd"] == pytest.approx(differences.std(ddof=1), rel=1e-3)
    assert found["l1_low"] < found["l1"] < found["l1_high"]
    for name in ("shift", "grounding", "entropy"):
        assert svg(kept, name, row="stem_end") != svg(kept, name, row="target") != svg(kept, name)
        with pytest.raises(RelcliError, match=f"nothing of the row options for {name}"):
            make_figure(kept, name, RUN, row="options")
    with pytest.raises(UsageError, match="shift, grounding, entropy, not to accuracy"):
        make_figure(kept, "accuracy", RUN, row="target")


@pytest.mark.slow
def test_a_figure_of_either_step(kept: Path, tmp_path: Path) -> None:
    """Shift and entropy are of the mean over steps on their own, grounding of the answer's step."""
    import shutil

    path = Path(shutil.copy(kept, tmp_path / "w.duckdb"))
    with connect(path, read_only=False) as connection:
        connection.execute(
            "UPDATE answer_attention SET mean_heads = list_transform(mean_heads, lambda w, i: w * (i % 7)), "
            "mean_heads_entropy = mean_heads_entropy / 2 WHERE query_row = 'answer'"
        )

    def found(figure: str, name: str, step: str) -> list[float]:
        rows = read(path, f"row_{figure}", run=RUN, row="answer", step=step).as_dicts()
        return [row[name] for row in rows]

    facts = gather(path, RUN)
    own = (("shift", "l1", "mean"), ("entropy", "entropy", "mean"), ("grounding", "entity_share", "answer"))
    for figure, name, step in own:
        expected = [each[name] for each in facts.of(figure)]
        other = "answer" if step == "mean" else "mean"
        assert found(figure, name, step) == pytest.approx(expected, rel=1e-4)
        assert found(figure, name, other) != pytest.approx(expected, rel=1e-2)
        assert svg(path, figure, step=step) != svg(path, figure, step=other)
    with pytest.raises(UsageError, match="--step belongs to the figures shift"):
        make_figure(path, "accuracy", RUN, step="mean")
