"""Write the bundled model's card from measured runs: its training.json and a warehouse with two runs.

    export RELCLI_DB=card.duckdb
    relcli generate --out fresh --scenes 300 --seed 4711 --questions seed,balanced
    relcli run --dataset fresh --questions seed --variants raw,masked,blank --name card-seed
    relcli run --dataset fresh --questions balanced --variants raw,masked,blank --name card-balanced
    python tools/model_card.py --db card.duckdb

The card lands beside the model.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from relcli.scenes.vocabulary import CATEGORIES, STUDY_VARIANTS
from relcli.warehouse.rows import query

CANNOT = """\
## What it can't do

- Anything but these scenes: white ground, four shapes, eight colours, three sizes, black arrows. On a
  photograph its answers mean nothing.
- Anything but short questions about what is there, how many, where, and what points to what, in English.
  Other questions it was taught to answer with None, which is not the same as knowing that it doesn't know.
- Free descriptions are telegraphic (objects from left to right, then arrows) and less reliable than answers
  to lettered questions.
- The study's connection questions state pairs in the arrow's direction and its position questions have two
  true options most of the time (see `question_audit`). The model has learnt the study's convention for
  both; that is habit, not sight.
"""


HISTORY = """\
The whole took {hours:.1f} hours on one CPU core. These weights were steered while they were trained: the
losses that ask where named objects are and how far apart joined in the stage `joint` (at its steps 133 and
799, the second with four times its weight until step 1170), the one that asks whether an arrow joins a pair
at the start of `more`; lengths and decays of the last stages were set on the way. `relcli train` runs the
recipe as it stands now, with all losses from the start of the text stages, so it gives a sibling of this
model, not the same bits.
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--db", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=Path("assets/model"))
    parser.add_argument("--seed-run", default="card-seed")
    parser.add_argument("--balanced-run", default="card-balanced")
    options = parser.parse_args()
    record = json.loads((options.model / "training.json").read_text())
    card = "\n".join(
        [
            front(record),
            accuracy(options.db, options.seed_run, "Accuracy on the study's questions"),
            accuracy(options.db, options.balanced_run, "Accuracy on the balanced questions"),
            CANNOT,
        ]
    )
    (options.model / "README.md").write_text(card)
    print(card)


FRONT = """\
---
license: mit
pipeline_tag: image-text-to-text
library_name: transformers
---
# The bundled model

A Qwen3-VL (`Qwen3VLForConditionalGeneration`) of {parameters:.2f} million parameters: vision tower
{vision_depth} layers of {vision_hidden}, text model {text_depth} layers of {text_hidden}, DeepStack from
vision layer {deepstack}. Weights in float16, its own byte-level BPE, Qwen3-VL's chat template form and image
settings (224 x 224 pictures become 256 x 256, 64 image tokens).

It knows scenes as `relcli generate` draws them and nothing else. It exists so that everything in relcli can
be tried, tested and understood without a GPU or a hub.

## Recipe

`relcli train --size {size} --recipe {recipe} --seed {seed}`, float32. Scenes come from the seed domain
`train/<stage>`; the scenes measured below come from the domain `generate` and were never trained on.

| stage | steps | pictures a step | peak rate | what learns |
|---|---|---|---|---|
{stages}

{history}"""


def front(record: dict[str, Any]) -> str:
    """Name, recipe and seeds, as the training run recorded them."""
    stages = []
    for stage in record["stages"]:
        learns = (
            "vision tower" if not stage["text"] else "everything" if stage["train_vision"] else "text model"
        )
        stages.append(
            f"| {stage['name']} | {stage['steps']} | {stage['batch']} | {stage['peak']} | {learns} |"
        )
    size, settings = record["size"], record["settings"]
    return FRONT.format(
        parameters=record["parameters"] / 1e6,
        vision_depth=size["vision_depth"],
        vision_hidden=size["vision_hidden"],
        text_depth=size["text_depth"],
        text_hidden=size["text_hidden"],
        deepstack=", ".join(map(str, size["deepstack"])),
        size=settings["size"],
        recipe=settings["recipe"],
        seed=settings["seed"],
        stages="\n".join(stages),
        history=HISTORY.format(hours=record["seconds"] / 3600),
    )


def accuracy(database: Path, run: str, title: str) -> str:
    """Accuracy by category and variant with Wilson 95% intervals and n."""
    rows = query(
        database,
        "SELECT category, variant, n, accuracy, ci_low, ci_high FROM accuracy_by_category WHERE run = $run",
        {"run": run},
    ).as_dicts()
    cells = {(row["category"], row["variant"]): row for row in rows}
    columns = "| category | " + " | ".join(STUDY_VARIANTS) + " |"
    lines = [f"## {title}\n", columns, "|---|" + "---|" * len(STUDY_VARIANTS)]
    for category in CATEGORIES:
        line = [category]
        for variant in STUDY_VARIANTS:
            row = cells.get((category, variant))
            line.append(
                ""
                if row is None
                else f"{row['accuracy']:.3f} ({row['ci_low']:.3f}-{row['ci_high']:.3f}), n = {row['n']}"
            )
        lines.append("| " + " | ".join(line) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
