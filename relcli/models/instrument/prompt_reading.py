"""What is read of a batch's prompts beside the answers' own attention: rows, heads and tokens."""

from collections.abc import Collection, Sequence

import torch

from relcli.models.instrument.prompt_tokens import RowTokens
from relcli.models.instrument.query_rows import QueryRows
from relcli.models.instrument.region_shares import RegionReader
from relcli.models.instrument.token_rows import TokenRows
from relcli.models.items import PictureRegions


class PromptReading:
    """rows: the chosen rows, with their heads where these are kept; tokens: every token, or None."""

    def __init__(
        self,
        wanted: Sequence[RowTokens],
        regions: Sequence[PictureRegions | None],
        modes: Collection[str],
        device: torch.device | str,
    ):
        reader = RegionReader(regions, device)
        self.rows = QueryRows(wanted, device, reader if "heads" in modes else None, "full" in modes)
        self.tokens = TokenRows(wanted, device, reader) if "tokens" in modes else None

    @staticmethod
    def of(
        wanted: Sequence[RowTokens],
        regions: Sequence[PictureRegions | None],
        modes: Collection[str],
        device: torch.device | str,
    ) -> "PromptReading | None":
        """None where nothing is to be read."""
        if not any(wanted) and not {"heads", "tokens"} & set(modes):
            return None
        return PromptReading(wanted, regions, modes, device)
