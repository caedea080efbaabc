"""From the bytes of a picture file to what a model sees: the one reader for `run`, `ask` and the screens.

Pillow's own ``convert("RGB")`` clips grey of more than 8 bits to white, drops transparency and keeps pictures
lying on their side as cameras store them. Here grey is scaled, transparency is laid on white and the
orientation a file names is applied, so that everyone who decodes the same bytes has the same pixels.
"""

import io
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from relcli.errors import RelcliError

MAX_PIXELS: Final = 64_000_000
"""A larger picture is refused before it is unpacked: it would take more than a gigabyte on its way to RGB."""
MAX_BYTES: Final = 256 * 2**20
"""A longer file is refused before it is read."""

# Pixels only: beside these Pillow knows drawings, for which it starts other programs, and curiosities.
_FORMATS: Final = (
    *("PNG", "JPEG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "PPM"),
    *("JPEG2000", "AVIF", "ICO", "PCX", "QOI", "SGI", "TGA"),
)
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_ORIENTATION: Final = 0x0112
_TIFF_PHOTOMETRIC, _WHITE_IS_ZERO = 262, 0
_DEEP: Final = ("I", "I;16", "I;16L", "I;16B", "I;16N")
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What sets a picture upright, by its EXIF orientation."""

# Damage and size are answered with a sentence, not with warnings from inside Pillow.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


class UndecodableError(RelcliError):
    """Bytes that give no picture: `reason` says why, `advice` what to do. Whoever knows the picture's name
    says it in a sentence of their own."""

    def __init__(self, reason: str, advice: str = "copy it again") -> None:
        super().__init__(f"The picture can't be decoded ({reason}); {advice}.")
        self.reason, self.advice = reason, advice


def decode(data: bytes) -> Image.Image:
    """The picture in a file's bytes, in RGB and upright; of an animation the first frame.

    Raises UndecodableError for anything that is not a whole picture, that has no or too many pixels, or whose
    values can't be told to be shades.
    """
    with _loaded(data) as image:
        shown = _shades(image)
        turn = _TURNS.get(_orientation(image))
        # Pixels alone are handed on: no open file, no colour profile or rotation of what was there.
        picture = shown.copy() if turn is None else shown.transpose(turn)
    picture.info = {}
    return picture


def to_png(data: bytes) -> bytes:
    """PNG bytes of what `decode` gives: the same bytes if they are such a PNG already, in 8-bit RGB without
    transparency, rotation or animation. Raises UndecodableError as `decode`."""
    if _is_what_it_shows(data):
        return data
    buffer = io.BytesIO()
    decode(data).save(buffer, format="PNG")
    return buffer.getvalue()


def as_rgb(image: Image.Image) -> Image.Image:
    """An image of any mode in 8-bit RGB, by the rules of `decode`; one in RGB without transparency is
    returned as it is.

    Integer shades of more than 8 bits are read as 0 to 65535, real numbers as 0 to 1, or as 0 to 255 if one
    is above 1. Raises UndecodableError for values outside.
    """
    if image.mode in _DEEP:
        return _deep(image, image.info.get("transparency"))
    if image.mode == "F":
        return _real(image)
    if image.has_transparency_data:
        return _on_white(image)
    return image if image.mode == "RGB" else image.convert("RGB")


def read_file(path: Path) -> bytes:
    """A picture file's bytes. Raises OSError, or UndecodableError for what is not a file or too long a
    one."""
    about = path.stat()
    # A pipe nobody writes to would be waited for without end.
    if not stat.S_ISREG(about.st_mode):
        kind = "a folder" if stat.S_ISDIR(about.st_mode) else "a pipe or a device"
        raise UndecodableError(f"{kind}, not a file", "name a file")
    if about.st_size > MAX_BYTES:
        raise UndecodableError(
            f"{about.st_size / 2**20:.0f} MiB, more than {MAX_BYTES // 2**20}", "make it smaller"
        )
    return path.read_bytes()


@contextmanager
def _loaded(data: bytes) -> Iterator[Image.Image]:
    """The unpacked picture; whatever goes wrong with it is an UndecodableError."""
    try:
        with _opened(data) as image:
            image.load()
            yield image
    except UndecodableError:
        raise
    except UnidentifiedImageError as error:
        raise UndecodableError("unknown format", "save it as PNG or JPEG") from error
    except Image.DecompressionBombError as error:
        raise _too_large("more pixels") from error
    # Pillow's readers raise nearly everything on damaged files: struct.error, KeyError, TypeError, ...
    except Exception as error:
        raise UndecodableError(str(error) or type(error).__name__) from error


def _opened(data: bytes) -> Image.Image:
    """The picture, its header read. PNG's checksums are compared now, which nothing does later."""
    image = Image.open(io.BytesIO(data), formats=_FORMATS)
    if min(image.size) < 1:
        raise UndecodableError("no pixels")
    if image.width * image.height > MAX_PIXELS:
        raise _too_large(f"{image.width} x {image.height} pixels, more")
    if image.format == "PNG":
        image.verify()
        image = Image.open(io.BytesIO(data), formats=("PNG",))
        _mend_transparency(image, data[24])
    return image


def _too_large(what: str) -> UndecodableError:
    return UndecodableError(f"{what} than {MAX_PIXELS:,}", "make it smaller")


def _mend_transparency(image: Image.Image, depth: int) -> None:
    """A PNG names its transparent colour in the file's own depth; Pillow scales only pixels to 8 bits."""
    clear = image.info.get("transparency")
    if image.mode == "L" and isinstance(clear, int):
        image.info["transparency"] = clear * {2: 85, 4: 17}.get(depth, 1)
    elif image.mode == "RGB" and depth == 16 and clear is not None:
        image.info["transparency"] = tuple(value >> 8 for value in clear)


def _shades(image: Image.Image) -> Image.Image:
    tags = getattr(image, "tag_v2", {})
    if image.mode in _DEEP and tags.get(_TIFF_PHOTOMETRIC) == _WHITE_IS_ZERO:
        return ImageOps.invert(as_rgb(image))  # Pillow does it for 8 bits only
    return as_rgb(image)


def _deep(image: Image.Image, transparent: object) -> Image.Image:
    values = np.asarray(image.convert("I"))
    low, high = int(values.min()), int(values.max())
    if low < 0 or high > 65535:
        raise UndecodableError(
            f"grey from {low} to {high}, where 0 is black and 65535 white", "save it with 8 bits"
        )
    gray = ((values + 128) // 257).astype(np.uint8)  # 65535 is 255 times 257
    if isinstance(transparent, int):
        gray[values == transparent] = 255
    return Image.fromarray(gray).convert("RGB")


def _real(image: Image.Image) -> Image.Image:
    values = np.asarray(image)
    low, high = float(values.min()), float(values.max())
    if not (low >= 0 and high <= 255):  # NaN is neither
        raise UndecodableError(
            f"grey from {low:g} to {high:g}, where 0 is black and 1 or 255 white", "save it with 8 bits"
        )
    scaled = values * np.float32(1 if high > 1 else 255)
    return Image.fromarray((scaled + np.float32(0.5)).astype(np.uint8)).convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode == "La":  # the colour times its transparency
        image = image.convert("LA")
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def _orientation(image: Image.Image) -> int:
    """How the picture lies by its EXIF or XMP data, 1 (upright) to 8. Damaged data says nothing."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:
        return 1


def _is_what_it_shows(data: bytes) -> bool:
    if not data.startswith(_PNG) or data[24:26] != b"\x08\x02":  # 8 bits, RGB
        return False
    names = set(_chunk_names(data))
    if names & {b"tRNS", b"acTL"}:
        return False
    if not names & {b"eXIf", b"tEXt", b"zTXt", b"iTXt"}:
        return True
    with _loaded(data) as image:
        return _orientation(image) == 1


def _chunk_names(data: bytes) -> Iterator[bytes]:
    at = len(_PNG)
    while at + 8 <= len(data):
        yield data[at + 4 : at + 8]
        at += 12 + int.from_bytes(data[at : at + 4], "big")
