"""What a run shows, in a few sentences made from its numbers; none says more than its test does."""

from collections.abc import Sequence
from typing import Any

from relcli.errors import RelcliError
from relcli.report.facts import Facts, Row, total

SURE = 0.05  # p after Holm's correction


def finding(facts: Facts) -> list[str]:
    """What the picture is worth, what masking costs, whether answers follow the truth, and, where attention
    was kept, whether it looks at what is asked about, and which head does."""
    return [_picture(facts), _masking(facts), *_truth(facts), *_looking(facts), *_heads(facts)]


def _picture(facts: Facts) -> str:
    """How many are right, and in which categories the picture helps."""
    from relcli.warehouse.reads import read

    rows = read(facts.database, "overview", run=facts.name).as_dicts()
    everything = next((row for row in rows if row["category"] is None), None)
    if everything is None or not everything["n_raw"]:
        return "The run has no graded answers on the raw pictures."
    sentence = (
        f"Of {everything['n_raw']:,} questions on the raw pictures {percent(everything['raw'])} are answered "
        "right"
        f"{_interval(everything['raw_low'], everything['raw_high'])}"
    )
    if not everything["n_blank"]:
        return f"{sentence}; no blank picture was shown, so what is answered without looking is not known."
    sentence += f", on the blank picture {percent(everything['blank'])} of {everything['n_blank']:,}"
    tested = _raw_against_blank(facts)
    if not tested:
        return f"{sentence}."
    helped = [each for each in tested if each.p_holm <= SURE and each.difference < 0]
    harmed = [each for each in tested if each.p_holm <= SURE and each.difference > 0]
    rest = [each for each in tested if each.p_holm > SURE]
    sentence += f"; the picture raises accuracy beyond chance in {len(helped)} of {_categories(len(tested))}"
    if harmed:
        sentence += f" and lowers it in {len(harmed)} ({listed([each.category for each in harmed])})"
    if rest:
        sentence += f", and for {listed([each.category for each in rest])} no difference was found"
    return f"{sentence} (sign-flip test over scenes, Holm)."


def _raw_against_blank(facts: Facts) -> Sequence[Any]:
    from relcli.jobs.diff import Side, differences

    try:
        return differences(facts.database, Side(facts.name, "raw"), Side(facts.name, "blank"))
    except RelcliError:  # no question was answered on both
        return []


def _masking(facts: Facts) -> str:
    rows = facts.of("drop")
    if not rows:
        return "Nothing is known of masking: no question was answered on both a raw and a masked picture."
    lost = [row for row in rows if row["holm_p"] <= SURE and row["drop"] > 0]
    won = [row for row in rows if row["holm_p"] <= SURE and row["drop"] < 0]
    rest = [row for row in rows if row["holm_p"] > SURE]
    if not lost and not won:
        sentence = f"Masking changes accuracy beyond chance in none of {_categories(len(rows))}"
    else:
        sentence = f"Masking lowers accuracy beyond chance in {len(lost)} of {_categories(len(rows))}"
        if lost:
            most = max(lost, key=lambda row: row["drop"])
            sentence += f" (most for {most['category']}, by {points(most['drop'])}"
            sentence += f"{_points_interval(most['drop_low'], most['drop_high'])})"
        if won:
            sentence += f" and raises it in {len(won)} ({listed([row['category'] for row in won])})"
        if rest:
            sentence += f"; in the other {len(rest)} no difference was found"
    least = [row["smallest_detectable"] for row in rest]
    if rest and all(value is None for value in least):
        sentence += ", and none could have been"
    elif rest:
        known = sorted(value for value in least if value is not None)
        least_found, most_found = points(known[0]), points(known[-1])
        same = least_found == most_found
        span = most_found if same else f"{points(known[0], bare=True)} to {most_found}"
        sentence += f", which does not show that there is none: drops below {span} may well have been missed"
    return f"{sentence} (sign-flip test over scenes, Holm)."


def _truth(facts: Facts) -> list[str]:
    """A sentence for each kind of picture beside the raw one: what follows on masked pictures says nothing of
    others, on which the new answer is often another option."""
    of_variant: dict[str, list[Row]] = {}
    for row in facts.of("change"):
        if row["n_truth_changes"] or row["n_truth_stays"]:
            of_variant.setdefault(row["variant"], []).append(row)
    if not of_variant:
        return [
            "Whether answers follow the truth can't be told: that takes answers on the raw picture and on "
            "one that differs."
        ]
    return [_follows(variant, rows) for variant, rows in of_variant.items()]


def _follows(variant: str, rows: Sequence[Row]) -> str:
    changes = total(rows, "changes_with_truth", "n_truth_changes")
    stays = total(rows, "stays_with_truth", "n_truth_stays")
    here = "" if variant == "masked" else f"on the {variant} pictures, "
    what = "masking changes the right answer" if variant == "masked" else "the right answer is another"
    parts = []
    if changes:
        parts.append(
            f"where {what}, the given answer changes in {percent(changes[0])} of {changes[1]:,} questions"
        )
    if stays:
        parts.append(
            f"where the picture changes and the right answer doesn't, it stays in {percent(stays[0])} of "
            f"{stays[1]:,}"
        )
    sentence = here + ", and ".join(parts)
    none_changes = total(rows, "none_if_truth_changes", "n_truth_changes")
    none_stays = total(rows, "none_if_truth_stays", "n_truth_stays")
    if none_changes and none_stays:
        sentence += (
            f"; None is said in {percent(none_changes[0])} of the former and {percent(none_stays[0])} of the "
            "latter"
        )
    return f"{sentence[0].upper()}{sentence[1:]} (shares over all categories, not tested)."


def _looking(facts: Facts) -> list[str]:
    """Nothing where no category has both chances to be told from."""
    rows = [row for row in facts.of("grounding") if row["variant"] == "raw" and row["looks"] is not None]
    asked = dict.fromkeys(row["category"] for row in rows)
    if not asked:
        return []
    found: dict[str, list[int]] = {}
    for row in rows:
        if row["looks"]:
            found.setdefault(row["category"], []).append(row["layer"])
    rule = (
        "more attention on it than on what other scenes' questions ask about and, per area, than on the "
        "other objects; sign-flip over scenes, all layers and categories at once"
    )
    if not found:
        return [
            f"In none of {_categories(len(asked))} was the answer's first step found to look at what is "
            f"asked about beyond chance ({rule}), which does not show that it never does."
        ]
    named = listed([f"{category} in {_layers(layers)}" for category, layers in found.items()])
    return [
        f"The answer's first step looks at what is asked about in {len(found)} of {_categories(len(asked))}: "
        f"{named} ({rule})."
    ]


def _heads(facts: Facts) -> list[str]:
    """Where a head was chosen on one half of the scenes and measured on the other; nothing without heads."""
    halves: dict[str, list[Row]] = {}
    for row in facts.of("looks"):
        halves.setdefault(row["category"], []).append(row)
    tested = {
        category: rows
        for category, rows in halves.items()
        if len(rows) == 2 and all(row["p_holm"] is not None for row in rows)
    }
    if not tested:
        return []
    rule = (
        "chosen on one half of the scenes and measured on the other, above on both; t-test over scenes, Holm "
        "over categories and halves"
    )
    about = "more of its attention on what is asked about than on what other scenes' questions ask about"
    found = {
        category: rows
        for category, rows in tested.items()
        if all(row["p_holm"] <= SURE and row["share"] > row["chance"] for row in rows)
    }
    if not found:
        return [
            f"In none of {_categories(len(tested))} was a single head found with {about} ({rule}), which "
            "does not show that there is none."
        ]
    named = listed([f"{category} ({_places(rows)})" for category, rows in found.items()])
    return [f"A single head has {about} in {len(found)} of {_categories(len(tested))}: {named} ({rule})."]


def _places(rows: Sequence[Row]) -> str:
    """The heads of both halves, with share and chance."""
    return "; ".join(
        f"{row['query_row']} row, layer {row['layer']}, head {row['head']}: {percent(row['share'])}, chance "
        f"{percent(row['chance'])}"
        for row in rows
    )


def _layers(layers: Sequence[int]) -> str:
    if len(layers) > 3:
        return f"{len(layers)} layers"
    return f"layer{'s' if len(layers) > 1 else ''} {' and '.join(str(layer) for layer in layers)}"


def percent(share: float) -> str:
    """A share for a sentence. Never 0% or 100% of what is not all or nothing."""
    rounded = round(share * 100)
    if rounded in (0, 100) and share not in (0.0, 1.0):
        if 0.0005 <= share < 0.9995:
            return f"{share * 100:.1f}%"
        return "nearly all" if rounded else "nearly none"
    return f"{rounded}%"


def points(share: float, bare: bool = False) -> str:
    """A difference of two shares, in percentage points."""
    number = f"{abs(share) * 100:.0f}"
    return number if bare else f"{number} points"


def listed(names: Sequence[str]) -> str:
    return ", ".join(names)


def _categories(n: int) -> str:
    return "1 category" if n == 1 else f"{n} categories"


def _interval(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return ""
    return f" (95% interval over scenes {low * 100:.0f} to {high * 100:.0f}%)"


def _points_interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f", 95% {low * 100:.0f} to {high * 100:.0f}"


