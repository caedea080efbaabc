"""Which image tokens belong to what a question is about, on each variant of its scene.

The same as the warehouse's question_region, worked out before there are answers.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from relcli.scenes.boxes import BoxedEntity
from relcli.scenes.geometry import layout_regions
from relcli.scenes.items import DatasetItem
from relcli.scenes.masking import Twin
from relcli.scenes.questions import Question
from relcli.scenes.scene import Scene
from relcli.scenes.vocabulary import BLANK, MASKED, RAW
from relcli.token_layout import TokenLayout

Coverage = NDArray[np.float32]
_MASKINGS = ("object", "relation")


class Places:
    """What the things of one variant of a scene cover on one layout.

    entities, arrows: those that the variant shows, by entity id and relation index (of the raw scene for
    masked twins). removed: of the entity that the masked twin lacks, None where it lacks none; is_gone:
    whether this variant lacks it.
    """

    def __init__(self, item: DatasetItem, variant: str, layout: TokenLayout):
        raw = item.scene
        twin = None if variant in (RAW, BLANK) else _twin(item, variant)
        assert raw is not None
        masking = twin if twin is not None and twin.kind in _MASKINGS else None
        shown = raw if twin is None else twin.scene
        # Masked twins count relations anew, so their things are those of the raw scene that are still there.
        covered = layout_regions(raw if masking else shown, layout)
        left = {entity.id for entity in shown.entities}
        self.entities = {
            region.item_id: region.coverage
            for region in covered
            if region.kind == "entity" and region.item_id in left
        }
        self.arrows = {
            region.item_id: region.coverage
            for region in covered
            if region.kind == "arrow" and (masking is None or _is_left(raw, region.item_id, left, masking))
        }
        masked = _twin(item, MASKED)
        of_raw = covered if shown is raw or masking else layout_regions(raw, layout)
        self.removed = next(
            (
                region.coverage
                for region in of_raw
                if masked is not None and region.kind == "entity" and region.item_id == masked.entity_id
            ),
            None,
        )
        self.is_gone = variant == MASKED
        self.boxed = any(isinstance(entity, BoxedEntity) for entity in raw.entities + shown.entities)
        self.explicit = {index for index, relation in enumerate(raw.relations) if relation.explicit}
        self.placed = (~np.isnan(layout.edges()[:, 0])).astype(np.float32)

    def of_question(self, question: Question) -> dict[str, Coverage]:
        """Coverage float32 [tokens] by region: target, distractor, arrow and removed, those that the variant
        has; rest is what is in none of them. Boxes may overlap: of these a cell is covered once, by the
        target first."""
        asked = set(question.entities)
        others = self.entities.keys() - asked
        if question.distractors is not None:
            others &= set(question.distractors)
        arrow = question.relation_index if question.relation_index in self.explicit else None
        parts = {
            "target": [cover for name, cover in self.entities.items() if name in asked],
            "distractor": [cover for name, cover in self.entities.items() if name in others],
            "arrow": [cover for name, cover in self.arrows.items() if arrow in (None, name)],
            "removed": [] if self.removed is None else [self.removed],
        }
        found = {name: sum_of(covers) for name, covers in parts.items() if covers}
        if self.boxed:
            for name in found.keys() & {"target", "distractor"}:
                found[name] = np.minimum(found[name], 1)
            if "target" in found and "distractor" in found:
                found["distractor"] = np.minimum(found["distractor"], 1 - found["target"])
        return found | {"rest": self._rest(found)}

    def _rest(self, found: Mapping[str, Coverage]) -> Coverage:
        """An entity that is still there is part of target or distractor: its place counts once."""
        counted = [cover for name, cover in found.items() if name != "removed" or self.is_gone]
        covered = np.sum([np.zeros_like(self.placed), *counted], axis=0)
        return np.clip(1 - covered, 0, 1).astype(np.float32) * self.placed


def sum_of(covers: Sequence[Coverage]) -> Coverage:
    """Cell by cell sum, in the order of the items."""
    return np.asarray(np.sum(covers, axis=0, dtype=np.float32))


def places_of(item: DatasetItem, variant: str, layout: TokenLayout) -> Places | None:
    """None where nobody knows what the variant shows or where the tokens stand."""
    known = item.scene is not None and (variant in (RAW, BLANK) or _twin(item, variant) is not None)
    return Places(item, variant, layout) if known and layout.is_placed else None


def _twin(item: DatasetItem, variant: str) -> Twin | None:
    found = item.variant(variant)
    return None if found is None else found.twin


def _is_left(raw: Scene, index: int, left: set[int], twin: Twin) -> bool:
    relation = raw.relations[index]
    hidden = twin.kind == "relation" and twin.relation_index == index
    return {relation.subject_id, relation.object_id} <= left and not hidden
