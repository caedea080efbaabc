"""What several rooms' tests share: a place of one's own, and a tiny model for the machinery around models."""

import gc
import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# The same examples in every run, so that what fails here fails there; make test-slow looks for new ones
# (--hypothesis-profile=explore).
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=1_000, deadline=None)
settings.load_profile("repeatable")

# Set before anything imports torch; the suite runs on two cores, and several processes at a time.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

# Torch, transformers and the tests themselves make millions of objects that stay. Going through them again
# and again while they are made takes as long as making them; later collections need not see them at all.
gc.disable()


def pytest_collection_finish() -> None:
    gc.enable()
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    gc.unfreeze()  # else DuckDB's binding counts what is left at the end as leaked, and says so


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No settings file, cache, database or debug switch of the person who runs the tests."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setenv("RELCLI_CONFIG", str(tmp_path_factory.getbasetemp() / "no-settings.toml"))
    for name in [n for n in os.environ if n.startswith("RELCLI_") and n != "RELCLI_CONFIG"]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session", autouse=True)
def one_empty_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An empty warehouse takes over a second to make and is the same each time: it is made once in a process
    of the suite, then copied. Other migrations or views than the shipped ones are made as always."""
    from relcli.warehouse import migrations
    from relcli.warehouse.objects import files_digest, migration_files

    made: dict[object, Path] = {}
    make = migrations.write_empty

    def copy_or_make(file: Path, path: Path) -> None:
        key = (files_digest(), tuple(each.read_bytes() for each in migration_files()), migrations.VERSION)
        if key not in made:
            made[key] = tmp_path_factory.mktemp("template") / "empty.duckdb"
            try:
                make(made[key], path)
            except BaseException:
                del made[key]
                raise
        shutil.copyfile(made[key], file)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(migrations, "write_empty", copy_or_make)
        yield


@pytest.fixture
def signals_on() -> Iterator[None]:
    """Signals as in a terminal: a shell may have told its background jobs, and so the tests, to be deaf."""
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGHUP: signal.SIG_DFL}
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def write_tiny_model(folder: Path) -> Path:
    """A random Qwen3-VL whose vocabulary is bytes and special tokens, in the hub's layout: loads in no time,
    and its replies are noise. For tests of what happens around a model."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, Qwen3VLForConditionalGeneration

    from tests.models import conftest as shapes
    names = ["endoftext", "im_start", "im_end", "vision_start", "vision_end", "image_pad", "video_pad"]
    names = [f"<|{name}|>" for name in names]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    bpe = Tokenizer(models.BPE(vocab={letter: i for i, letter in enumerate(letters)}, merges=[]))
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    bpe.add_special_tokens(names)
    ids = {name: bpe.token_to_id(name) for name in names}
    config: Any = shapes.random_config()
    config.text_config.vocab_size = bpe.get_vocab_size()
    config.image_token_id, config.video_token_id = ids["<|image_pad|>"], ids["<|video_pad|>"]
    config.vision_start_token_id, config.vision_end_token_id = ids["<|vision_start|>"], ids["<|vision_end|>"]
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    model = Qwen3VLForConditionalGeneration(config)
    model.generation_config.eos_token_id = ids["<|im_end|>"]
    model.generation_config.pad_token_id = ids["<|endoftext|>"]
    model.save_pretrained(folder)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        clean_up_tokenization_spaces=False,
    )
    tokenizer.save_pretrained(folder)
    (folder / "chat_template.jinja").write_text(shapes.CHAT_TEMPLATE)
    (folder / "preprocessor_config.json").write_text(json.dumps(shapes.PREPROCESSOR))
    return folder


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("tiny-model"))
