"""Measure every family of models and write docs/families.md: python tools/families.py

With RELCLI_TORCHVISION (tests/models/torchvision_shim.py) those that need torchvision as well.
"""

import sys
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "families.md"
HEAD = """\
# Families of models

Measured with small random models of the real classes, against plain eager generation in transformers, by

    python tools/families.py

with torch {torch}, transformers {transformers}{vision}. `make test` measures the same
(`tests/models/test_layouts.py`, `tests/models/test_families.py`).

- **tokens**: ids of the prompt are those of `apply_chat_template(tokenize=True)`, and replies the same token
  by token, alone and in batches.
- **attention**: the largest difference of a weight from eager attention (float32; 1e-5 is allowed).
- **image tokens**: where they stand, on a picture of 448 x 256 pixels and in the small sizes of these models.
- **places**: whether spots painted on square, wide and tall pictures change the image tokens that stand
  there, and no others. Heat maps, regions and grounding rest on it.
- **prefix**: whether a picture is read once for all its questions. The others read it again for each.
- **cuts**: whether `relcli cut` takes the attention from the tokens it names.
- **states**: whether every layer's hidden states can be reached.
- **no attention**: layers that have none (recurrent ones): they keep their number, and are NULL.

| family | tokens | attention | image tokens | places | prefix | cuts | states | no attention |
|---|---|---|---|---|---|---|---|---|
"""
TAIL = """
A model of another family is refused unless `--untested-family` is given. Its processor then lays out the
prompt, and the answers are transformers' own. Where its image tokens stand isn't known: attention is kept,
but there is no heat map and no share on objects.

Before its first run in a warehouse, every model is compared with plain generation on one question;
`--unverified` leaves that out, `relcli verify` compares more.

Encoder-decoders are refused. Processors that need torchvision for pictures (Pixtral, Mistral 3,
Cohere2 Vision, LFM2-VL, Phi-4) want `pip install 'relcli[vision]'`; where only videos need it, it isn't
needed.
"""


def main() -> int:
    sys.path.insert(0, str(ROOT))
    from tests.models import torchvision_shim  # noqa: F401 - before transformers looks for torchvision

    torch.set_num_threads(1)
    import transformers
    from transformers.utils.import_utils import is_torchvision_available

    from tests.models.family_table import ALL, FamilyRow, measure

    def mark(value: bool | None) -> str:
        return {True: "yes", False: "no", None: ""}[value]

    def line(row: FamilyRow) -> str:
        if row.problem is not None:
            return f"| {row.family} | {row.problem} ||||||||"
        cells = [
            "equal" if row.tokens_equal else "differ",
            f"{row.difference:.0e}",
            row.layout or "",
            "right" if row.placed else "wrong",
            "shared" if row.shared else "each",
            *map(mark, (row.cuts, row.hidden)),
            row.empty,
        ]
        return f"| {row.family} | {' | '.join(cells)} |"

    lines = []
    for family in ALL:
        lines.append(line(measure(family)))
        print(lines[-1], flush=True)
    vision = ""
    if is_torchvision_available():
        import torchvision  # pyright: ignore[reportMissingImports]

        vision = f", torchvision {torchvision.__version__}"
    head = HEAD.format(torch=torch.__version__, transformers=transformers.__version__, vision=vision)
    PAGE.write_text(head + "\n".join(lines) + "\n" + TAIL)
    return 0


if __name__ == "__main__":
    sys.exit(main())
