"""The study's way of asking and relcli's, on the same questions in one process.

    python -m benchmarks.engine --model bundled --questions 100 --threads 2
    python -m benchmarks.engine --shape 4b --questions 40 --max-new-tokens 8      # random weights, on a GPU

The study's way: eager attention with every full map, one prompt at a time (models/local/reference.py). Ours:
the engine with attention summaries. Both read pictures, build prompts, generate and summarise attention;
neither writes anything. Printed: milliseconds a question of each, the ratio, and whether the tokens agree.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen3VLConfig, Qwen3VLForConditionalGeneration

from relcli.models.items import Answer, AskItem, PromptItem
from relcli.models.local.engine import Engine
from relcli.models.local.loading import LoadedModel, load
from relcli.models.local.reference import Reference, ReferenceAnswer, summarise
from relcli.scenes.masking import make_twin
from relcli.scenes.questions import Question
from relcli.scenes.rendering import render
from relcli.scenes.scene import derived_rng, generate_scene
from relcli.scenes.study_questions import ask_seed

SEED = 4321
SPECIAL = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
]
SPECIAL += ["<|video_pad|>"]
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{% for part in message.content %}{% if part.type == 'image' %}"
    "<|vision_start|><|image_pad|><|vision_end|>"
    "{% else %}{{ part.text }}{% endif %}{% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
# tiny: the bundled model's widths. 4b: Qwen3-VL-4B-Instruct's.
SHAPES: dict[str, dict[str, dict[str, Any]]] = {
    "tiny": {
        "text": dict(
            vocab_size=2048, hidden_size=128, intermediate_size=384, num_hidden_layers=6,
            num_attention_heads=4, num_key_value_heads=2, head_dim=32, mrope_section=[6, 5, 5],
        ),
        "vision": dict(
            depth=6, hidden_size=128, intermediate_size=384, num_heads=4, out_hidden_size=128,
            num_position_embeddings=256, deepstack_visual_indexes=[3],
        ),
    },
    "4b": {
        "text": dict(
            vocab_size=151936, hidden_size=2560, intermediate_size=9728, num_hidden_layers=36,
            num_attention_heads=32, num_key_value_heads=8, head_dim=128, mrope_section=[24, 20, 20],
        ),
        "vision": dict(
            depth=24, hidden_size=1024, intermediate_size=4096, num_heads=16, out_hidden_size=2560,
            num_position_embeddings=2304, deepstack_visual_indexes=[5, 11, 17],
        ),
    },
}  # fmt: skip


def main() -> None:
    options = parse_options()
    if options.threads:
        torch.set_num_threads(options.threads)
    items = questions(options.questions)
    with tempfile.TemporaryDirectory() as folder:
        if options.shape:
            write_shape(
                Path(folder), options.shape, [p.text for item in items for p in item.prompts], options.dtype
            )
        loaded = load(folder if options.shape else options.model, device=options.device, dtype=options.dtype)
        # Random weights never end a reply; three tokens are what a letter, its bracket and the end take.
        limit = options.max_new_tokens or (3 if options.shape else 128)
        measure(loaded, items, limit, options)


def measure(loaded: LoadedModel, items: list[AskItem], limit: int, options: argparse.Namespace) -> None:
    made: list[Engine] = []
    answers: list[Answer] = []
    slow: list[ReferenceAnswer] = []

    def ours() -> None:
        """A new engine each time, so that no prompt is remembered from the time before."""
        made[:] = [
            Engine(
                loaded,
                attention=options.attention,
                max_new_tokens=limit,
                batch_size=options.batch_size,
                on_note=print,
            )
        ]
        answers[:] = made[0].answer(items)

    ours()
    clock, processor = timed(ours, options.repeats)
    count, parameters = len(answers), sum(p.numel() for p in loaded.model.parameters())
    name = options.shape or options.model
    print(f"{name}: {parameters / 1e6:.1f} M parameters, {loaded.dtype}, {loaded.device}")
    print(
        f"{torch.get_num_threads()} threads, {count} questions on {len(items)} pictures, batches of "
        f"{made[0].batch_size}, {sum(answer.n_steps for answer in answers) / count:.1f} tokens a reply"
    )
    report("relcli", clock, processor, count)
    if options.only_ours:
        return
    with Reference(loaded, end_ids=made[0].end_ids, max_new_tokens=limit) as reference:

        def study() -> None:
            for item in items:
                for prompt in item.prompts:
                    slow.append(reference.ask(item.image, prompt.text))
                    summarise(slow[-1])

        study_clock, study_processor = timed(study, 1)
    report("study's way", study_clock, study_processor, count)
    same = sum(a.token_ids == s.token_ids for a, s in zip(answers, slow, strict=True))
    print(f"{'ratio':12} {study_clock / clock:9.1f} ({study_processor / processor:.1f} of processor time)")
    print(f"tokens equal in {same} of {count} questions")


def report(name: str, clock: float, processor: float, count: int) -> None:
    clock, processor = 1000 * clock / count, 1000 * processor / count
    print(f"{name:12} {clock:9.2f} ms a question ({processor:.2f} of processor time)")


def timed(work: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Median seconds of a call, by the clock and of processor time (steadier on a busy machine)."""
    seconds = []
    for _ in range(repeats):
        synchronise()
        clock, processor = time.perf_counter(), time.process_time()
        work()
        synchronise()
        seconds.append((time.perf_counter() - clock, time.process_time() - processor))
    return statistics.median(s[0] for s in seconds), statistics.median(s[1] for s in seconds)


def synchronise() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def questions(n: int) -> list[AskItem]:
    """The study's questions on generated scenes, raw and masked, n in all."""
    items: list[AskItem] = []
    left, scene_id = n, 0
    while left > 0:
        scene = generate_scene(SEED, scene_id, domain="benchmark")
        twin = make_twin(scene, SEED, domain="benchmark")
        rng = derived_rng(SEED, scene_id, "questions/seed", domain="benchmark")
        asked: list[Question] = ask_seed(scene, twin, rng)
        views = [("raw", scene)] + ([("masked", twin.scene)] if twin else [])
        for variant, view in views:
            prompts = [PromptItem(q.question_index, q.text, q.options) for q in asked][:left]
            left -= len(prompts)
            if prompts:
                items.append(AskItem((scene_id, variant), render(view), prompts))
        scene_id += 1
    return items


def write_shape(folder: Path, shape: str, texts: list[str], dtype: str | None) -> None:
    """A model of random weights in the hub's layout, with a tokenizer made from the questions."""
    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    inner.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=1024, special_tokens=SPECIAL, initial_alphabet=alphabet)
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner, eos_token="<|im_end|>", pad_token="<|endoftext|>", chat_template=TEMPLATE
    )
    tokenizer.save_pretrained(folder)
    special: dict[str, Any] = {
        "image_token_id": "<|image_pad|>",
        "video_token_id": "<|video_pad|>",
        "vision_start_token_id": "<|vision_start|>",
        "vision_end_token_id": "<|vision_end|>",
    }
    special = {name: tokenizer.convert_tokens_to_ids(token) for name, token in special.items()}
    sizes = SHAPES[shape]
    text = dict(sizes["text"])
    section = text.pop("mrope_section")
    text["rope_parameters"] = {
        "rope_type": "default", "rope_theta": 5e6, "mrope_section": section, "mrope_interleaved": True,
    }  # fmt: skip
    config = Qwen3VLConfig(
        text_config=text,
        vision_config=sizes["vision"],
        **special,
        tie_word_embeddings=True,
        dtype=dtype or ("bfloat16" if torch.cuda.is_available() else "float32"),
    )
    torch.manual_seed(0)
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = Qwen3VLForConditionalGeneration._from_config(config)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.save_pretrained(folder)
    settings = {
        "size": {"longest_edge": 16777216, "shortest_edge": 65536}, "patch_size": 16,
        "temporal_patch_size": 2, "merge_size": 2, "image_mean": [0.5] * 3, "image_std": [0.5] * 3,
        "image_processor_type": "Qwen2VLImageProcessorFast",
    }  # fmt: skip
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", default="bundled", help="bundled, a folder or a hub id")
    parser.add_argument(
        "--shape", choices=sorted(SHAPES), help="random weights of this shape instead of a model"
    )
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--threads", type=int, default=None, help="torch threads on a CPU")
    parser.add_argument("--attention", choices=["summary", "full", "none"], default="summary")
    parser.add_argument("--batch-size", type=int, default=None)
    parser.add_argument("--max-new-tokens", type=int, default=None)
    parser.add_argument("--device", default=None)
    parser.add_argument("--dtype", default=None)
    parser.add_argument("--repeats", type=int, default=3, help="runs of relcli's way; the median counts")
    parser.add_argument("--only-ours", action="store_true", help="leave the study's way out")
    return parser.parse_args()


if __name__ == "__main__":
    main()
