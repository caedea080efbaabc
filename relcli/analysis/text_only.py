"""What a reader scores who never sees the picture: a classifier on the words of question and options.

It puts a score on every option of a question and takes the highest, so it can use what a letter, an option's
text, its relation to the question and to the other options give away. Where it beats the constant guess,
accuracy on those questions is no evidence of sight.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from relcli.analysis.statistics import mean_and_error
from relcli.scenes.parsing import mentions, option_pairs
from relcli.scenes.questions import NONE_ANSWER, Question
from relcli.scenes.vocabulary import COLORS, LETTERS, RAW, SHAPES

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FOLDS = 5
LEAST_SCENES = 2 * FOLDS
READER_VERSION = 1
"""Goes up when the reader's scores change on the same questions; stored scores carry it."""
_WORDS = re.compile(r"[a-z0-9]+")
_OBJECT = re.compile(rf"\b(?:{'|'.join(COLORS)}) (?:{'|'.join(SHAPES)})\b")
_SHORT = 4  # words; longer options are no fixed phrases worth a feature of their own


@dataclass(frozen=True, slots=True)
class TextOnly:
    """Accuracy from the words alone, over held-out scenes.

    `error`: standard error over folds. `constant`: what always giving the commonest answer of the other
    scenes scores. `by_scene`: questions read and right of each scene, for intervals.
    """

    n: int
    n_scenes: int
    accuracy: float
    error: float | None
    constant: float
    by_scene: tuple[tuple[int, int], ...] = field(repr=False)


def text_only_accuracy(
    questions: Sequence[Question], *, variant: str = RAW, folds: int = FOLDS, seed: int = 0
) -> TextOnly | None:
    """Cross-validate the reader on questions of one category; whole scenes are held out together.

    The truth is that on the variant; questions that have none there are left out. None counts as one more
    option. Questions whose options can't be read are left out. Logistic
    regression (L2, C = 1) on binary features of single options, then the best option of each question. None
    below LEAST_SCENES scenes.
    """
    places = [_place(q, q.truth_on(variant) or "") for q in questions]
    readable = [q for q, place in zip(questions, places, strict=True) if place is not None]
    scenes = np.array([q.scene_id for q in readable])
    if len(np.unique(scenes)) < LEAST_SCENES:
        return None
    offered = np.array([len(q.options) + 1 for q in readable])
    owner = np.repeat(np.arange(len(readable)), offered)
    truths = np.array([place for place in places if place is not None])
    is_true = np.zeros(len(owner), dtype=bool)
    is_true[np.cumsum(offered) - offered + truths] = True
    matrix = _matrix([features for q in readable for features in option_features(q)])
    # None is one answer however many options stand before it.
    answers = np.where(truths == offered - 1, -1, truths)
    fold_of = _folds(scenes, folds, seed)
    right = np.zeros(len(readable), dtype=bool)
    scores, constants = [], []
    for fold in range(folds):
        held = fold_of == fold
        letters, counts = np.unique(answers[~held], return_counts=True)
        constants.append(float(np.mean(answers[held] == letters[counts.argmax()])))
        chosen = _best_options(matrix, owner, is_true, held)
        right[held] = chosen == truths[held]
        scores.append(float(np.mean(right[held])))
    accuracy, error = mean_and_error(scores)
    known, place_of = np.unique(scenes, return_inverse=True)
    asked_of, right_of = np.bincount(place_of), np.bincount(place_of[right], minlength=len(known))
    return TextOnly(
        n=len(readable),
        n_scenes=len(known),
        accuracy=accuracy,
        error=error,
        constant=float(np.mean(constants)),
        by_scene=tuple(zip(asked_of.tolist(), right_of.tolist(), strict=True)),
    )


def option_features(question: Question) -> Iterator[set[str]]:
    """For each option, None last, what can be read off the words about it, as names of binary features.

    Objects the question names are called by their place in it, so that "from the one named first" is the
    same feature whatever the object.
    """
    stem = " ".join(question.stem.lower().split())
    stem_words = set(_WORDS.findall(stem))
    named = [_name(each) for each in mentions(stem)]
    options = [" ".join(option.lower().split()) for option in question.options]
    pairs = [option_pairs(option) for option in options]
    ordered = [mentions(option) for option in options]
    ranks = _ranks(options)
    for place, option in enumerate(options):
        words = _WORDS.findall(option)
        found = {"option", f"letter={LETTERS[place]}", f"rank={ranks[place]}"}
        found |= {f"word={word}" for word in words}
        if len(words) <= _SHORT:
            found.add(f"text={option}")
            # Pairs of a word of the question with the option: what "shape" says about "Yes".
            found |= {f"asked {word} -> {option}" for word in stem_words}
            found.add(f"last {stem.split()[-1] if stem else ''} -> {option}")
        if len(words) == 1:
            found |= {f"{option} beside {other}" for other in options}
        if named:
            found.add(f"pattern={_pattern(option, named)}")
        found.add(f"same pairs as another={pairs[place] is not None and pairs.count(pairs[place]) > 1}")
        found.add(f"turned round={ordered[place][::-1] in ordered[:place] + ordered[place + 1 :]}")
        found |= set(_overlaps(place, options))
        yield found
    beside = {f"none beside {option}" for option in options if len(_WORDS.findall(option)) == 1}
    yield {"none", f"none of {len(options)}"} | beside


def _pattern(option: str, named: Sequence[str]) -> str:
    """The option with the question's objects called #0 and #1, and all others #."""
    for index, name in enumerate(named):
        option = option.replace(name, f"#{index}")
    return _OBJECT.sub("#", option)


def _overlaps(place: int, options: Sequence[str]) -> Iterator[str]:
    """How an option lies among the others: wrong options are often made from the right one."""
    parts = [{_name(each) for each in mentions(option)} for option in options]
    own, others = parts[place], [names for index, names in enumerate(parts) if index != place]
    shared = sum(len(own & other) for other in others)
    yield f"objects={len(own)}"
    yield f"objects shared with others={min(shared, 12)}"
    yield f"objects of its own={len(own - set().union(*others)) if others else 0}"


def _ranks(options: Sequence[str]) -> list[str]:
    """Place of each option when sorted, as numbers if all are numbers, else as text."""
    numeric = all(option.isdecimal() for option in options)
    order = sorted(options, key=int) if numeric else sorted(options)
    return [f"{'number' if numeric else 'text'} {order.index(option)}" for option in options]


def _name(description: tuple[str | None, str | None]) -> str:
    return " ".join(part for part in description if part)


def _place(question: Question, truth: str) -> int | None:
    """Index of the true option, the number of options for None; None where they can't be read."""
    if len(question.options) < 2:
        return None
    if truth == NONE_ANSWER:
        return len(question.options)
    place = LETTERS.find(truth[0]) if truth else -1
    return place if 0 <= place < len(question.options) else None


def _matrix(rows: Sequence[set[str]]) -> "csr_matrix":
    from scipy.sparse import csr_matrix

    names: dict[str, int] = {}
    columns = [names.setdefault(name, len(names)) for row in rows for name in sorted(row)]
    starts = np.cumsum([0, *map(len, rows)])
    return csr_matrix((np.ones(len(columns)), np.array(columns), starts), shape=(len(rows), len(names)))


def _folds(scenes: NDArray, folds: int, seed: int) -> NDArray[np.intp]:
    """A fold for every question, the same for all of a scene; folds of equally many scenes."""
    known, place = np.unique(scenes, return_inverse=True)
    shuffled = np.random.default_rng(seed).permutation(len(known))
    return (shuffled % folds)[place]


def _best_options(
    matrix: "csr_matrix", owner: NDArray, is_true: NDArray, held: NDArray[np.bool_]
) -> NDArray[np.intp]:
    from sklearn.linear_model import LogisticRegression

    test = held[owner]
    reader = LogisticRegression(C=1.0, solver="liblinear", random_state=0).fit(matrix[~test], is_true[~test])
    score = reader.decision_function(matrix[test])
    _, starts = np.unique(owner[test], return_index=True)
    ends = [*starts[1:], len(score)]
    return np.array([int(np.argmax(score[a:b])) for a, b in zip(starts, ends, strict=True)], dtype=np.intp)
