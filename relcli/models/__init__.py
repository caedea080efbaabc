"""Vision-language models: loading, prompts, the shared-prefix engine, attention capture. torch lives here
alone.

Nothing is imported at this level, so that `relcli.models.items` can be used without torch.
"""

import os

# Before torch loads OpenMP. Waiting threads that spin take the cores from those they wait for wherever the
# machine has other work: on two busy cores 218 questions took 177 s with spinning threads, 5 to 11 s without.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
