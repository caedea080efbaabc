"""What the report needs and the core does not bring."""

from importlib import import_module

from relcli.errors import RelcliError


def need(*packages: str) -> None:
    """Import packages of the extra `report`. Raises RelcliError with what to type where one is missing."""
    for package in packages:
        try:
            import_module(package)
        except ModuleNotFoundError as problem:
            if problem.name is None or problem.name.partition(".")[0] != package:
                raise
            raise RelcliError(
                f"Figures and reports need {package}, which is not installed: pip install 'relcli[report]'."
            ) from None
