"""Which tokens stand for an option, whatever the tokenizer makes of "a)"."""

import math

import pytest
import torch
from tokenizers import Tokenizer, pre_tokenizers
from tokenizers.models import BPE
from transformers import PreTrainedTokenizerFast

from relcli.errors import UsageError
from relcli.models.local.option_scorer import OptionScorer


@pytest.fixture
def merging() -> PreTrainedTokenizerFast:
    """A tokenizer that keeps "a)" as one token, "b)" as two, and cuts "None" into "No" and "ne"."""
    letters = ["a", "b", "c", ")", "N", "o", "n", "e", "a)", "No", "ne"]
    bpe = Tokenizer(
        BPE({letter: i for i, letter in enumerate(letters)}, [("a", ")"), ("N", "o"), ("n", "e")])
    )
    bpe.pre_tokenizer = pre_tokenizers.Sequence([])
    return PreTrainedTokenizerFast(tokenizer_object=bpe)


def test_a_letter_counts_alone_and_with_its_bracket(merging):
    tokens = OptionScorer(merging)
    assert tokens.ids("a") == [0, 8]
    assert tokens.ids("b") == [1]
    assert tokens.ids("None") == [9]


def test_probabilities_of_both_forms_add_up(merging):
    share = torch.full((2, 11), 0.02)
    share[0, 0], share[0, 8], share[0, 1], share[0, 9] = 0.3, 0.2, 0.25, 0.1
    scores = OptionScorer(merging).score(share.log(), [2, 1])
    assert [round(math.exp(score), 4) for score in scores[0]] == [0.5, 0.25, 0.1]
    assert [round(math.exp(score), 4) for score in scores[1]] == [0.04, 0.02]


def test_without_options_only_none_is_scored(merging):
    scores = OptionScorer(merging).score(torch.full((1, 11), -3.0), [0])
    assert scores == [[-3.0]]


def test_more_options_than_letters_are_refused(merging):
    with pytest.raises(UsageError, match="27 options"):
        OptionScorer(merging).score(torch.zeros(1, 11), [27])
