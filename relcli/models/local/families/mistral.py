"""Mistral 3: pictures of any size in patches, some of which are merged; marks end the rows, and are no image
tokens."""

from relcli.models.local.families.base import Family, Seen, Token, cells


class Mistral3(Family):
    model_types = ("mistral3",)
    label = "Mistral 3"
    continues = True

    def tokens(self, seen: Seen) -> list[Token] | None:
        if "image_sizes" not in seen.inputs:
            return None
        patch = seen.config.vision_config.patch_size * seen.config.spatial_merge_size
        height, width = (int(value) // patch for value in seen.inputs["image_sizes"][0])
        return cells("grid", height, width)
