"""The tokenizer takes two seconds to build, and is the same for the same seed."""

from collections.abc import Iterator
from functools import cache

import pytest
from transformers import PreTrainedTokenizerFast

from relcli.training import corpus, loop

_built = cache(corpus.build_tokenizer)


@pytest.fixture(scope="session")
def tokenizer() -> PreTrainedTokenizerFast:
    return _built(0)


@pytest.fixture(scope="session", autouse=True)
def one_tokenizer_for_runs() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loop, "build_tokenizer", _built)
        yield
