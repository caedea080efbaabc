"""The model of a run, to be loaded again."""

from pathlib import Path

from relcli.models.names import BUNDLED
from relcli.warehouse.runs import RunRecord


def name_to_load(record: RunRecord) -> str:
    """What the model of a run goes by here: the folder it was in where that is still there, whatever it was
    called where the run was started; else its name. Of a hub's model the name, which goes with a revision."""
    model = record.model or BUNDLED
    folder = None if model == BUNDLED or record.revision else record.model_path
    return folder if folder and Path(folder).is_dir() else model
