"""Another name for a run."""

import os
from contextlib import nullcontext, suppress
from pathlib import Path

from relcli.errors import RelcliError
from relcli.warehouse.filelock import unsure_file_system
from relcli.warehouse.ingest import ingest
from relcli.warehouse.names import check_name
from relcli.warehouse.opening import connect, rollback, scalar
from relcli.warehouse.parts import finished_parts, run_folder
from relcli.warehouse.run_lock import run_lock
from relcli.warehouse.runs import OF_A_RUN
from relcli.warehouse.unknown import unknown_run


def rename_run(database: Path | str, run: str, name: str) -> None:
    """Give a run, with all that belongs to it, another name. Its command stays as it was typed.

    Raises UsageError for what can't be a name, RelcliError if there is no such run, the name is taken, or a
    process is answering the run now.
    """
    check_name(name)
    if name == run:
        return
    folder = run_folder(database, run)
    with run_lock(folder, run) if folder.is_dir() else nullcontext():
        if folder.is_dir():
            ingest(database, run)  # parts that wait say whose they are
            if finished_parts(database, run):
                raise RelcliError(f"Answers of {run} wait to be taken in; relcli db check says why.")
        _rename(Path(database), run, name, folder)


def _rename(database: Path, run: str, name: str, folder: Path) -> None:
    new_folder = run_folder(database, name)
    with connect(database, read_only=False) as connection:
        state = scalar(connection, "SELECT state FROM run_state WHERE run = ?", [run])
        if state is None:
            raise unknown_run(database, run, connection)
        if state == "running" and (not folder.is_dir() or unsure_file_system(folder)):
            raise RelcliError(f"The run {run} is running: stop it first, or wait, then rename it.")
        if scalar(connection, "SELECT count(*) FROM run WHERE run = ?", [name]) or new_folder.exists():
            raise RelcliError(f"There is a run {name} in {database} already: choose another name.")
        connection.execute("BEGIN")
        moved = False
        try:
            for table in OF_A_RUN:
                connection.execute(f"UPDATE {table} SET run = ? WHERE run = ?", [name, run])
            was, now = (f"{each.parent.name}/{each.name}/" for each in (folder, new_folder))
            connection.execute(
                "UPDATE answer SET full_attention_path = ? || substr(full_attention_path, ?) "
                "WHERE run = ? AND starts_with(full_attention_path, ?)",
                [now, len(was) + 1, name, was],
            )
            if folder.is_dir():
                os.rename(folder, new_folder)
                moved = True
            connection.execute("COMMIT")
        except BaseException as error:
            rollback(connection)
            if moved:
                os.rename(new_folder, folder)
            if isinstance(error, OSError):
                raise RelcliError(f"{folder} can't be renamed ({error.strerror or error}).") from error
            raise
    (new_folder / ".lock").unlink(missing_ok=True)
    with suppress(OSError):
        new_folder.rmdir()  # unless arrays lie in it
