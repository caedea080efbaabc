"""What one can ask about: the example questions, and tables and views with their columns."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import OptionList, Tree
from textual.widgets.option_list import Option
from textual.widgets.tree import TreeNode

from relcli.tui.frame.keys import bind
from relcli.tui.sql.language import Catalogue, SqlRelation
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.tui.widgets.safe_text import Text
from relcli.visible import visible

if TYPE_CHECKING:
    from relcli.warehouse.examples import Example

Named = SqlRelation | tuple[SqlRelation, int] | None  # a relation, or one of its columns
_HEADS = {"view": "Views", "table": "Tables", "macro": "Macros"}


class NameTree(Tree[Named]):
    """Views, tables and macros; their columns inside."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("from", "from_this", show=True),
        bind("open", "select_cursor", "Open/insert", show=True),
        bind("right", "open_node(True)", "Unfold"),
        bind("left", "open_node(False)", "Fold"),
    ]

    def action_open_node(self, expand: bool) -> None:
        if (node := self.cursor_node) is not None:
            if not expand and not node.is_expanded and node.parent is not None:
                self.move_cursor(node.parent)
            elif expand:
                node.expand()
            else:
                node.collapse()

    def action_from_this(self) -> None:
        named = self.cursor_node.data if self.cursor_node else None
        relation = named[0] if isinstance(named, tuple) else named
        if relation is not None and relation.kind != "macro":
            self.post_message(SqlNames.Picked(f"FROM {relation.name}"))


class SqlNames(Vertical):
    """Posts `Picked` with a statement to run, `Inserted` with a name to type."""

    DEFAULT_CSS = """
    SqlNames { border-right: solid $panel; }
    SqlNames .head { color: $primary; padding: 0 1; text-style: bold; height: 1; }
    SqlNames OptionList, SqlNames OptionList:focus { border: none; background: $background; }
    SqlNames OptionList { height: auto; max-height: 40%; }
    SqlNames OptionList > .option-list--option-highlighted { background: $primary 15%; color: $foreground; }
    SqlNames OptionList:focus > .option-list--option-highlighted { background: $primary 35%;
                                                                   text-style: bold; }
    SqlNames Tree { height: 1fr; padding: 0; background: $background; scrollbar-size-horizontal: 0; }
    SqlNames #about { height: auto; max-height: 9; padding: 0 1; border-top: solid $panel;
                      color: $text-muted; }
    """

    class Picked(Message):
        def __init__(self, sql: str) -> None:
            super().__init__()
            self.sql = sql

    class Inserted(Message):
        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._examples: dict[str, Example] = {}

    def compose(self) -> ComposeResult:
        yield SafeStatic("Example questions", classes="head")
        yield OptionList(id="examples", compact=True)
        yield SafeStatic("Tables and views", classes="head")
        tree = NameTree("", id="names")
        tree.show_root, tree.guide_depth, tree.auto_expand = False, 2, True
        yield tree
        yield SafeStatic(id="about")

    def show_examples(self, examples: "Sequence[Example]") -> None:
        self._examples = {example.name: example for example in examples}
        options = self.query_one("#examples", OptionList)
        options.set_options(
            Option(Text(f" {example.title}", no_wrap=True, overflow="ellipsis"), id=example.name)
            for example in examples
        )

    def show_catalogue(self, catalogue: Catalogue) -> None:
        tree = self.query_one(NameTree)
        tree.clear()
        for kind, head in _HEADS.items():
            chosen = catalogue.macros if kind == "macro" else catalogue.relations
            relations = [each for each in chosen.values() if each.kind == kind]
            branch = tree.root.add(Text(f"{head} ({len(relations)})", style="bold"), expand=kind == "view")
            for relation in relations:
                node = branch.add(Text(visible(relation.name)), relation)
                for at, (name, type_, _) in enumerate(relation.columns):
                    node.add_leaf(Text.assemble(visible(name), " ", (type_.lower(), "dim")), (relation, at))

    def _about(self, text: Text) -> None:
        self.query_one("#about", SafeStatic).update(text)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if isinstance(event.widget, OptionList) and event.widget.highlighted is None:
            event.widget.action_first()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if self.query_one("#examples").has_focus and event.option_id in self._examples:
            self._about(Text(self._examples[event.option_id].about))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_id in self._examples:
            self._about(Text(self._examples[event.option_id].about))
            self.post_message(self.Picked(self._examples[event.option_id].sql))

    def on_tree_node_highlighted(self, event: Tree.NodeHighlighted[Named]) -> None:
        event.stop()
        named = event.node.data
        if named is not None and self.query_one(NameTree).has_focus:
            self._about(described(named))

    def on_tree_node_selected(self, event: Tree.NodeSelected[Named]) -> None:
        event.stop()
        node: TreeNode[Named] = event.node
        if isinstance(node.data, tuple) and node.data[0].kind != "macro":
            self.post_message(self.Inserted(node.data[0].columns[node.data[1]][0]))


def described(named: SqlRelation | tuple[SqlRelation, int]) -> Text:
    """What a relation or a column is, in its comment's words."""
    if isinstance(named, tuple):
        relation, at = named
        name, kind, comment = relation.columns[at]
        return Text.assemble((f"{relation.name}.{name}", "bold"), f" {kind}\n{comment}")
    if named.kind == "macro":
        called = f"{named.name}({', '.join(name for name, _, _ in named.columns)})"
        return Text.assemble((called, "bold"), f"\n{named.comment}")
    return Text.assemble((named.name, "bold"), f", a {named.kind}\n{named.comment}")
