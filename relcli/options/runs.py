"""The options of `relcli runs` and `relcli experiments`."""

from dataclasses import dataclass

from relcli.options.declaration import option


@dataclass(frozen=True, kw_only=True)
class ConfirmationOptions:
    yes: bool = option(False, "Don't ask.", flags=("--yes", "-y"))


@dataclass(frozen=True, kw_only=True)
class RenameOptions:
    name: str = option(help="Its new name.", argument=True)


@dataclass(frozen=True, kw_only=True)
class NoteOptions:
    text: str = option(help="The note; an empty text takes it away.", argument=True)


@dataclass(frozen=True, kw_only=True)
class MarkOptions:
    question: str = option(
        help="The question, such as 25.108.", argument=True, metavar="SCENE.QUESTION"
    )
    note: str = option("", "What to remember about it.")
    off: bool = option(False, "Take mark and note away.")


@dataclass(frozen=True, kw_only=True)
class ExperimentOptions:
    name: str = option(help="The experiment's name, as list shows it.", argument=True)
    run: str = option(help="The run that has it.")
