"""Vision-language models: loading, prompts, the shared-prefix engine, attention capture. torch lives here
alone.

Nothing is imported at this level, so that `relcli.models.items` can be used without torch.
"""
