"""transformers, without its second look at every file of its models."""

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import transformers
from transformers.utils import import_utils


def import_models() -> None:
    """Import transformers.models from what transformers knows already.

    `import transformers` reads its two thousand model files to list what they hold, and keeps the list under
    a path, but `import transformers.models` asks for it by another name of that folder: a quarter of a
    second. Where a version does this otherwise, it is imported as ever.
    """
    known: Any = getattr(import_utils, "create_import_structure_from_path", None)
    if known is None or "transformers.models" in sys.modules:
        return
    models = Path(transformers.__file__).parent / "models"

    def by_its_path(asked: Any) -> Any:
        folder = os.path.dirname(asked) if os.path.isfile(asked) else asked
        return known(models if os.fspath(folder) == os.fspath(models) else asked)

    import_utils.create_import_structure_from_path = by_its_path
    try:
        import_module("transformers.models")
    finally:
        import_utils.create_import_structure_from_path = known


import_models()
