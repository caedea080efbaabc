"""The options of `relcli verify`."""

from dataclasses import dataclass

from relcli.options.data import CategoryOptions, DatasetOptions
from relcli.options.declaration import option
from relcli.options.model import LocalModelOptions


@dataclass(frozen=True, kw_only=True)
class _What:
    run: str | None = option(
        None, "Check this run's model on its questions, and note the outcome with it.", argument=True
    )
    number: int = option(20, "How many questions.", flags=("--number", "-n"), least=1)


@dataclass(frozen=True, kw_only=True)
class VerifyOptions(_What, CategoryOptions, DatasetOptions, LocalModelOptions):
    """With a run, the questions and the model are that run's."""
