"""What the oldest Python allows and a newer one breaks."""

import ast
from collections.abc import Iterator

from tests.test_architecture import FILES

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp)


def targets(comprehension: ast.AST) -> set[str]:
    generators: list[ast.comprehension] = getattr(comprehension, "generators", [])
    return {
        name.id for each in generators for name in ast.walk(each.target) if isinstance(name, ast.Name)
    }


def shadowed(function: ast.AST, outer: set[str]) -> set[str]:
    """Names of the module that one comprehension of a function binds and another one reads.

    Python 3.12 compiles comprehensions into their function. Up to 3.12.3 at least, a comprehension within a
    call whose other argument is a lambda then takes the module's name for the variable of the other one
    (UnboundLocalError).
    """
    found = [each for each in ast.walk(function) if isinstance(each, COMPREHENSIONS)]
    bound = set[str]().union(*map(targets, found)) & outer
    read = {
        name.id
        for each in found
        for name in ast.walk(each)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Load) and name.id not in targets(each)
    }
    return bound & read


def of_the_module(tree: ast.Module) -> Iterator[str]:
    for each in tree.body:
        if isinstance(each, ast.FunctionDef | ast.ClassDef):
            yield each.name
        elif isinstance(each, ast.Import | ast.ImportFrom):
            yield from ((name.asname or name.name).split(".")[0] for name in each.names)
        elif isinstance(each, ast.Assign):
            yield from (name.id for name in each.targets if isinstance(name, ast.Name))


def test_no_comprehension_reads_a_name_that_another_binds() -> None:
    found = set()
    for name, path in FILES.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        outer = set(of_the_module(tree))
        for each in ast.walk(tree):
            if isinstance(each, ast.FunctionDef):
                found |= {(name, each.name, one) for one in shadowed(each, outer)}
    assert not found


def test_the_rule_sees_the_case() -> None:
    case = ast.parse(
        "def source(x): return x\n"
        "def f(rows, wanted):\n"
        "    kept = [source for source in wanted]\n"
        "    return sorted({source(row) for row in rows}, key=lambda each: each), kept\n"
    )
    assert shadowed(case.body[1], set(of_the_module(case))) == {"source"}
