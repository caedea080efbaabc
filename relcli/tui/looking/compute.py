"""The map of a token or of a head of the question on screen: as stored, or from the resident model."""

from collections.abc import Sequence

from relcli.errors import UsageError
from relcli.jobs.worker_protocol import Attention, Describe, Described, Looked
from relcli.results.attention_maps import AttentionMaps
from relcli.results.question import QuestionView
from relcli.results.row_maps import maps_of_layers, stored_head, stored_row
from relcli.results.token_strip import TokenStrip
from relcli.scenes.spans import labels_of, question_spans
from relcli.scenes.vocabulary import RAW
from relcli.tui.background.replies import in_base64
from relcli.tui.context import Context
from relcli.tui.looking.text import head_name, token_name

_ROLE_OF = {"target_next": "target"}  # the token behind each of these


async def token_maps(
    context: Context, question: QuestionView, variant: str, strip: TokenStrip, number: int
) -> AttentionMaps:
    """Where a token looked in every layer, mean over heads. What the run keeps is taken from the warehouse.

    Raises RelcliError for a token outside the question whose map isn't kept, a model that can't be loaded or
    is another one than the run's, and as the worker.
    """
    run, like, token = question.run or "", question.maps[variant], strip.tokens[number]
    whose = token_name(token.text)
    if number == len(strip.tokens) - 1 and all(layer.get("first_step") for layer in like.layers):
        first = [layer | {"mean_heads": layer["first_step"]} for layer in map(dict, like.layers)]
        return maps_of_layers(like, first, f"{whose}, which begins the answer")
    if (row := strip.row_of(number)) is not None:
        place = run, question.key, variant
        stored = await context.store.call(stored_row, context.database, *place, row, like, whose)
        if stored is not None:
            return stored
    span = strip.characters(number, question.text)
    if span is None:
        raise UsageError(
            f"{whose} stands in the prompt around the question: only tokens of its text can be asked for."
        )
    return await _asked(context, question, variant, whose, [span])


async def head_maps(
    context: Context, question: QuestionView, variant: str, row: str, layer: int, head: int
) -> AttentionMaps:
    """Where a head of a row looked, and the head of that number in every other layer. Raises as
    `token_maps`."""
    answered, like = question.answers[variant], question.maps[variant]
    whose = head_name(row, layer, head)
    if answered.full_path is not None:
        stored = await context.store.call(
            stored_head,
            context.database,
            answered.full_path,
            question.key,
            variant,
            row,
            head,
            like,
            whose,
            answered.answer_step or 0,
        )
        if stored is not None:
            return stored
    role = _ROLE_OF.get(row, row)
    labels = labels_of(question.asked, question.scenes.get(RAW))
    found = question_spans(question.text, question.stem, question.options, labels)
    spans = [(span.start, span.end) for span in found if span.role == role]
    if not spans and row != "answer":
        raise UsageError(f"The question has no tokens of the row {row}.")
    return await _asked(context, question, variant, whose, spans, head=head, behind=row in _ROLE_OF)


async def _asked(
    context: Context,
    question: QuestionView,
    variant: str,
    whose: str,
    spans: Sequence[tuple[int, int]],
    *,
    head: int | None = None,
    behind: bool = False,
) -> AttentionMaps:
    """From the run's model, in the resident worker."""
    from relcli.jobs.worker_edits import changed_since
    from relcli.jobs.worker_load import load_of_run

    png = question.pictures.get(variant)
    if question.run is None or png is None:
        raise UsageError("Only questions of a run, on a picture that was kept, can be looked at again.")
    record, load = await context.store.call(load_of_run, context.database, question.run, as_run=True)
    image = in_base64(png)
    found = await context.model.call(load, Describe(id=0, image=image))
    assert isinstance(found, Described)
    if different := changed_since(record, found):
        raise UsageError(
            f"The run {record.run} was answered by another model than {record.model} is now "
            f"({'; '.join(different)}), and does not keep this map itself."
        )
    asked = Attention(id=0, image=image, text=question.text, spans=tuple(spans), head=head, behind=behind)
    reply = await context.model.call(load, asked)
    assert isinstance(reply, Looked)
    layers = zip(reply.maps.layers, reply.maps.image_mass, strict=True)
    return AttentionMaps(
        reply.maps.height,
        reply.maps.width,
        [{"mean_heads": mean, "image_mass": mass} for mean, mass in layers],
        whose=whose,
    )
