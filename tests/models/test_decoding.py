"""Whatever settings a checkpoint brings for generation, the answer is the likeliest token at each step."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from transformers import GenerationConfig

from relcli.errors import RelcliError
from relcli.models.local.engine import Engine
from relcli.models.local.loading import load
from relcli.models.local.verify import verify
from tests.models.engine_helpers import ask_items, looked
from tests.models.small_models import write_llava

TOKENS = 5
# Every setting that changes what `generate` gives, as a checkpoint may ask for it.
OWN_WAYS: dict[str, Any] = {
    "do_sample": True, "temperature": 1.7, "top_k": 3, "top_p": 0.4, "min_p": 0.2, "typical_p": 0.3,
    "epsilon_cutoff": 0.02, "eta_cutoff": 0.02, "num_beams": 3, "num_beam_groups": 3,
    "diversity_penalty": 0.5, "penalty_alpha": 0.6, "repetition_penalty": 1.9,
    "encoder_repetition_penalty": 1.4,
    "no_repeat_ngram_size": 1, "encoder_no_repeat_ngram_size": 2, "length_penalty": 3.0, "min_length": 2000,
    "min_new_tokens": 4, "max_length": 3, "max_time": 1e-6, "stop_strings": ["e", "a"],
    "bad_words_ids": [[70], [71]], "sequence_bias": [[[72], 50.0]], "suppress_tokens": [65, 66, 67],
    "begin_suppress_tokens": [68, 69, 97], "forced_bos_token_id": 64, "forced_eos_token_id": 63,
    "exponential_decay_length_penalty": [1, 9.0], "guidance_scale": 4.0, "renormalize_logits": True,
    "remove_invalid_values": True, "watermarking_config": {"greenlist_ratio": 0.5, "bias": 30.0},
    "prompt_lookup_num_tokens": 4, "assistant_early_exit": 1, "cache_implementation": "static",
    "use_cache": False, "num_return_sequences": 2, "token_healing": True, "low_memory": True,
    "dola_layers": "high", "prefill_chunk_size": 3, "output_scores": True, "return_dict_in_generate": True,
    "custom_setting": 1,
}  # fmt: skip


def with_settings(folder: Path, to: Path, settings: dict[str, Any]) -> Path:
    """A copy of a model that asks for `settings` besides the ids it has."""
    copy = Path(shutil.copytree(folder, to))
    path = copy / "generation_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | settings))
    return copy


@pytest.fixture(scope="module")
def llava_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_llava(tmp_path_factory.mktemp("llava"))


def assert_same_answers(one: Engine, other: Engine, n: int = 6) -> None:
    items = ask_items(n)
    answers = one.answer(items)
    assert len({tuple(answer.token_ids) for answer in answers}) > n // 2
    for expected, answer in zip(answers, other.answer(items), strict=True):
        assert (answer.token_ids, answer.truncated) == (expected.token_ids, expected.truncated)
        assert answer.option_logprobs == expected.option_logprobs
        np.testing.assert_array_equal(looked(answer).mean_heads, looked(expected).mean_heads)


def test_a_checkpoint_s_settings_change_no_answer(llava_folder, tmp_path):
    other = with_settings(llava_folder, tmp_path / "copy", OWN_WAYS)
    engines = [Engine(load(str(folder)), max_new_tokens=TOKENS) for folder in (llava_folder, other)]
    assert_same_answers(engines[0], engines[1], 9)


@pytest.fixture(scope="module")
def engine(llava_folder) -> Engine:
    return Engine(load(str(llava_folder)), max_new_tokens=TOKENS)


# One of them alone is refused already where settings are made.
@pytest.mark.parametrize("name", sorted(set(OWN_WAYS) - {"num_return_sequences"}))
def test_each_is_left_out_also_where_a_model_has_it_in_memory(engine, monkeypatch, name):
    model = engine.loaded.model
    settings = GenerationConfig(eos_token_id=model.generation_config.eos_token_id, **{name: OWN_WAYS[name]})
    items = ask_items(3)
    expected = [(answer.token_ids, answer.option_logprobs) for answer in engine.answer(items)]
    monkeypatch.setattr(model, "generation_config", settings)
    assert [(answer.token_ids, answer.option_logprobs) for answer in engine.answer(items)] == expected
    assert model.generation_config is settings


def test_nor_on_the_other_paths(tiny_model, tmp_path):
    other = with_settings(tiny_model, tmp_path / "copy", OWN_WAYS)
    loaded = [load(str(folder)) for folder in (tiny_model, other)]
    for shared in (True, False):
        one, same = (Engine(each, max_new_tokens=TOKENS, shared_prefix=shared) for each in loaded)
        assert_same_answers(one, same)
    found = verify(Engine(load(str(other)), max_new_tokens=TOKENS), ask_items(8), 8)
    assert found.passed, found.detail


def test_the_model_keeps_its_special_ids(tiny_model, tmp_path):
    ends = json.loads((tiny_model / "generation_config.json").read_text())["eos_token_id"]
    several = with_settings(tiny_model, tmp_path / "several", {"eos_token_id": [7, 8], "pad_token_id": -1})
    model = load(str(several)).model
    assert (model.generation_config.eos_token_id, model.generation_config.pad_token_id) == ([7, 8], None)
    (several / "generation_config.json").unlink()
    settings = json.loads((several / "config.json").read_text())
    settings["text_config"]["eos_token_id"] = ends
    (several / "config.json").write_text(json.dumps(settings))
    found = Engine(load(str(several))).end_ids
    assert found >= (set(ends) if isinstance(ends, list) else {ends})


@pytest.mark.parametrize(
    "text", ["{ broken", "[]", '{"eos_token_id": "end"}', '{"eos_token_id": [1.5]}', "[" * 9999]
)
def test_broken_generation_settings_are_refused_by_name(tiny_model, tmp_path, text):
    copy = Path(shutil.copytree(tiny_model, tmp_path / "copy"))
    (copy / "generation_config.json").write_text(text)
    with pytest.raises(RelcliError, match=r"generation_config\.json") as caught:
        load(str(copy))
    assert "\n" not in caught.value.message
