"""What a model sees of a picture file, whatever mode, depth, rotation or damage it has."""

import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from relcli.errors import RelcliError, UsageError
from relcli.jobs.ask import open_picture
from relcli.scenes import decoding
from relcli.scenes.decoding import UndecodableError, as_rgb, decode, to_png
from relcli.scenes.items import DatasetItem, Picture, Variant
from relcli.scenes.reading import read_folder
from relcli.warehouse.variant_rows import picture_rows
from tests.examples import examples

DEEP = np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8)
SHADES = np.round(DEEP / 257).astype(np.uint8)


def file_of(picture: Image.Image, form: str = "PNG", **how: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **how)
    return buffer.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, depth: int, color: int, rows: bytes, extra: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(decode(data)).astype(int)


def colored() -> Image.Image:
    """Nothing in it is symmetric, so no rotation looks like another."""
    picture = Image.new("RGB", (24, 16), "white")
    picture.paste("red", (2, 1, 12, 6))
    picture.paste("blue", (14, 9, 22, 14))
    return picture


@pytest.mark.parametrize(
    "data",
    [
        file_of(Image.fromarray(DEEP)),
        file_of(Image.fromarray(DEEP), "TIFF"),
        file_of(Image.fromarray(DEEP.astype(np.int32)), "TIFF"),
        file_of(Image.fromarray((DEEP / 65535).astype(np.float32)), "TIFF"),
        file_of(Image.fromarray((DEEP / 257).astype(np.float32)), "TIFF"),
        file_of(Image.fromarray(65535 - DEEP), "TIFF", tiffinfo={262: 0}),
        b"P5 8 8 65535\n" + DEEP.astype(">u2").tobytes(),
    ],
    ids=["png", "tiff", "32 bits", "0 to 1", "0 to 255", "white is zero", "pgm"],
)
def test_deep_gray_is_scaled(data: bytes) -> None:
    assert np.array_equal(pixels(data), np.stack([SHADES] * 3, axis=-1))


@pytest.mark.parametrize(
    "values",
    [
        np.array([[-1, 5]], np.int32),
        np.array([[0, 65536]], np.int32),
        np.array([[-0.5, 1]], np.float32),
        np.array([[np.nan, 1]], np.float32),
        np.array([[np.inf, 1]], np.float32),
        np.array([[0, 256]], np.float32),
    ],
    ids=str,
)
def test_values_that_are_no_shades_are_refused(values: np.ndarray, tmp_path: Path) -> None:
    (tmp_path / "image_1.tif").write_bytes(file_of(Image.fromarray(values), "TIFF"))
    with pytest.raises(RelcliError, match=r"image_1\.tif can't be decoded \(grey from .* with 8 bits"):
        Picture(tmp_path / "image_1.tif").image()
    with pytest.raises(UsageError, match=r"image_1\.tif can't be decoded \(grey from"):
        open_picture(tmp_path / "image_1.tif")


def clear_file(mode: str) -> bytes:
    picture = colored()
    alpha = Image.new("L", picture.size, 255)
    alpha.paste(0, (0, 0, 24, 8))
    if mode == "P":
        flat = picture.quantize(4)
        flat.info["transparency"] = flat.getpixel((0, 0))
        return file_of(flat, transparency=flat.getpixel((0, 0)))
    picture.putalpha(alpha)
    # Under full transparency lies black, which must not show.
    picture.paste((0, 0, 0, 0), (0, 0, 24, 8))
    return file_of(picture.convert(mode), "PNG")


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_laid_on_white(mode: str) -> None:
    assert (pixels(clear_file(mode))[0, 0] == 255).all()
    assert (pixels(clear_file("RGBA"))[:8] == 255).all()
    assert (pixels(clear_file("RGBA"))[10, 16] == (0, 0, 255)).all()


def test_half_transparent_is_half_white() -> None:
    half = Image.new("RGBA", (2, 2), (255, 0, 0, 128))
    seen = pixels(file_of(half))[0, 0]
    assert seen[0] == 255 and abs(seen[1:] - 127).max() <= 1


@pytest.mark.parametrize(
    ("depth", "color", "row", "clear", "seen"),
    [
        (1, 0, b"\x40", b"\0\1", [0, 255]),
        (2, 0, b"\x60", b"\0\1", [255, 170]),
        (4, 0, b"\x3c", b"\0\3", [255, 204]),
        (8, 0, b"\3\x09", b"\0\3", [255, 9]),
        (16, 0, struct.pack(">HH", 1000, 40000), struct.pack(">H", 1000), [255, 156]),
        (8, 2, bytes([1, 1, 1, 7, 7, 7]), struct.pack(">HHH", 1, 1, 1), [255, 7]),
        (16, 2, struct.pack(">6H", *[514] * 3, *[771] * 3), struct.pack(">HHH", *[514] * 3), [255, 3]),
    ],
)
def test_a_transparent_color_in_every_depth(
    depth: int, color: int, row: bytes, clear: bytes, seen: list[int]
) -> None:
    data = png(2, 1, depth, color, b"\0" + row, chunk(b"tRNS", clear))
    assert pixels(data)[0, :, 0].tolist() == seen
    assert to_png(data) != data and pixels(to_png(data))[0, :, 0].tolist() == seen


TURNED = {
    1: lambda p: p,
    2: lambda p: p[:, ::-1],
    3: lambda p: p[::-1, ::-1],
    4: lambda p: p[::-1],
    5: lambda p: p.swapaxes(0, 1),
    6: lambda p: np.rot90(p, 1),
    7: lambda p: np.rot90(p, 2).swapaxes(0, 1),
    8: lambda p: np.rot90(p, 3),
}
"""How a file holds an upright picture, by its EXIF orientation."""


@pytest.mark.parametrize("form", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", TURNED)
def test_exif_orientation_is_applied(orientation: int, form: str, tmp_path: Path) -> None:
    upright = np.asarray(colored())
    exif = Image.Exif()
    exif[0x0112] = orientation
    held = Image.fromarray(np.ascontiguousarray(TURNED[orientation](upright)))
    how = {"lossless": True} if form == "WEBP" else {}
    data = file_of(held, form, exif=exif, **how)
    assert np.array_equal(pixels(data), upright)
    assert Picture(data).check() == (24, 16)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(to_png(data)))), upright)
    assert np.array_equal(pixels(to_png(data)), upright), "a stored picture is not turned again"


@pytest.mark.parametrize(
    "mode", ["1", "L", "P", "PA", "LA", "La", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "HSV", "LAB"]
)
def test_every_mode_shows_its_colors(mode: str) -> None:
    source = Image.new("RGB", (4, 4), "white") if mode in ("1", "L", "LA", "La") else colored()
    steps = {"La": ("LA", "La"), "RGBa": ("RGBA", "RGBa"), "PA": ("P", "PA")}.get(mode, (mode,))
    picture = source
    for step in steps:
        picture = picture.convert(step)
    seen = as_rgb(picture)
    assert seen.mode == "RGB"
    far = 40 if mode == "LAB" else 4  # pure blue lies outside what LAB gives back
    assert np.abs(np.asarray(seen).astype(int) - np.asarray(source).astype(int)).max() <= far


def test_cmyk_files_are_not_inverted() -> None:
    for form in ("JPEG", "TIFF"):
        seen = pixels(file_of(Image.new("RGB", (16, 16), (200, 30, 40)).convert("CMYK"), form))
        assert np.abs(seen - (200, 30, 40)).max() <= 4


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_an_animation_is_its_first_frame(form: str) -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    data = file_of(frames[0], form, save_all=True, append_images=frames[1:])
    assert np.abs(pixels(data) - (255, 0, 0)).max() <= 1
    with Image.open(io.BytesIO(to_png(data))) as stored:
        assert getattr(stored, "n_frames", 1) == 1 and stored.mode == "RGB"


def test_a_plain_png_keeps_its_bytes_and_so_its_hash() -> None:
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    words.add_text("Software", "a camera")
    for data in (file_of(colored()), file_of(colored(), pnginfo=words), file_of(colored(), optimize=True)):
        assert to_png(data) == data and Picture(data).png() == data


@pytest.mark.parametrize(
    "data",
    [
        file_of(Image.fromarray(DEEP)),
        clear_file("RGBA"),
        clear_file("P"),
        file_of(colored().convert("CMYK"), "JPEG"),
        file_of(colored().convert("1")),
        png(1, 1, 16, 2, b"\0" + struct.pack(">3H", 257, 514, 65535)),
    ],
)
def test_the_stored_picture_is_what_the_model_saw(data: bytes) -> None:
    item = DatasetItem(1, "image_00001.png", Picture(data), (Variant("masked", Picture(data)),))
    rows = [*picture_rows(item)]
    seen = np.asarray(item.image.image())
    assert [row["variant"] for row in rows] == ["raw", "masked"]
    for row in rows:
        with Image.open(io.BytesIO(row["image"])) as stored:
            assert stored.mode == "RGB" and not stored.info
            assert np.array_equal(np.asarray(stored), seen)
    assert Picture(rows[0]["image"]).png() == rows[0]["image"]


def test_run_ask_and_the_screens_see_the_same(tmp_path: Path) -> None:
    from relcli.drawing.pictures import opened

    for number, data in enumerate((file_of(Image.fromarray(DEEP)), clear_file("P"), clear_file("RGBA"))):
        file = tmp_path / f"image_{number}.png"
        file.write_bytes(data)
        views = [open_picture(file), Picture(file).image(), opened(data)]
        assert len({view.tobytes() for view in views if view}) == 1 and None not in views


def test_a_picture_on_its_side_is_registered_upright(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6
    (tmp_path / "images" / "image_1.jpg").write_bytes(file_of(colored(), "JPEG", exif=exif))
    [item] = read_folder(tmp_path).items
    assert (item.width, item.height) == (16, 24) == item.image.image().size


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "unknown format"),
        (b"text", "unknown format"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n", "unknown format"),
        (png(60_000, 60_000, 8, 2, b""), "more pixels than 64,000,000"),
        (png(9_000, 9_000, 8, 2, b""), "9000 x 9000 pixels, more than 64,000,000"),
        (png(0, 5, 8, 2, b""), ""),
        (png(4, 4, 8, 2, b"\0\1\2"), "truncated"),
        (file_of(colored())[:-20], ""),
        (file_of(colored(), "JPEG")[:-20], "truncated"),
        (file_of(colored())[:60] + b"x" + file_of(colored())[61:], ""),
    ],
    ids=range(10),
)
def test_what_is_no_whole_picture_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(UndecodableError, match=r"can't be decoded \(.*" + reason):
        decode(data)
    with pytest.raises(UndecodableError):
        pixels(to_png(data))


def test_a_pipe_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "image_1.png")
    for reader in (open_picture, lambda path: Picture(path).image()):
        with pytest.raises(RelcliError, match=r"image_1\.png can't be decoded \(a pipe"):
            reader(tmp_path / "image_1.png")
        with pytest.raises(RelcliError, match="a folder, not a file"):
            reader(tmp_path)
    (tmp_path / "image_2.png").write_bytes(file_of(colored()))
    monkeypatch.setattr(decoding, "MAX_BYTES", 10)
    with pytest.raises(UsageError, match="make it smaller"):
        open_picture(tmp_path / "image_2.png")
    with pytest.raises(UsageError, match="There is no picture"):
        open_picture(tmp_path / "none.png")


SOUND: tuple[Callable[[], bytes], ...] = (
    lambda: file_of(colored()),
    lambda: clear_file("P"),
    lambda: file_of(Image.fromarray(DEEP)),
    lambda: file_of(Image.fromarray(DEEP), "TIFF"),
    lambda: file_of(colored(), "JPEG"),
    lambda: file_of(colored(), "GIF"),
    lambda: file_of(colored(), "BMP"),
    lambda: file_of(colored(), "WEBP"),
)


@pytest.mark.filterwarnings("ignore:::PIL")
@settings(max_examples=examples(200), deadline=None)
@given(st.sampled_from(SOUND), st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=6))
def test_a_damaged_file_is_read_or_refused_in_a_sentence(
    make: Callable[[], bytes], changes: list[tuple[int, int]]
) -> None:
    data = bytearray(make())
    for place, value in changes:
        data[place % len(data)] = value
    try:
        stored, seen = to_png(bytes(data)), decode(bytes(data))
    except UndecodableError as error:
        assert error.reason and error.message.endswith(".")
    else:
        assert seen.mode == "RGB" and np.array_equal(pixels(stored), np.asarray(seen))
