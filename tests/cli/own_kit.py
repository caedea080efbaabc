"""Own pictures for tests: tables with a mug and a plate, in two sizes, each with two twins."""

import json
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

Box = list[int]
SIZES = ((320, 224), (224, 224))


def table(size: tuple[int, int], mug: Box | None, plate: Box) -> Image.Image:
    picture = Image.new("RGB", size, (240, 235, 220))
    draw = ImageDraw.Draw(picture)
    if mug is not None:
        draw.rectangle((mug[0], mug[1], mug[0] + mug[2] - 1, mug[1] + mug[3] - 1), fill=(200, 30, 30))
    draw.ellipse((plate[0], plate[1], plate[0] + plate[2] - 1, plate[1] + plate[3] - 1), fill=(30, 30, 200))
    return picture


def make_pictures(folder: Path, n: int) -> tuple[Path, Path, Path]:
    """The folder of n pictures and their twins, the questions, and COCO's boxes of the pictures."""
    images = folder / "photos"
    for name in ("a", "b"):
        (images / name).mkdir(parents=True)
    lines: list[dict[str, Any]] = []
    kinds = [{"id": 1, "name": "mug"}, {"id": 2, "name": "plate"}]
    coco: dict[str, list[dict[str, Any]]] = {"images": [], "annotations": [], "categories": kinds}
    for number in range(n):
        size = SIZES[number % 2]
        step = number % 20
        here, there = [10 + step, 60, 60, 70], [size[0] - 90, 80 + 3 * step, 70, 50]
        mug, plate = (here, there) if number % 3 else (there, here)
        place = f"{'ab'[number % 2]}/{number // 2}"  # the same names in two folders
        suffix = (".png", ".jpg", ".webp")[number % 3]
        table(size, mug, plate).save(images / f"{place}{suffix}")
        table(size, plate, mug).save(images / f"{place}-swapped{suffix}")
        table(size, None, plate).save(images / f"{place}-masked{suffix}")
        coco["images"].append(
            {"id": number, "file_name": place + suffix, "width": size[0], "height": size[1]}
        )
        for kind, box in ((1, mug), (2, plate)):
            at = len(coco["annotations"]) + 100
            coco["annotations"].append({"id": at, "image_id": number, "category_id": kind, "bbox": box})
        answer, other = ("left", "right") if mug[0] < plate[0] else ("right", "left")
        swapped = {"image": f"{place}-swapped{suffix}", "answer": other, "targets": [plate], "boxes": [mug]}
        masked = {"image": f"{place}-masked{suffix}", "answer": "None", "targets": [None]}
        lines.append(
            {
                "id": f"side-{number}",
                "image": place + suffix,
                "question": "On which side of the plate is the mug?",
                "options": ["left", "right"],
                "answer": answer,
                "category": "side",
                "targets": [100 + 2 * number],
                "variants": {"swapped": swapped, "masked": masked},
            }
        )
        lines.append(
            {
                "image": place + suffix,
                "question": "There is a plate in this picture.",
                "options": ["true", "false"],
                "answer": "a",
                "targets": [plate],
                "variants": {"masked": {"image": masked["image"], "answer": "a"}},
            }
        )
    questions, boxes = folder / "questions.jsonl", folder / "coco.json"
    questions.write_text("".join(json.dumps(line) + "\n" for line in lines))
    boxes.write_text(json.dumps(coco))
    return images, questions, boxes
