"""Picture files below one folder: found by the paths that questions name, and read once."""

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from relcli.errors import RelcliError
from relcli.inputs import shown
from relcli.scenes.decoding import UndecodableError, decode, read_file, to_png
from relcli.scenes.items import Picture


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A picture as a model sees it, upright: PNG bytes, and width and height in pixels."""

    name: str
    picture: Picture
    size: tuple[int, int]


@dataclass(slots=True)
class OwnFiles:
    """The files below a folder. Nothing outside of it is read, whatever a name or a link says."""

    folder: Path
    _read: dict[Path, OwnFile] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.folder.is_dir():
            raise RelcliError(f"There is no folder {self.folder}; --images takes the folder of the pictures.")

    def read(self, name: str, where: str) -> OwnFile:
        """The file of a name, once however often it is named. Raises RelcliError with `where`, file and line,
        for a name that leads out of the folder, and for a file that is missing or no picture."""
        path = self._place(name, where)
        if path not in self._read:
            try:
                data = read_file(path)
                # Unpacked here, or a PNG that breaks off would be stored as it is and end every run on it.
                size, png = decode(data).size, to_png(data)
            except UndecodableError as error:
                raise RelcliError(
                    f"{where}: the picture {name} can't be decoded ({error.reason}); {error.advice}."
                ) from error
            except FileNotFoundError:
                raise RelcliError(
                    f"{where}: there is no picture {name} in {self.folder}; copy it there."
                ) from None
            except (OSError, ValueError) as error:
                reason = getattr(error, "strerror", None) or str(error)
                raise RelcliError(
                    f"{where}: the picture {name} can't be read: {reason}; check the file."
                ) from error
            self._read[path] = OwnFile(name, Picture(png, name), size)
        return self._read[path]

    def _place(self, name: str, where: str) -> Path:
        parts = PurePosixPath(name)
        if parts.is_absolute() or ".." in parts.parts:
            raise RelcliError(
                f"{where}: the picture {shown(name)} is not below the folder {self.folder}; write "
                "its path from there."
            )
        try:
            path = (self.folder / name).resolve()
        except (OSError, RuntimeError, ValueError) as error:  # links in a circle, a zero byte
            raise RelcliError(
                f"{where}: the picture {shown(name)} can't be found ({error}); check its path."
            ) from error
        if not path.is_relative_to(self.folder.resolve()):
            raise RelcliError(
                f"{where}: the picture {name} is a link that leads out of {self.folder}; copy the "
                "picture there."
            )
        return path
