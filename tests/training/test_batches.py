"""Batches come from seeds, and from scenes nobody else draws."""

from dataclasses import replace

import numpy as np
import pytest

from relcli.scenes.masking import mask_object
from relcli.scenes.scene import Entity, Relation, Scene, derived_rng, generate_scene
from relcli.training.batches import IGNORE, Encoder, StageBatches, draw_items, draw_picture, pack
from relcli.training.corpus import build_tokenizer
from relcli.training.curriculum import Item, lettered_items
from relcli.training.dense import center_cell, combo, dense_targets
from relcli.training.recipe import KINDS, RECIPES, Stage

STAGE = Stage("test", steps=3, batch=2)


@pytest.mark.slow
def test_a_step_makes_the_same_batch_in_any_process(tokenizer) -> None:
    first, again = StageBatches(STAGE, 7, tokenizer)[2], StageBatches(STAGE, 7, build_tokenizer(0))[2]
    assert all((first[name] == again[name]).all() for name in first)
    other = StageBatches(STAGE, 8, tokenizer)[2]
    assert (first["ids"] != other["ids"]).any()


def test_no_training_scene_is_one_that_generate_makes() -> None:
    made = {generate_scene(seed, index).entities for seed in range(4) for index in range(300)}
    for recipe in RECIPES.values():
        for stage in recipe:
            drawn = {
                draw_picture(seed, stage.name, index)[0].entities for seed in range(2) for index in range(100)
            }
            # Two entities can coincide by chance; three or more can't.
            assert not {entities for entities in drawn & made if len(entities) > 2}


def test_labels_stand_one_token_before_what_they_name(tokenizer) -> None:
    encoder = Encoder(tokenizer)
    item = Item("Is there a red circle?", "Yes", "open")
    row = pack(encoder, encoder.encode([item], generate_scene(2, 11)), 120)
    answer = np.flatnonzero(row["labels"] != IGNORE)
    assert tokenizer.decode(row["ids"][: answer[0] + 1]).endswith("<|im_start|>assistant\n")
    assert tokenizer.decode(row["labels"][answer]) == "Yes<|im_end|>"
    assert KINDS[row["kinds"][answer[0]]] == "open"


def test_each_option_ends_where_the_next_letter_starts(tokenizer) -> None:
    encoder = Encoder(tokenizer)
    scene = generate_scene(2, 11)
    for item, encoded in zip(
        items := lettered_items(scene, None, False, "balanced", derived_rng(2, 11, "t")),
        encoder.encode(items, scene),
        strict=True,
    ):
        assert [right for _, right in encoded.options] == list(item.option_truth)
        for letter, (token, _) in zip("bcd", encoded.options[:-1], strict=False):
            assert tokenizer.decode([encoded.ids[token + 1]]) == f" {letter})"
        assert tokenizer.decode([encoded.ids[encoded.options[-1][0] + 1]]).startswith(" Please only")


def test_a_named_object_is_marked_with_its_place(tokenizer) -> None:
    red = Entity(0, "circle", "small", "red", (56, 112))
    scene = Scene(0, (red, *(Entity(n, "square", "small", "blue", (150, 60 * n)) for n in (1, 2))), ())
    encoder = Encoder(tokenizer)
    item = Item("Is the red circle above the blue square or the cyan triangle?", "No", "open")
    [encoded] = encoder.encode([item], scene)
    words = [tokenizer.decode([encoded.ids[token]]) for token, *_ in encoded.mentions]
    assert words == [" circle", " square", " triangle"]
    assert encoded.mentions[0][1:] == (0.25, 0.5, 1.0, 1.0, 0.25, 0.5, 0.0)
    assert encoded.mentions[1][3:5] == (0.0, 1.0)  # two of that name: there, but at no one place
    assert encoded.mentions[2][1:] == (0.0, 0.0, 0.0, 0.0, 0.25, 0.5, 0.0)


def test_a_claim_about_two_objects_is_marked_true_or_false(tokenizer) -> None:
    red, green = (
        Entity(0, "circle", "small", "red", (56, 112)),
        Entity(1, "square", "small", "green", (150, 60)),
    )
    blue = [Entity(n, "square", "small", "blue", (150, 70 * n)) for n in (2, 3)]
    scene = Scene(
        0, (red, green, *blue), (Relation(0, 1, "right_of", True), Relation(0, 2, "right_of", True))
    )
    prompt = (
        "Which? a) the green square with the red circle and the red circle with the cyan circle "
        "b) from the red circle to the green square c) from the green square to the red circle "
        "d) the red circle with the blue square"
    )
    [encoded] = Encoder(tokenizer).encode([Item(prompt, "None", "open")], scene)
    # Joined either way round, pointing one way only; two blue squares make no claim.
    assert [true for _, true in encoded.claims] == [True, False, True, False]
    ends = [tokenizer.decode(encoded.ids[token - 1 : token + 1]) for token, _ in encoded.claims]
    assert ends == [" red circle", " cyan circle", " green square", " red circle"]
    row = pack(Encoder(tokenizer), [encoded], 200)
    assert row["claim"][row["claim"] >= 0].tolist() == [1, 0, 1, 0]


def test_a_question_set_drawn_more_often_is_drawn_anew(tokenizer) -> None:
    scene, twin, shown_twin, rng = draw_picture(0, "test", 3)
    stage = replace(STAGE, rounds=3, open_items=0, caption_share=0.0, seed_share=0.0)
    items = draw_items(scene, twin, shown_twin, stage, rng)
    assert len({item.prompt for item in items if item.kind == "count"}) > 1


def test_a_picture_that_shows_the_twin_gets_the_twins_truth() -> None:
    scene = generate_scene(5, 3)
    twin = mask_object(scene, scene.entities[0].id)
    raw = lettered_items(scene, twin, False, "seed", derived_rng(5, 3, "t"))
    masked = lettered_items(scene, twin, True, "seed", derived_rng(5, 3, "t"))
    assert [item.prompt for item in raw] == [item.prompt for item in masked]
    assert raw[0].reply != masked[0].reply  # one object fewer to count


def test_items_that_do_not_fit_are_left_out_whole(tokenizer) -> None:
    encoder = Encoder(tokenizer)
    scene = generate_scene(2, 11)
    items = encoder.encode(lettered_items(scene, None, False, "seed", derived_rng(2, 11, "t")), scene)
    row = pack(encoder, items, 110)
    for number in set(row["segments"].tolist()) - {0, -1}:
        assert row["ids"][row["segments"] == number].tolist() == items[number - 1].ids


def test_dense_targets_of_a_hand_made_scene() -> None:
    red = Entity(0, "circle", "small", "red", (60, 60))
    blue = Entity(1, "square", "large", "blue", (150, 150))
    target = dense_targets(Scene(0, (red, blue), (Relation(0, 1, "right_of", True),)))
    here, there = center_cell(red), center_cell(blue)
    assert (here, there) == (2 * 8 + 2, 5 * 8 + 5)
    assert (
        target.shape[here] == 0
        and target.color[here] == 0
        and target.shape[there] == 1
        and target.color[there] == 2
    )
    assert target.shape[0] == 4 and target.color[0] == 8
    assert np.flatnonzero(target.arrows[here]).tolist() == [combo(blue)]
    assert np.flatnonzero(target.arrows[there]).tolist() == [32 + combo(red)]
    assert np.flatnonzero(target.rays[here]).tolist() == [2]  # 45 degrees down right, of sixteen sectors
    assert np.flatnonzero(target.rays[there]).tolist() == [16 + 10]
    assert (
        target.pair_cells[0].tolist() == [here, there]
        and target.pair_label[0] == 1
        and target.pair_label[1] == -1
    )
    np.testing.assert_allclose(target.xy[there], [150 / 224, 150 / 224])
    masked = dense_targets(Scene(0, (red, blue), (Relation(0, 1, "right_of", True, masked=True),)))
    assert masked.pair_label[0] == 0 and not masked.arrows.any() and not masked.patch_lines.any()
