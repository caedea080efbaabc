"""How many questions a second training takes: packed behind shared prefixes, against one padded row a
question.

Both ways take the same pictures and questions through forward and backward passes of the same small model in
one process; the plain way is transformers' own forward pass with a batch of whole prompts, every one with its
own picture.

    python -m benchmarks.bench_training --steps 4 --threads 2
"""

import argparse
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F

from relcli.training.architecture import SIZES, build_config, build_model
from relcli.training.batches import IGNORE, Encoder, StageBatches
from relcli.training.corpus import build_tokenizer
from relcli.training.learner import Learner
from relcli.training.pictures import PATCHES, normalise
from relcli.training.recipe import Stage
from relcli.training.tokenizer import special_ids


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--batch", type=int, default=16, help="pictures a step")
    parser.add_argument("--size", default="small", choices=list(SIZES))
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    tokenizer = build_tokenizer(0)
    encoder = Encoder(tokenizer)
    config = build_config(SIZES[options.size], special_ids(tokenizer), len(tokenizer))
    learner = Learner(build_model(config), encoder.image_start)
    stage = Stage("benchmark", steps=options.steps + 1, batch=options.batch, dense_weight=0.0)
    dataset = StageBatches(stage, 0, tokenizer)
    batches = [dataset[step] for step in range(len(dataset))]  # made before the clock starts, for both ways

    def packed(batch: dict[str, torch.Tensor]) -> None:
        learner(batch, stage).loss.backward()

    def plain(batch: dict[str, torch.Tensor]) -> None:
        ids, labels, pixels = rows(batch, encoder)
        output = learner.model(
            input_ids=ids,
            attention_mask=(ids != encoder.pad_id).long(),
            pixel_values=pixels,
            image_grid_thw=torch.tensor([[1, 16, 16]]).expand(len(ids), 3),
            mm_token_type_ids=(ids == config.image_token_id).int(),
        )
        F.cross_entropy(output.logits[labels != IGNORE], labels[labels != IGNORE]).backward()

    rates = {name: rate(way, batches) for name, way in (("packed", packed), ("plain", plain))}
    print(f"{options.size} model, {options.batch} pictures a step, {options.threads} threads, float32")
    for name, value in rates.items():
        print(f"{name:7s} {value:8.1f} questions a second")
    print(f"ratio   {rates['packed'] / rates['plain']:8.1f}")


def rows(batch: dict[str, torch.Tensor], encoder: Encoder) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Unpack a batch: one right-padded whole prompt a question [questions, longest], its labels, its
    picture's pixels."""
    ids, labels, pictures = [], [], []
    prefix = torch.tensor(encoder.prefix)
    for picture in range(len(batch["ids"])):
        for number in range(1, int(batch["segments"][picture].max()) + 1):
            own = batch["segments"][picture] == number
            ids.append(torch.cat((prefix, batch["ids"][picture][own])))
            labels.append(torch.cat((torch.full_like(prefix, IGNORE), batch["labels"][picture][own])))
            pictures.append(picture)
    patches = normalise(batch["patches"][pictures]).view(-1, PATCHES, 3, 1, 16, 16)
    pixels = patches.expand(-1, -1, -1, 2, -1, -1).reshape(len(pictures) * PATCHES, -1)
    pad = torch.nn.utils.rnn.pad_sequence
    return pad(ids, batch_first=True, padding_value=encoder.pad_id), pad(labels, True, IGNORE), pixels


def rate(way: Callable[[dict[str, torch.Tensor]], None], batches: list[dict[str, torch.Tensor]]) -> float:
    """Questions a second over all batches but the first, which warms up."""
    way(batches[0])
    begin = time.perf_counter()
    for batch in batches[1:]:
        way(batch)
    seconds = time.perf_counter() - begin
    return sum(int((batch["kinds"] >= 0).sum()) for batch in batches[1:]) / seconds


if __name__ == "__main__":
    main()
