"""The options of `relcli audit`."""

from dataclasses import dataclass

from relcli.options.data import CategoryOptions, DatasetOptions, QuestionSetOptions
from relcli.options.declaration import option


@dataclass(frozen=True, kw_only=True)
class _Run:
    run: str | None = option(None, "This run's data set, and its answers on the blank picture.")


@dataclass(frozen=True, kw_only=True)
class AuditOptions(DatasetOptions, QuestionSetOptions, _Run, CategoryOptions):
    """With a run, the data set is that run's, and the questions too where none are named."""
