"""Shares of single heads and tokens on regions equal those worked out from full eager maps."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from relcli.captures import QUERY_ROWS, REGIONS
from relcli.errors import RelcliError
from relcli.models.items import AskItem, PictureRegions, RegionShares
from relcli.models.local.engine import Engine
from relcli.models.local.loading import load
from tests.models.engine_helpers import ask_items, flat, looked
from tests.models.qwen_models import SHAPES, write_qwen
from tests.models.small_models import write_glm, write_llava
from tests.models.test_query_rows import eager_maps, with_spans

MODES = ("summary", "tokens", "heads", "full")


def made_up(seed: int, cells: int, layers: int, sinks: bool = True) -> PictureRegions:
    """Regions anywhere, some of them missing, and a token without a place."""
    rng = np.random.default_rng(seed)
    names = [name for name in REGIONS if name != "sink" and (name == "rest" or rng.random() < 0.8)]
    placed = np.ones(cells, np.float32)
    placed[rng.integers(cells)] = 0
    covers = {name: rng.random(cells) * (rng.random(cells) < 0.4) * placed for name in names}
    covers = {name: cover.astype(np.float32) for name, cover in covers.items()}
    return PictureRegions(covers, placed, rng.random((layers, cells)) < 0.1 if sinks else None)


def with_regions(items: list[AskItem], cells: int, layers: int) -> list[AskItem]:
    def given(place: int, item: AskItem) -> AskItem:
        prompts = [
            prompt
            if at % 5 == 4
            else replace(prompt, regions=made_up(place + at, cells, layers, sinks=at % 3 != 1))
            for at, prompt in enumerate(item.prompts)
        ]
        return AskItem(item.key, item.image, prompts)

    return [given(place, item) for place, item in enumerate(items)]


def assert_shares(found: RegionShares, maps: np.ndarray, regions: PictureRegions | None) -> None:
    """maps: float64 [layers, n, cells], of any n heads or tokens."""
    same = np.testing.assert_allclose
    # Two float32 sums: a random model's plain eager pass alone is up to 1.1e-5 off float64.
    same(found.image_mass, maps.sum(-1), atol=3e-5, rtol=0)
    share = maps / maps.sum(-1, keepdims=True)
    same(found.entropy, -(share * np.log(np.where(share > 0, share, 1))).sum(-1), atol=1e-3)
    if regions is None:
        assert found.shares == {}
        return
    known = {*regions.covers, *(["sink"] if regions.sinks is not None else [])}
    assert found.shares.keys() == known
    for layer in range(len(maps)):
        sink = np.zeros(maps.shape[2]) if regions.sinks is None else regions.sinks[layer] * regions.placed
        covers = {**regions.covers, "rest": regions.covers["rest"] * (1 - sink), "sink": sink}
        total = (maps[layer] * regions.placed).sum(-1)
        for name in known:
            expected = (maps[layer] * covers[name]).sum(-1) / total
            same(found.shares[name][layer], expected, atol=3e-5, rtol=0, err_msg=name)  # two float32 sums


def check(engine: Engine, items: list[AskItem]) -> None:
    for (item, prompt), answer in zip(flat(items), engine.answer(items), strict=True):
        maps, ids = eager_maps(engine, item, prompt.text)
        maps = maps.astype(np.float64)
        summary = looked(answer)
        assert summary.heads.keys() == {"answer", *summary.rows}
        for name, found in summary.heads.items():
            places = sorted({token.index for token in answer.tokens if token.role == name}) or [len(ids) - 1]
            by_head = maps[:, :, places].mean(axis=2)
            assert_shares(found, by_head, prompt.regions)
            if name != "answer":
                row, expected = summary.rows[name], by_head.mean(axis=1)
                np.testing.assert_allclose(row.mean_heads, expected, atol=1e-5, rtol=0, err_msg=name)
                np.testing.assert_allclose(row.image_mass, expected.sum(-1), atol=1e-4)
                full = row.full
                assert full is not None
                np.testing.assert_allclose(full, by_head, atol=1e-3)
        every = [token for token in answer.tokens if token.role == "token"]
        image = engine.loaded.config.image_token_id
        last = len(ids) - 1 - ids[::-1].index(image)
        first = every[0].index
        assert [token.index for token in every] == list(range(first, len(ids)))
        assert 0 < first - last <= 2  # a mark at the picture's end belongs to the shared prefix
        decoded = engine.loaded.tokenizer.decode([ids[token.index] for token in every])
        assert "".join(token.text for token in every).split() == decoded.split()
        assert summary.tokens is not None
        assert_shares(summary.tokens, maps[:, :, first:].mean(axis=1), prompt.regions)


@pytest.mark.parametrize("shared", [True, False])
def test_of_the_bundled_model(shared: bool):
    engine = Engine(load("bundled"), attention=MODES, rows=QUERY_ROWS, batch_size=9, shared_prefix=shared)
    items = with_regions(with_spans(ask_items(60 if shared else 8)), 64, 8)
    assert len({len(prompt.text) for _, prompt in flat(items)}) > 3
    check(engine, items)


def test_of_a_model_whose_processor_lays_out_the_prompt(tmp_path: Path):
    engine = Engine(
        load(str(write_llava(tmp_path))), attention=MODES, max_new_tokens=2, rows=QUERY_ROWS, batch_size=5
    )
    check(engine, with_regions(with_spans(ask_items(12)), 16, 3))


def test_of_glm(tmp_path: Path, tiny_model: Path):
    loaded = load(str(write_glm(tmp_path, tiny_model)))
    engine = Engine(loaded, attention=MODES, max_new_tokens=1, rows=QUERY_ROWS)
    cells = engine.image_grid(ask_items(1)[0].image).cells
    check(engine, with_regions(with_spans(ask_items(8)), cells, 3))


def test_only_what_is_asked_for_is_kept():
    items = with_regions(with_spans(ask_items(3)), 64, 8)
    loaded = load("bundled")
    for modes in ("summary", "heads", "tokens"):
        for answer in Engine(loaded, attention=modes, max_new_tokens=1).answer(items):
            summary = looked(answer)
            assert bool(summary.heads) == (modes == "heads")
            assert (summary.tokens is not None) == (modes == "tokens")
            assert summary.full is None


def test_regions_of_another_size_are_refused():
    items = with_regions(with_spans(ask_items(1)), 49, 8)
    with pytest.raises(RelcliError, match="49 image tokens, but the model sees 64"):
        Engine(load("bundled"), attention="heads").answer(items)


def a_hundred(engine: Engine) -> list[AskItem]:
    """Questions of many lengths on three kinds of pictures, each with regions on what the model sees."""
    items = with_spans(ask_items(100))
    assert len({len(prompt.text) for _, prompt in flat(items)}) > 10
    found = engine.describe(items[0].image)
    assert found.layout is not None and found.n_layers is not None
    return with_regions(items, found.layout.n_tokens, found.n_layers)


def check_a_hundred(engine: Engine) -> None:
    items = a_hundred(engine)
    assert sum(len(item.prompts) for item in items) == 100
    check(engine, items)


@pytest.mark.slow
@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("family", sorted(SHAPES))
def test_rows_heads_and_tokens_of_a_hundred_questions_by_family(
    family: str, shared: bool, tmp_path: Path
):
    write_qwen(tmp_path, family, seed=3)
    loaded = load(str(tmp_path))
    engine = Engine(
        loaded, attention=MODES, max_new_tokens=2, rows=QUERY_ROWS, batch_size=17, shared_prefix=shared
    )
    check_a_hundred(engine)


@pytest.mark.slow
@pytest.mark.parametrize("shared", [True, False])
def test_rows_heads_and_tokens_of_a_hundred_questions_to_the_bundled_model(shared: bool):
    engine = Engine(load("bundled"), attention=MODES, rows=QUERY_ROWS, batch_size=17, shared_prefix=shared)
    check_a_hundred(engine)


@pytest.mark.slow
@pytest.mark.parametrize("write", [write_llava, write_glm])
def test_rows_heads_and_tokens_of_a_hundred_questions_without_shared_prefixes(
    write: Callable[..., Path], tmp_path: Path, tiny_model: Path
):
    folder = write_llava(tmp_path) if write is write_llava else write_glm(tmp_path, tiny_model)
    loaded = load(str(folder))
    # One token: of two, one that these weights say by chance may be the image token itself.
    engine = Engine(
        loaded, attention=MODES, max_new_tokens=1, rows=QUERY_ROWS, batch_size=13, shared_prefix=False
    )
    check_a_hundred(engine)
