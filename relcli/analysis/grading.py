"""Is an answer the right one?

Two grades are kept. Ours reads the chosen option (`read_choice`). The study's own asks only whether the
ground truth occurs anywhere in the answer (so "none of a) to d)" counts as every letter); it stays in its own
column for comparison.
"""



def is_correct(choice: str | None, ground_truth: str) -> bool:
    """Whether a reading is the ground truth, written `a)` to `z)` or `None`."""
    return choice is not None and choice == ground_truth.strip().rstrip(")").lower()


def seed_grade(answer: str, ground_truth: str) -> bool:
    """The study's grade: the lower-cased ground truth occurs somewhere in the lower-cased answer."""
    return ground_truth.lower() in answer.lower()
