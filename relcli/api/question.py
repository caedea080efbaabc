"""One question of a run, with pictures and attention as arrays."""

from typing import TYPE_CHECKING, Any

from relcli.errors import UsageError

if TYPE_CHECKING:
    import numpy as np

    from relcli.results.question import QuestionView, VariantAnswer


class Question:
    """A question with everything about it; a notebook shows it with its pictures. `view` has the rest:
    options, flaws, frames of the objects asked about, in pixels."""

    def __init__(self, view: "QuestionView") -> None:
        self.view = view

    @property
    def text(self) -> str:
        """The whole prompt as it was sent."""
        return self.view.text

    @property
    def category(self) -> str:
        return self.view.category

    @property
    def answers(self) -> "dict[str, VariantAnswer]":
        """By variant: what was answered, its letter, its grade, and the truth."""
        return self.view.answers

    @property
    def pictures(self) -> "dict[str, np.ndarray]":
        """By variant: uint8 [height, width, 3]. One that can't be read is left out."""
        import numpy as np

        from relcli.drawing.pictures import opened

        found = {variant: opened(data) for variant, data in self.view.pictures.items()}
        return {variant: np.asarray(picture) for variant, picture in found.items() if picture is not None}

    def attention(self, variant: str = "raw", vector: str = "mean_heads") -> "np.ndarray":
        """float32 [layers, grid height, grid width] of one answer; vector: mean_heads, max_heads, first_step
        or last_step. Raises UsageError where there is none."""
        import numpy as np

        maps = self._maps(variant)
        stack = [layer.get(vector) for layer in maps.layers]
        if any(each is None for each in stack):
            kept = ", ".join(name for name in dict.fromkeys(choice[0] for choice in maps.choices))
            raise UsageError(f"There is no {vector!r} of this answer; there are {kept}.")
        drawn = [maps.on_picture(each) for each in stack if each is not None]
        return np.array(drawn, dtype=np.float32).reshape(len(stack), maps.height, maps.width)

    def steps(self, variant: str = "raw") -> "np.ndarray":
        """float32 [steps, layers, grid height, grid width], means over heads, of a run with `--attention
        full`. Raises UsageError where the steps weren't kept."""
        import numpy as np

        maps = self._maps(variant)
        if not maps.steps:
            raise UsageError("This answer's steps weren't kept: run it with --attention full.")
        drawn = [[maps.on_picture(layer) for layer in step] for step in maps.steps]
        stack = np.array(drawn, dtype=np.float32)
        return stack.reshape(*stack.shape[:2], maps.height, maps.width)

    def _maps(self, variant: str) -> Any:
        if (maps := self.view.maps.get(variant)) is not None:
            return maps
        there = ", ".join(self.view.maps) or "none"
        raise UsageError(f"This question has no attention on the {variant} picture; there is: {there}.")

    def __repr__(self) -> str:
        given = ", ".join(f"{name}: {answer.answer!r}" for name, answer in self.answers.items())
        return f"<question {self.view.scene_id}.{self.view.question_index} of {self.view.run}: {given}>"

    def _repr_html_(self) -> str:
        from relcli.report.gallery import exhibit
        from relcli.report.layout import exhibit_html

        return exhibit_html(exhibit(self.view, variants=self.view.variants))
