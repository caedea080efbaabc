"""Command, request, child process, form, settings file, Python and resume check agree on each option."""

from collections.abc import Iterator
from dataclasses import MISSING, asdict, replace
from pathlib import Path
from typing import Any

import pytest
import typer.main
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import relcli
from relcli.cli.declared import REQUEST, options_of_command
from relcli.cli.declared import given as called_with
from relcli.cli.main import app
from relcli.errors import UsageError
from relcli.jobs.ask_request import AskRequest
from relcli.jobs.audit import AuditRequest
from relcli.jobs.cut_request import CutRequest
from relcli.jobs.generate import GenerateRequest
from relcli.jobs.importing import SeedImport
from relcli.jobs.looks import LooksRequest
from relcli.jobs.patch_request import PatchRequest
from relcli.jobs.planning import PlanRequest
from relcli.jobs.probe_request import ProbeRequest
from relcli.jobs.provenance import settings_hash
from relcli.jobs.request import RunRequest, differences, shaping
from relcli.jobs.steer_request import SteerRequest
from relcli.jobs.verify import VerifyRequest
from relcli.options.argv import argv
from relcli.options.declaration import Option, options_of
from relcli.options.reading import Request, read_value
from relcli.options.run import RunOptions
from relcli.results.runs import Inventory
from relcli.tui.launch.request import check
from relcli.warehouse.runs import RunRecord
from tests.examples import examples

GROUP: Any = typer.main.get_command(app)
REQUESTS: dict[str, type[Request]] = {
    "run": RunRequest,
    "ask": AskRequest,
    "cut": CutRequest,
    "patch": PatchRequest,
    "steer": SteerRequest,
    "plan": PlanRequest,
    "audit": AuditRequest,
    "verify": VerifyRequest,
    "generate": GenerateRequest,
    "looks": LooksRequest,
    "probe": ProbeRequest,
    "import seed": SeedImport,
}


def commands() -> Iterator[tuple[str, Any]]:
    """Every command, by the words it is called with."""

    def of(group: Any, prefix: str) -> Iterator[tuple[str, Any]]:
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                yield from of(command, f"{prefix}{name} ")
            else:
                yield f"{prefix}{name}", command

    yield from of(GROUP, "")


def test_every_request_has_its_command() -> None:
    made = {name: getattr(command.callback, REQUEST) for name, command in commands()}
    found = {name: declaration for name, declaration in made.items() if declaration is not None}
    assert set(REQUESTS) == set(found)
    for name, request in REQUESTS.items():
        assert issubclass(request, found[name]) and options_of(request) == options_of(found[name])


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_a_command_has_the_declared_options(name: str) -> None:
    command = dict(commands())[name]
    params = {param.name: param for param in command.params}
    shown = options_of_command(command.callback)
    assert [each.key for each in shown] == [name for name in params if name != "help"]
    for each in shown:
        param = params[each.key]
        assert param.help == each.help and param.required == each.required
        assert getattr(param, "rich_help_panel", None) == each.panel
        if not each.argument:
            assert [*param.opts, *param.secondary_opts] == list(each.flags)
            assert all(flag.startswith("--no-") for flag in param.secondary_opts)
        if not each.required and not each.repeats:
            assert read_value(each, param.default) == each.default
        assert each.help.endswith(".")


def values_of(option: Option) -> st.SearchStrategy[Any]:
    """Values an option may have."""
    if option.choices:
        one = st.sampled_from(option.choices)
        return st.sets(one, min_size=1).map(lambda s: tuple(n for n in option.choices if n in s)) if (
            option.several
        ) else one  # fmt: skip
    if option.base is bool:
        return st.booleans()
    if option.base in (int, float):
        whole = st.integers(int(option.least or 0), int(min(option.most or 10**6, 10**6)))
        return whole if option.base is int else whole.map(float)
    text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)
    if option.base is Path:
        return text.map(Path)
    if option.several == "each":
        return st.lists(text, min_size=1, max_size=3, unique=True).map(tuple)
    word = st.from_regex(r"-{0,2}[a-z0-9][a-z0-9.]{0,5}", fullmatch=True)
    return st.lists(word, min_size=1, max_size=3, unique=True).map(tuple) if option.several else text


SETTLED: dict[str, dict[str, Any]] = {
    "cut": {"layers": "each", "heads": "all"},
    "patch": {"layers": "each", "heads": "all", "at": "answer"},
    "probe": {"layers": "0,2", "labels": ()},
}
"""Texts with a form of their own, which most texts don't have."""


@pytest.mark.parametrize("name", REQUESTS)
@settings(max_examples=examples(60), deadline=None)
@given(data=st.data())
def test_the_words_of_a_request_are_read_as_the_same_request(name: str, data: st.DataObject) -> None:
    kind = REQUESTS[name]
    declared = [each for each in options_of(kind) if each.name not in SETTLED.get(name, {})]
    some = data.draw(st.lists(st.sampled_from(declared), unique=True, max_size=5))
    values = {each.name: data.draw(values_of(each)) for each in declared if each in some or each.required}
    try:
        asked = kind(**values, **SETTLED.get(name, {}), given=frozenset(values))
    except UsageError:
        assume(False)
        return
    fields = {field: value for field, value in asdict(asked).items() if field != "given"}
    words = argv(kind, fields)
    context = dict(commands())[name].make_context(name, list(words))
    again = kind.of(*called_with(context, kind))
    assert {key: value for key, value in asdict(again).items() if key != "given"} == fields, words
    assert argv(kind, asdict(again)) == words


def test_what_has_its_default_is_no_word() -> None:
    assert argv(RunRequest, asdict(RunRequest())) == []
    assert argv(RunOptions, {"max_samples": "9"}, {"max_samples": 9}) == []


STARTED = RunRecord(
    run="x",
    dataset="six",
    question_set="seed",
    model="bundled",
    revision="a",
    dtype="float32",
    categories=["count"],
    variants=["raw", "masked"],
    scene_ids=[3],
    max_new_tokens=16,
    attention="summary",
    query_rows=["answer"],
    weights_hash="a",
    prompt_hash="a",
    image_tokens=64,
    image_width=256,
    image_height=256,
    decoding={"method": "greedy"},
    question_set_version="a",
)
OTHER: dict[str, Any] = {
    "categories": ["recognition_color"],
    "variants": ["raw"],
    "scene_ids": [4],
    "query_rows": ["answer", "target"],
    "decoding": {"method": "sampled"},
}


@pytest.mark.parametrize("column", shaping())
def test_what_shapes_answers_is_in_the_hash_and_stops_a_resumed_run(column: str) -> None:
    then = getattr(STARTED, column)
    other = OTHER.get(column) or (then + 1 if isinstance(then, int) else f"{then}2")
    now = replace(STARTED, **{column: other})
    assert settings_hash(now) != settings_hash(STARTED)
    [found] = differences(STARTED, now)
    assert found.startswith(shaping()[column]) and differences(STARTED, STARTED) == []


def test_every_option_that_shapes_answers_is_among_them() -> None:
    for each in options_of(RunOptions):
        assert each.shapes_answers == any(each.flag in words.split(" or ") for words in shaping().values())
        assert not each.shapes_answers or hasattr(STARTED, each.column)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("max_samples", "some"),
        ("max_samples", "0"),
        ("max_new_tokens", "0"),
        ("attention", "much"),
        ("batch_size", "large"),
        ("rows", "stem"),
        ("dtype", "float8"),
        ("max_full_bytes", "-1"),
        ("concurrency", "1000"),
        ("trust_remote_code", "perhaps"),
    ],
)
def test_a_wrong_value_gets_one_sentence_whatever_it_came_by(
    key: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    [declared] = [each for each in options_of(RunOptions) if each.key == key]

    def command(*words: str) -> str:
        with pytest.raises(SystemExit) as ended:
            app(["run", *words])
        assert ended.value.code == 2
        return capsys.readouterr().err.removeprefix("relcli: ").strip()

    with pytest.raises(UsageError) as raised:
        relcli.run(**{key: value}, display="none")
    said = {str(raised.value)}
    if declared.base is not bool:
        said.add(command(declared.flag, value))
    monkeypatch.setenv(f"RELCLI_RUN_{key.upper()}", value)
    said.add(command())
    monkeypatch.delenv(f"RELCLI_RUN_{key.upper()}")
    file = tmp_path / "settings.toml"
    monkeypatch.setenv("RELCLI_CONFIG", str(file))
    file.write_text(f'[run]\n{key.replace("_", "-")} = "{value}"\n')
    said.add(command())
    with pytest.raises(UsageError) as in_the_form:
        check({declared.name: value}, {}, Inventory())
    assert said == {str(in_the_form.value)} and declared.flag in said.pop()


def test_a_declaration_of_another_type_is_refused_when_it_is_read() -> None:
    from dataclasses import dataclass

    from relcli.options.declaration import option

    @dataclass(frozen=True)
    class Odd:
        when: complex = option(MISSING, "A number.")

    with pytest.raises(AssertionError, match="no option's type"):
        options_of(Odd)
