"""Set before numpy is there: on matrices as small as ours, threads of its own cost more than they save."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
