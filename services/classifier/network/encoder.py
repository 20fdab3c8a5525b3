"""The encoder at run time: windows of tokens to a vector for each sentence, on one processor thread."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from services.classifier.network import windows

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Encoded:
    """The sentences of an article as the encoder sees them. A sentence without a token has a vector of zeros."""

    sentences: Vectors  #: a row for each sentence
    opening: Vectors  #: of the first window
    tokens: Vectors  #: a row for each token of a sentence, in reading order
    sentence: npt.NDArray[np.int64]  #: for each token, the row of its sentence
    words: list[tuple[int, int]]  #: for each token, first code point of its word in the sentence, and one past the last


@dataclass(frozen=True, slots=True)
class Encoder:
    """A loaded session. It holds no threads, so that it may be loaded before a worker forks."""

    session: onnxruntime.InferenceSession
    tokenizer: Tokenizer

    def encode(self, texts: Sequence[str], *, titled: bool) -> Encoded:
        """Return vectors for the texts and their tokens. `titled`: the first text is the headline."""
        width = self.session.get_outputs()[0].shape[-1]
        windows_ = windows.pack(texts, self.tokenizer, titled=titled)
        vectors, opening = np.zeros((len(texts), width), np.float32), np.zeros(width, np.float32)
        tokens, sentence = [np.zeros((0, width), np.float32)], list[int]()
        for number, window in enumerate(windows_):
            ids = np.array([window.ids], dtype=np.int64)
            hidden = self.session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
            if number == 0:
                opening = hidden.mean(axis=0)
            for place, start, end in window.spans:
                vectors[place] = hidden[start:end].mean(axis=0)
                tokens.append(hidden[start:end])
                sentence += [place] * (end - start)
        words = [word for window in windows_ for word in window.words]
        return Encoded(vectors, opening, np.concatenate(tokens), np.array(sentence, np.int64), words)


def load(folder: Path) -> Encoder:
    """Read `encoder.onnx` and `tokenizer.json`. Raises OSError or onnxruntime's errors when they are no such files."""
    options = onnxruntime.SessionOptions()
    # One thread, and no pool: a worker is one process on one core, and a pool would not survive its fork.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    path = folder / "encoder.onnx"
    session = onnxruntime.InferenceSession(path, sess_options=options, providers=["CPUExecutionProvider"])
    return Encoder(session, Tokenizer.from_file(str(folder / "tokenizer.json")))
