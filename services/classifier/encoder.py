"""The encoder at run time: windows of tokens to a vector for each sentence, on one processor thread."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from services.classifier import windows

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Encoder:
    """A loaded session. It holds no threads, so that it may be loaded before a worker forks."""

    session: onnxruntime.InferenceSession
    tokenizer: Tokenizer

    def encode(self, texts: Sequence[str], *, titled: bool) -> tuple[Vectors, Vectors]:
        """Return a vector for each text, and one for the first window: that of the article's opening.

        `titled`: the first text is the headline. A text without a token has a vector of zeros.
        """
        width = self.session.get_outputs()[0].shape[-1]
        vectors, opening = np.zeros((len(texts), width), np.float32), np.zeros(width, np.float32)
        for number, window in enumerate(windows.pack(texts, self.tokenizer, titled=titled)):
            ids = np.array([window.ids], dtype=np.int64)
            hidden = self.session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
            if number == 0:
                opening = hidden.mean(axis=0)
            for place, start, end in window.spans:
                vectors[place] = hidden[start:end].mean(axis=0)
        return vectors, opening


def load(folder: Path) -> Encoder:
    """Read `encoder.onnx` and `tokenizer.json`. Raises OSError or onnxruntime's errors when they are no such files."""
    options = onnxruntime.SessionOptions()
    # One thread, and no pool: a worker is one process on one core, and a pool would not survive its fork.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    path = folder / "encoder.onnx"
    session = onnxruntime.InferenceSession(path, sess_options=options, providers=["CPUExecutionProvider"])
    return Encoder(session, Tokenizer.from_file(str(folder / "tokenizer.json")))
