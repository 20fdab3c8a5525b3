"""The classifier: codes what an article says happened, and cites the sentence for every value."""

import os

# Before numpy is first imported: its threads would spend twice the processor time on matrices as small as ours, and
# none of them survives the fork of a worker.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
