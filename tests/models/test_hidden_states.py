"""States kept of a run's prompts equal those of eager passes, and the last layer's answer is the model's."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from relcli.captures import QUERY_ROWS
from relcli.errors import RelcliError, UsageError
from relcli.models.edits import Site
from relcli.models.instrument.capture import NAME, set_attention
from relcli.models.instrument.hidden_rows import HiddenRows
from relcli.models.instrument.states import at_states, text_layers
from relcli.models.items import AskItem, PromptItem
from relcli.models.local.engine import Engine
from relcli.models.local.loading import load
from relcli.models.local.padded_path import PaddedPath
from tests.models.engine_helpers import ask_items, flat
from tests.models.family_models import gemma3, gemma4, paligemma2
from tests.models.qwen_models import SHAPES, write_qwen, write_qwen35
from tests.models.small_models import write_llava
from tests.models.test_query_rows import with_spans


def inputs_of(engine: Engine, item: AskItem, text: str) -> dict[str, torch.Tensor]:
    plain = PaddedPath(
        engine.loaded,
        engine.batching,
        options=None,
        end_ids=frozenset(),
        pad_id=0,
        max_new_tokens=1,
        attention="",
    )
    return plain._inputs([(item.image, text)])


def eager(engine: Engine, inputs: dict[str, torch.Tensor]) -> list[torch.Tensor]:
    """What transformers gives of one prompt alone: [tokens, width] a layer. The last one's is normed."""
    model: Any = engine.loaded.model
    set_attention(model, "eager", "eager")
    try:
        with torch.inference_mode():
            output = model(**inputs, output_hidden_states=True)
    finally:
        set_attention(model, NAME)
    return [layer[0] for layer in output.hidden_states[1:]]


def same(found: Any, expected: Any, name: str = "") -> None:
    """To 1e-5 of the largest number, or of 1."""
    expected = np.asarray(expected)
    scale = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(found, expected, atol=1e-5 * scale, rtol=0, err_msg=name)


def check(engine: Engine, items: list[AskItem]) -> None:
    norm = engine.loaded.model.get_decoder().norm
    n_roles = 0
    for (item, prompt), answer in zip(flat(items), engine.answer(items), strict=True):
        layers = eager(engine, inputs_of(engine, item, prompt.text))
        n_tokens = len(layers[0])
        assert "answer" in answer.hidden
        for name, states in answer.hidden.items():
            places = sorted({token.index for token in answer.tokens if token.role == name}) or [n_tokens - 1]
            assert name != "answer" or places == [n_tokens - 1]
            n_roles += name != "answer"
            assert states.shape == (len(layers), layers[0].shape[1])
            for layer, expected in enumerate(layers[:-1]):
                same(states[layer], expected[places].mean(0), f"{name} {layer}")
            if len(places) == 1:
                with torch.inference_mode():
                    normed = norm(torch.from_numpy(states[-1])[None])[0]
                same(normed, layers[-1][places[0]])
        if prompt.options:
            assert answer.lens is not None
            np.testing.assert_allclose(answer.lens[-1], answer.option_logprobs, atol=1e-4)
            assert [len(layer) for layer in answer.lens] == [len(prompt.options) + 1] * len(layers)
            head = engine.loaded.model.get_output_embeddings()
            with torch.inference_mode():  # the first layer's, by hand
                logits = head(norm(torch.from_numpy(answer.hidden["answer"][0])[None]))[0].float()
            cap = getattr(engine.loaded.config.get_text_config(), "final_logit_softcapping", None)
            logits = logits if cap is None else torch.tanh(logits / cap) * cap
            path: Any = engine.path
            ids = path._settings.options.ids("a")
            first = logits.log_softmax(-1)[ids].logsumexp(-1)
            np.testing.assert_allclose(answer.lens[0][0], first, atol=1e-4)
    assert n_roles


@pytest.mark.parametrize("shared", [True, False])
def test_of_the_bundled_model(shared: bool):
    engine = Engine(load("bundled"), hidden=QUERY_ROWS, batch_size=9, shared_prefix=shared)
    items = with_spans(ask_items(24 if shared else 6))
    check(engine, items)
    assert engine.describe(items[0].image).capabilities.hidden_states


@pytest.mark.parametrize(
    "write",
    [write_llava, gemma3, gemma4, paligemma2, write_qwen35],
    ids=["llava", "gemma3", "shared layers", "line's end", "recurrent"],
)
def test_of_a_model_that_reads_whole_prompts(write: Callable[[Path], Path], tmp_path: Path):
    engine = Engine(
        load(str(write(tmp_path))),
        attention="none",
        max_new_tokens=2,
        hidden=("answer", "target"),
        batch_size=5,
    )
    check(engine, with_spans(ask_items(8)))


def test_behind_what_deepstack_adds(tmp_path: Path):
    """Of Qwen3-VL's image tokens: transformers gives the layers' outputs, to which the tower's features are
    added before the next one."""
    text = SHAPES["qwen3_vl"]["text_config"] | {"num_hidden_layers": 4}
    vision = SHAPES["qwen3_vl"]["vision_config"] | {"depth": 3, "deepstack_visual_indexes": [0, 1]}
    write_qwen(tmp_path, "qwen3_vl", seed=3, text_config=text, vision_config=vision)
    engine = Engine(load(str(tmp_path)), hidden=("answer", "target"), max_new_tokens=1)
    items = with_spans(ask_items(4))
    check(engine, items)
    inputs = inputs_of(engine, items[0], items[0].prompts[0].text)
    model: Any = engine.loaded.model
    ids = inputs["input_ids"][0]
    cells = (ids == model.config.image_token_id).nonzero()[:, 0]
    with torch.inference_mode():
        tower = model.model.visual(inputs["pixel_values"], inputs["image_grid_thw"])
    layers = eager(engine, inputs)
    reader = HiddenRows([(("cell", (len(ids) - int(cells[5]),)),)], len(ids))
    with torch.inference_mode(), at_states(model, reader):
        model(**inputs)
    [states] = reader.build(["cell"])
    for layer in range(3):
        added = tower.deepstack_features[layer][5] if layer < 2 else torch.zeros(())
        assert layer >= 2 or float(added.abs().max()) > 1e-3
        same(states["cell"][layer], layers[layer][cells[5]] + added)


def test_rows_that_differ_in_length_are_told_apart():
    """Targets of several tokens are averaged, a prompt without the role has none, batches don't matter."""
    items = with_spans(ask_items(12))
    items = [*items, AskItem("own", items[0].image, [PromptItem(0, "Is it red?", ("Yes", "No"))])]
    loaded = load("bundled")
    together = Engine(loaded, hidden=("answer", "target"), batch_size=20).answer(items)
    alone = Engine(loaded, hidden=("target", "answer"), batch_size=1, attention="none").answer(items)
    assert together[-1].hidden.keys() == {"answer"}
    for one, other in zip(together, alone, strict=True):
        assert one.hidden.keys() == other.hidden.keys()
        for name in one.hidden:
            same(one.hidden[name], other.hidden[name], name)
        np.testing.assert_allclose(np.array(one.lens), np.array(other.lens), atol=1e-4)


def test_attention_is_of_its_own_rows():
    items = with_spans(ask_items(3))
    engine = Engine(load("bundled"), rows=("answer", "stem_end"), hidden=("target",))
    for answer in engine.answer(items):
        assert answer.attention is not None
        assert answer.attention.rows.keys() == {"stem_end"}
        assert answer.hidden.keys() <= {"target"}
        assert answer.lens is None
    for answer in Engine(load("bundled")).answer(items):
        assert answer.hidden == {}
        assert answer.lens is None


@pytest.mark.parametrize("shared", [True, False])
def test_a_later_answer_is_read_where_it_stands(shared: bool):
    """The bundled model describes a picture in many words; two of them are offered as an option."""
    engine = Engine(load("bundled"), hidden=("answer",), max_new_tokens=12, shared_prefix=shared)
    decode = engine.loaded.tokenizer.decode
    found = 0
    for item in [item for item in ask_items(40) if item.key[1] == "raw"][:3]:  # type: ignore[index]
        plain = AskItem(item.key, item.image, [PromptItem(0, "Describe the image.")])
        ids = engine.answer([plain])[0].token_ids
        said = [text for text in (decode([n], skip_special_tokens=True) for n in ids) if text]
        options = ("green triangle of glass", "".join(said[-2:]).strip())
        [answer] = engine.answer([AskItem(0, item.image, [PromptItem(0, "Describe the image.", options)])])
        assert answer.lens is not None
        np.testing.assert_allclose(answer.lens[-1], answer.option_logprobs, atol=1e-4)
        if not answer.answer_step:
            continue
        found += 1
        begun = PromptItem(0, "Describe the image.", said=tuple(ids[: answer.answer_step]))
        [there] = engine.answer([AskItem(0, item.image, [begun])])
        np.testing.assert_allclose(answer.hidden["answer"], there.hidden["answer"], atol=1e-4)
    assert found


def test_what_can_not_be_read_is_said(tmp_path: Path):
    loaded = load("bundled")
    with pytest.raises(UsageError, match="no row 'nothing'"):
        Engine(loaded, hidden=("nothing",))
    decoder = loaded.model.get_decoder()
    norm, attention = decoder.norm, decoder.layers[0].self_attn
    try:
        del decoder.norm
        with pytest.raises(RelcliError, match="can't be read or patched"):
            Engine(loaded, hidden=("answer",))
        decoder.norm = norm
        del decoder.layers[0].self_attn  # as in a recurrent layer: what stands behind it can be read
        assert text_layers(loaded.model) == (decoder.layers, norm)
        sites: tuple[Site, ...] = ("attention", "head")
        for site in sites:
            with pytest.raises(RelcliError, match="can't be read or patched"):
                text_layers(loaded.model, [site])
    finally:
        decoder.norm, decoder.layers[0].self_attn = norm, attention


def test_a_lens_that_does_not_fit_is_left_out():
    loaded = load("bundled")
    notes: list[str] = []
    engine = Engine(loaded, hidden=("answer",), on_note=notes.append)
    head = loaded.model.get_output_embeddings()
    handle = loaded.model.register_forward_hook(
        lambda module, args, output: setattr(output, "logits", output.logits * 3)
    )
    try:
        answers = engine.answer(ask_items(3))
    finally:
        handle.remove()
    assert head is loaded.model.get_output_embeddings()
    assert all(answer.lens is None and "answer" in answer.hidden for answer in answers)
    assert len(notes) == 1
    assert "logit lens is not kept" in notes[0]
