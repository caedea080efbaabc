"""What each image token is taught to know: what lies under it, where its object's centre is, and which arrows
touch it.

Question loss alone teaches a fresh vision tower nothing (ARCHITECTURE.md), a dense loss on the image tokens
does. Targets are made from the scene that is shown, so a twin's targets are the twin's.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from relcli.scenes.scene import Entity, Scene
from relcli.scenes.vocabulary import COLORS, IMAGE_SIZE, SHAPES

GRID = 8
CELLS = GRID * GRID
COMBOS = len(SHAPES) * len(COLORS)
MAX_PAIRS = 10
#: Patches a side of the vision tower's grid, before merging two by two.
PATCH_GRID = 2 * GRID
#: Directions a line may have under a patch, without regard to which end is the head.
ORIENTATIONS = 8
#: Directions an arrow may leave or reach a centre in, as sectors.
SECTORS = 16
_SAMPLES = 64  # sample points a side, eight to a cell
_AXIS = (np.arange(_SAMPLES, dtype=np.float32) + 0.5) * (IMAGE_SIZE / _SAMPLES)
#: Place of each patch, counted row by row, in the order of the vision tower (merge blocks together).
_BLOCK_ORDER = np.arange(PATCH_GRID**2).reshape(GRID, 2, GRID, 2).transpose(0, 2, 1, 3).reshape(-1)
_COLOR_INDEX = {name: index for index, name in enumerate(COLORS)}
_SHAPE_INDEX = {name: index for index, name in enumerate(SHAPES)}
#: A cell belongs to an object that covers at least this share of its sample points.
_LEAST_SHARE = 0.15


def combo(entity: Entity) -> int:
    """Number of an entity's colour and shape together, 0..31."""
    return _SHAPE_INDEX[entity.shape] * len(COLORS) + _COLOR_INDEX[entity.color]


def center_cell(entity: Entity) -> int:
    """Row-major number of the cell an entity's centre lies in."""
    side = IMAGE_SIZE // GRID
    return min(entity.center[1] // side, GRID - 1) * GRID + min(entity.center[0] // side, GRID - 1)


def _sector(here: Entity, there: Entity) -> int:
    """Number of the sector in which one centre lies as seen from another."""
    angle = math.atan2(there.center[1] - here.center[1], there.center[0] - here.center[0])
    return int((angle / (2 * math.pi) + 1.0) * SECTORS + 0.5) % SECTORS


def _inside(entity: Entity) -> np.ndarray:
    """Which sample points lie inside the shape, bool [64, 64]."""
    x, y, size = *entity.center, entity.radius
    dx, dy = _AXIS[None, :] - x, _AXIS[:, None] - y
    if entity.shape == "circle":
        inside = dx * dx + dy * dy <= size * size
    elif entity.shape == "square":
        inside = (np.abs(dx) <= size) & (np.abs(dy) <= size)
    elif entity.shape == "rectangle":
        inside = (np.abs(dx) <= size / 2) & (np.abs(dy) <= size * 0.75)
    else:
        half_width = (dy + size) / 1.5 * 0.866
        inside = (dy <= size / 2) & (np.abs(dx) <= half_width)
    return inside


def _share(inside: np.ndarray, grid: int) -> np.ndarray:
    """Share of each cell's sample points that lie inside, float32 [grid * grid]."""
    step = _SAMPLES // grid
    return inside.reshape(grid, step, grid, step).mean((1, 3), dtype=np.float32).reshape(-1)


def _lines(scene: Scene) -> np.ndarray:
    """Orientations of the arrow lines under each patch, and whether a head's tip is there: float32 [256, 9],
    row by row."""
    marks = np.zeros((PATCH_GRID**2, ORIENTATIONS + 1), dtype=np.float32)
    side = IMAGE_SIZE / PATCH_GRID
    for arrow in scene.arrows:
        start = np.array(scene.entity(arrow.subject_id).center, dtype=np.float32)
        end = np.array(scene.entity(arrow.object_id).center, dtype=np.float32)
        dx, dy = end - start
        turn = math.atan2(float(dy), float(dx)) / math.pi  # half turns, so that both directions fall together
        orientation = int((turn + 1.0) * ORIENTATIONS + 0.5) % ORIENTATIONS
        points = start + np.linspace(0, 1, max(2, int(math.hypot(dx, dy) / 4)))[:, None] * (end - start)
        column, row = (points / side).astype(np.int64).clip(0, PATCH_GRID - 1).T
        marks[row * PATCH_GRID + column, orientation] = 1.0
        marks[row[-1] * PATCH_GRID + column[-1], ORIENTATIONS] = 1.0
    return marks


@dataclass(frozen=True, slots=True)
class DenseTargets:
    """Targets of one picture. Cells are row-major; -1 marks what does not count.

    shape, color: int64 [64], one past the last name where no object is. center: float32 [64], 1 where a
    centre lies.
    xy: float32 [64, 2], centre of the cell's object as shares of the picture. arrows: float32 [64, 64], the
    names of the objects the cell's object points to (first 32) and is pointed to from. rays: float32 [64,
    32], for a cell with a centre the sectors its arrows leave in (first 16) and come from. occupied: float32
    [64].
    pair_cells: int64 [10, 2], centre cells of two objects; pair_label: int64 [10], 0 no arrow, 1 first to
    second, 2 second to first. patch_shape, patch_color: as shape and color, int64 [256], for single patches
    in the vision tower's order; patch_lines: float32 [256, 9], orientations of the lines under the patch and
    whether a tip is there.
    """

    shape: np.ndarray
    color: np.ndarray
    center: np.ndarray
    xy: np.ndarray
    arrows: np.ndarray
    rays: np.ndarray
    occupied: np.ndarray
    pair_cells: np.ndarray
    pair_label: np.ndarray
    patch_shape: np.ndarray
    patch_color: np.ndarray
    patch_lines: np.ndarray


def dense_targets(scene: Scene) -> DenseTargets:
    """Make the targets for the picture of ``scene``."""
    inside = [_inside(entity) for entity in scene.entities]
    fine = np.stack([_share(one, PATCH_GRID) for one in inside])[:, _BLOCK_ORDER]
    share = np.stack([_share(one, GRID) for one in inside])
    for row, entity in enumerate(scene.entities):
        share[row, center_cell(entity)] = 1.0  # the centre's cell is its object's, however small
    owner = share.argmax(0)
    occupied = share.max(0) >= _LEAST_SHARE
    shapes = np.array([_SHAPE_INDEX[entity.shape] for entity in scene.entities])
    colors = np.array([_COLOR_INDEX[entity.color] for entity in scene.entities])
    centers = np.array([entity.center for entity in scene.entities], dtype=np.float32) / IMAGE_SIZE
    touching = np.zeros((len(scene.entities), 2 * COMBOS), dtype=np.float32)
    row_of = {entity.id: row for row, entity in enumerate(scene.entities)}
    pairs = np.zeros((MAX_PAIRS, 2), dtype=np.int64)
    labels = np.full(MAX_PAIRS, -1, dtype=np.int64)
    cells = [center_cell(entity) for entity in scene.entities]
    rays = np.zeros((CELLS, 2 * SECTORS), dtype=np.float32)
    center = np.zeros(CELLS, dtype=np.float32)
    center[cells] = 1.0
    for index, relation in enumerate(scene.relations):
        subject, target = row_of[relation.subject_id], row_of[relation.object_id]
        flip = (index + scene.scene_id) % 2 == 1  # so that the arrow's tail is not always named first
        pairs[index] = (cells[target], cells[subject]) if flip else (cells[subject], cells[target])
        labels[index] = (2 if flip else 1) if relation.has_arrow else 0
        if relation.has_arrow:
            touching[subject, combo(scene.entities[target])] = 1.0
            touching[target, COMBOS + combo(scene.entities[subject])] = 1.0
            rays[cells[subject], _sector(scene.entities[subject], scene.entities[target])] = 1.0
            rays[cells[target], SECTORS + _sector(scene.entities[target], scene.entities[subject])] = 1.0
    return DenseTargets(
        shape=np.where(occupied, shapes[owner], len(SHAPES)),
        color=np.where(occupied, colors[owner], len(COLORS)),
        center=center,
        xy=centers[owner],
        arrows=touching[owner],
        rays=rays,
        occupied=occupied.astype(np.float32),
        pair_cells=pairs,
        pair_label=labels,
        patch_shape=np.where(fine.max(0) >= _LEAST_SHARE, shapes[fine.argmax(0)], len(SHAPES)),
        patch_color=np.where(fine.max(0) >= _LEAST_SHARE, colors[fine.argmax(0)], len(COLORS)),
        patch_lines=_lines(scene)[_BLOCK_ORDER],
    )


class DenseHeads(nn.Module):
    """Readers of the image tokens that exist only while training."""

    def __init__(self, width: int, vision_width: int) -> None:
        super().__init__()
        self.patch = nn.Linear(vision_width, len(SHAPES) + 1 + len(COLORS) + 1 + ORIENTATIONS + 1)
        self.cell = nn.Linear(width, len(SHAPES) + 1 + len(COLORS) + 1 + 1 + 2)
        names = nn.Linear(128, 2 * COMBOS)
        self.arrows = nn.Sequential(nn.Linear(width, 128), nn.GELU(), names)
        self.rays = nn.Linear(width, 2 * SECTORS)
        for layer in (names, self.rays):  # most names and sectors have no arrow: start from that
            nn.init.constant_(layer.bias, -3.0)
        self.pair = nn.Sequential(nn.Linear(4 * width, 128), nn.GELU(), nn.Linear(128, 3))

    def patches(self, hidden: Tensor, target: dict[str, Tensor]) -> Tensor:
        """The loss of what lies under single patches, read half-way up the vision tower: [images, 256, vision
        width]."""
        shape, color, lines = self.patch(hidden).split(
            (len(SHAPES) + 1, len(COLORS) + 1, ORIENTATIONS + 1), dim=-1
        )
        return (
            F.cross_entropy(shape.flatten(0, 1), target["patch_shape"].flatten())
            + F.cross_entropy(color.flatten(0, 1), target["patch_color"].flatten())
            + 3 * F.binary_cross_entropy_with_logits(lines, target["patch_lines"])
        )

    def forward(self, tokens: Tensor, target: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Sum the dense losses.

        Args:
            tokens: [images, 64, width] image tokens as the text model gets them.
            target: DenseTargets' fields, stacked over the images.

        Returns:
            The loss and detached figures: loss parts and the accuracies of shape, colour and pair.
        """
        occupied = target["occupied"]
        parts = self.cell(tokens).split((len(SHAPES) + 1, len(COLORS) + 1, 1, 2), dim=-1)
        shape = F.cross_entropy(parts[0].flatten(0, 1), target["shape"].flatten())
        color = F.cross_entropy(parts[1].flatten(0, 1), target["color"].flatten())
        center = F.binary_cross_entropy_with_logits(parts[2].squeeze(-1), target["center"])
        xy = (((parts[3] - target["xy"]) ** 2).sum(-1) * occupied).sum() / occupied.sum()
        arrow_loss = F.binary_cross_entropy_with_logits(
            self.arrows(tokens), target["arrows"], reduction="none"
        ).sum(-1)
        arrows = (arrow_loss * occupied).sum() / occupied.sum()

        centers = target["center"].bool()
        rays = F.binary_cross_entropy_with_logits(
            self.rays(tokens[centers]), target["rays"][centers], reduction="none"
        )
        rays = rays.sum(-1).mean()

        wanted = target["pair_label"] >= 0
        image = torch.arange(len(tokens), device=tokens.device)[:, None].expand(-1, MAX_PAIRS)[wanted]
        first, second = target["pair_cells"][wanted].unbind(-1)
        a, b = tokens[image, first], tokens[image, second]
        logits = self.pair(torch.cat((a, b, a * b, a - b), dim=-1))
        label = target["pair_label"][wanted]
        pair = F.cross_entropy(logits, label)

        loss = shape + color + center + 60 * xy + 0.2 * (arrows + rays) + pair
        seen = occupied.bool()
        figures = {
            "shape": (parts[0].argmax(-1) == target["shape"])[seen].float().mean(),
            "color": (parts[1].argmax(-1) == target["color"])[seen].float().mean(),
            "pair": (logits.argmax(-1) == label).float().mean(),
            "xy_px": (xy.detach() / 2).sqrt() * IMAGE_SIZE,
            "arrow_loss": arrows,
            "ray_loss": rays,
        }
        return loss, {name: value.detach() for name, value in figures.items()}
