"""relcli run on changed pictures and placebos, and with questions put in several ways, in this process."""

from pathlib import Path

import pytest

from relcli.paths import sql_dir
from tests.cli.cli_helpers import Relcli, rows_of, sentence

DB = Path("twins.duckdb")


@pytest.fixture
def run(relcli: Relcli, tiny_model: Path):
    made = relcli(
        "generate", "--out", "twins", "--scenes", 2, "--questions", "balanced", "--seed", 5, "--db", DB,
        "--twins", "mask,change,placebo",
    )  # fmt: skip
    assert made.exit_code == 0, made.stderr

    def call(*words: object):
        return relcli(
            "run", "--model", tiny_model, "--max-new-tokens", 2, "--db", DB, "--dataset", "twins",
            "--attention", "none", *words,
        )  # fmt: skip

    return call


def test_each_variant_is_asked_and_graded_by_its_own_truth(run) -> None:
    result = run("--name", "t", "--variants", "placebo,changed,raw,masked,blank")
    assert result.exit_code == 0, result.stderr
    planned = rows_of(
        DB,
        "select v.variant, count(*) from question_truth t join variant v on v.dataset = t.dataset "
        "and v.graded_as = t.variant group by 1 order by 1",
    )
    assert rows_of(DB, "select variant, count(*) from inference group by 1 order by 1") == planned
    wrongly = rows_of(
        DB,
        "select count(*) from inference i join variant v using (dataset, variant) join question_truth t "
        "on (t.dataset, t.scene_id, t.question_index, t.variant) "
        "= (i.dataset, i.scene_id, i.question_index, v.graded_as) where t.ground_truth <> i.ground_truth",
    )
    assert wrongly == [(0,)]
    [variants] = rows_of(DB, "select variants from run")[0]
    assert variants == ["raw", "masked", "changed", "placebo", "blank"]
    for words in ("changed", "placebo", "right on all"):
        assert words in result.stdout
    for audit in ("answer_without_picture", "ground_truth_not_an_option", "unknown_words"):
        assert rows_of(DB, (sql_dir() / "audits" / f"{audit}.sql").read_text()) == []


def test_a_variant_that_the_data_lacks_gets_a_sentence(run, relcli: Relcli, tiny_model: Path) -> None:
    refused = run("--variants", "raw,dusk")
    assert refused.exit_code == 2
    assert "has no dusk pictures, only raw, masked, changed, placebo, blank" in sentence(refused)
    refused = relcli("run", "--model", tiny_model, "--db", DB, "--variants", "raw,changed")
    assert refused.exit_code == 2 and "--twins change" in sentence(refused)
    refused = run("--variants", "raw,../up")
    assert refused.exit_code == 2 and "no variant '../up'" in sentence(refused)


@pytest.mark.slow
def test_every_order_in_every_wording(run) -> None:
    words = ("--name", "w", "--variants", "raw", "--orders", 3, "--wordings", 2, "--max-samples", 1)
    result = run(*words)
    assert result.exit_code == 0, result.stderr
    assert "flips" in result.stdout
    asked = "select question_index, scene_id, count(*), count(distinct presentation) from answer group by all"
    n_options = "select question_index, scene_id, len(options) from question"
    options = {(index, scene): n for index, scene, n in rows_of(DB, n_options)}
    for index, scene, n, n_ways in rows_of(DB, asked):
        assert n == n_ways == 2 * min(3, {2: 2, 3: 6, 4: 24}[options[index, scene]])
    sent = "select distinct text from answer_presented where presentation <> 'plain'"
    assert len(rows_of(DB, sent)) == len(rows_of(DB, "from answer where presentation <> 'plain'"))
    # The option graded right is the same one, wherever it stands.
    moved = (
        "select count(distinct case when a.ground_truth = 'None' then 'None' "
        "else p.options[ascii(a.ground_truth) - 96] end) "
        "from answer a join answer_presented p using (run, scene_id, question_index, variant, presentation) "
        "group by a.scene_id, a.question_index"
    )
    assert set(rows_of(DB, moved)) == {(1,)}
    again = run("--name", "w", "--resume")
    assert again.exit_code == 0, again.stderr
    refused = run("--name", "w", "--resume", "--orders", 2)
    assert refused.exit_code == 2 and "--orders (3 then, 2 now)" in sentence(refused)
