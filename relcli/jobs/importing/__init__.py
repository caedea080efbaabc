"""Import: result files of the study into the warehouse."""

from relcli.jobs.importing.study import Imported, SeedImport, import_seed

__all__ = ["Imported", "SeedImport", "import_seed"]
