"""Composition root: settings, command line, runtime, logs. The only reader of the environment."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
"""Numpy reads it when it is imported. A question's matrices are so small that a second thread gains nothing, and
waiting for it takes several times as long as the question when something else wants the processor."""
