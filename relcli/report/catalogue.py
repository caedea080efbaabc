"""The figures there are: what each shows, the read behind it, and how it is told of. No matplotlib here."""

from dataclasses import dataclass

from relcli.errors import UsageError


@dataclass(frozen=True, slots=True)
class FigureKind:
    """One kind of figure. read: in sql/reads; section: of the page; about: its caption; columns: of the read
    that the table behind it shows, all if empty; per_question: drawn from one question's own maps."""

    name: str
    read: str
    section: str
    title: str
    about: str
    columns: tuple[str, ...] = ()
    per_question: bool = False


_ACCURACY = (
    *("category", "variant", "n", "n_scenes", "accuracy", "ci_low", "ci_high", "n_clean", "accuracy_clean"),
    *("unreadable", "chance", "words_alone", "words_alone_low", "words_alone_high", "likeliest"),
)
_KINDS = (
    FigureKind(
        "accuracy",
        "figure_accuracy",
        "accuracy",
        "Accuracy on each kind of picture",
        "Share of right answers; lines are 95% intervals over scenes. The blank picture is graded against "
        "the raw answers: what is right there was not seen. Dotted: an option drawn at random. "
        "Crosses: a reader of the words alone (relcli audit) on the whole data set.",
        _ACCURACY,
    ),
    FigureKind(
        "drop",
        "figure_drop",
        "accuracy",
        "What masking costs",
        "Accuracy raw less accuracy masked on the same questions, with 95% intervals over scenes. Filled: "
        "more than chance after Holm's correction for all categories (sign-flip test over scenes, p up to "
        "0.05). Crosses: the smallest drop that the test would have found in four of five tries.",
    ),
    FigureKind(
        "retention",
        "figure_retention",
        "accuracy",
        "What stays right and what becomes right",
        "Of the right raw answers the share right on the masked picture too (retained), and of the wrong "
        "ones the share right there (fixed). Hollow: over twins whose picture differs; a twin without any "
        "difference can only repeat. There are no intervals; where there are fewer than 20 answers, their "
        "number stands beside the share.",
    ),
    FigureKind(
        "versus",
        "figure_versus",
        "versus",
        "Two runs on the same questions",
        "Accuracy of the other run less that of this one, with 95% intervals over scenes. Filled: more than "
        "chance after Holm's correction for all categories (sign-flip test over scenes).",
    ),
    FigureKind(
        "published",
        "figure_published",
        "versus",
        "Beside the published study",
        "Accuracy of this run and of the published one on questions of the same kind, not on the same "
        "questions. The published figures' intervals are Wilson's, which take questions of a scene as "
        "independent and are too narrow; no test stands behind a difference.",
    ),
    FigureKind(
        "change",
        "figure_change",
        "change",
        "Does the answer follow the truth?",
        "On masked twins that differ, and on other variants the run was asked on: where the right answer "
        "changes, how often the answer changes; where it stays, how often the answer stays. Lines are 95% "
        "intervals over scenes. Small ticks: how often the answer is None. A model that says None to any odd "
        "picture has both ticks high.",
    ),
    FigureKind(
        "shift",
        "figure_shift",
        "attention",
        "How far attention moves when something is masked",
        "Mean absolute difference of the attention on each cell, raw to masked, normalised to sum 1, by "
        "layer; the band is one standard deviation over questions, lines are 95% intervals over scenes. "
        "Filled: unlike the same questions' mean over layers beyond chance, all layers and categories tested "
        "at once (p up to 0.05). Twins without any difference are left out.",
        (
            *("layer", "n", "l1", "l1_sd", "l1_low", "l1_high", "l1_p", "l2", "kl", "cosine"),
            *("study_l1", "n_study"),
        ),
    ),
    FigureKind(
        "shift-category",
        "figure_shift_category",
        "attention",
        "The shift by category",
        "The same over all layers; lines are one standard deviation over questions and layers.",
    ),
    FigureKind(
        "shift-correctness",
        "figure_shift_correctness",
        "attention",
        "The shift where the raw answer was right, and where it was wrong",
        "The same over all layers; lines are one standard deviation over questions and layers.",
    ),
    FigureKind(
        "grounding",
        "figure_grounding",
        "attention",
        "Attention on what is asked about",
        "Share of the attention at the answer's first step on the objects asked about; the band is the 95% "
        "interval over scenes of what it has above chance. Dashed: chance, the share of the same attention "
        "on what other scenes' questions of the same kind ask about; a model that stares at the middle has "
        "no more. Filled: above this and above the other objects in the same picture (grounding-within), all "
        "layers and categories tested at once (p up to 0.05). Only there it looks at what is asked about.",
    ),
    FigureKind(
        "grounding-within",
        "figure_grounding_within",
        "attention",
        "Against the other objects in the picture",
        "Share of the attention over share of the picture, of an object asked about; the band is the 95% "
        "interval over scenes of what it has above the other objects. Dashed: the same of the other objects, "
        "which is what a model that stares at any object gives. Filled: above these and above other scenes, "
        "as in the figure grounding. Questions about all objects have no others.",
    ),
    FigureKind(
        "pointing",
        "figure_pointing",
        "attention",
        "Does the strongest cell hit?",
        "Pointing game: share of answers whose most attended cell touches an object asked about; dashed: how "
        "often the same cells touch what other scenes' questions of the same kind ask about.",
    ),
    FigureKind(
        "entropy",
        "figure_entropy",
        "attention",
        "How spread out attention is",
        "Mean Shannon entropy of the attention on the picture as a share of the largest possible, by layer: "
        "1 is even, 0 a single cell.",
    ),
    FigureKind(
        "entropy-steps",
        "figure_entropy_steps",
        "attention",
        "Spread by layer and generated token",
        "The same of the raw answers at each step, each map by itself: their mean, above, is more even than "
        "they are. Later steps are those of longer answers only.",
    ),
    FigureKind(
        "layers",
        "figure_layers",
        "attention",
        "Every layer's map",
        "The mean map of the raw answers, each normalised to sum 1; of pictures with tokens in several "
        "layouts, those with the commonest. Every map is stretched from its own 2nd to its 98th percentile, "
        "so colours can't be compared between layers.",
        ("layer", "n", "grid_height", "grid_width", "strongest"),
    ),
    FigureKind(
        "steps",
        "figure_steps",
        "attention",
        "Step by step",
        "One map for each generated token, or for the first and the last where no more was kept, mean over "
        "heads and layers, each stretched from its own 2nd to its 98th percentile; beside it the picture.",
        per_question=True,
    ),
    FigureKind(
        "heads",
        "figure_heads",
        "looking",
        "Where single heads look",
        "By category and query row (the token that looks), layers from the top and heads from the left, on "
        "the raw pictures: share of a head's attention on what is asked about, over the share that the same "
        "attention has on what other scenes' questions of the category ask about. Coloured: above that after "
        "Holm's correction for all heads of the map (t-test over scenes, p up to 0.05); grey: not found to "
        "be. The strongest of many heads is praised for what it was chosen by: the next figure avoids that.",
        ("category", "query_row", "layer", "n", "n_scenes", "n_heads", "n_above_chance", "largest_times"),
    ),
    FigureKind(
        "looks",
        "figure_looks",
        "looking",
        "The head that reads what is asked about",
        "Of each category the row, layer and head chosen on one half of the scenes, measured on the other, "
        "both ways. Line: 95% interval over scenes of what its share has above chance (the tick: the share "
        "of the same attention on what other scenes' questions ask about). Filled: above chance after Holm's "
        "correction for all categories and halves (t-test over scenes, p up to 0.05). relcli looks tests "
        "with sign flips and takes means over heads in, too.",
    ),
    FigureKind(
        "tokens",
        "figure_tokens",
        "looking",
        "Where the tokens of a question look",
        "A question of each category, in the middle of its category by its strongest token, on the raw "
        "picture: how much of each token's attention on the picture, mean over heads, is on what is asked "
        "about. In the layer where the strongest tokens of the category have most on average, so the layer "
        "is chosen by what is shown; nothing is tested.",
        ("category", "scene_id", "question_index", "layer", "token_index", "text", "share", "chance"),
    ),
    FigureKind(
        "probes",
        "figure_probes",
        "probes",
        "What linear probes read off the attention",
        "Accuracy with 95% intervals, in a layer chosen without the rows scored. Ticks: the most frequent "
        "label, shuffled labels, and the words of the prompt. Filled: above all three after Holm's "
        "correction (p up to 0.05).",
    ),
    FigureKind(
        "probe-layers",
        "figure_probe_layers",
        "probes",
        "Probes by layer",
        "Accuracy by layer; dotted: the most frequent label, dashed: the words of the prompt.",
    ),
    FigureKind(
        "cuts",
        "figure_cuts",
        "cuts",
        "What cutting attention changes",
        "Left: share of answers that choose something else once the attention is cut (95% intervals over "
        "scenes), and under matched random cells. Right: change of the right option's log-odds beyond these "
        "cells; filled: more than chance after Holm's correction (sign-flip test over scenes). A cut that "
        "changes nothing proves no independence: other cells, layers and tokens may carry the same.",
    ),
    FigureKind(
        "cut-layers",
        "figure_cut_layers",
        "cuts",
        "Cuts layer by layer",
        "Change of the right option's log-odds when the attention is cut in a layer alone, or in a window "
        "that begins there; the band is a 95% interval over scenes, dashed: matched random cells. Filled: "
        "beyond these after Holm's correction for the sweep.",
    ),
    FigureKind(
        "patch-layers",
        "figure_patch_layers",
        "cuts",
        "Patches layer by layer",
        "Does the answer follow states copied from another variant of the scene in a layer? Normalised logit "
        "difference: 0 where the patch moves nothing, 1 where the answer says what the source's says; the "
        "band is a 95% interval over scenes, dashed: states of another scene's question. Filled: beyond "
        "these after Holm's correction for the experiment.",
    ),
    FigureKind(
        "steering",
        "figure_steering",
        "cuts",
        "Drawing the attention of heads to a region",
        "Change of the right option's log-odds when the attention of chosen heads is drawn to a region, with "
        "95% intervals over scenes; crosses: as many random heads. Filled: beyond these after Holm's "
        "correction for the experiment.",
    ),
    FigureKind(
        "lens",
        "figure_lens",
        "probes",
        "What each layer would answer",
        "Share of questions whose right option is the likeliest by the logit lens (the model's final norm "
        "and output matrix on the state after a layer), raw pictures; bands are 95% intervals over scenes. "
        "The last layer is the answer.",
    ),
    FigureKind(
        "correctness",
        "figure_correctness",
        "probes",
        "What tells right answers from wrong ones",
        "Area under the ROC curve, with a 95% interval over scenes; 0.5 knows nothing. Heads are chosen on "
        "the other half of the scenes, probes are fitted without the fold that they score. A category with "
        "fewer than ten right answers, or wrong ones, has none.",
    ),
    FigureKind(
        "flaws",
        "figure_flaws",
        "audit",
        "What is wrong with the questions",
        "Share of the questions asked that have each flaw. The first three leave more than one right answer; "
        "the others give something away without the picture.",
    ),
)
KINDS = {kind.name: kind for kind in _KINDS}


def kind_named(name: str) -> FigureKind:
    """UsageError that offers the nearest name if there is no such figure."""
    if found := KINDS.get(name.strip().lower().replace("_", "-")):
        return found
    from difflib import get_close_matches

    near = get_close_matches(name, KINDS, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    raise UsageError(f"There is no figure {name!r}; {hint}The figures are {', '.join(KINDS)}.")
