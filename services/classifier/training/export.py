"""From the trained network to the files that the classifier loads."""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from services.classifier.training.network import Coder, Judges


class _Hidden(nn.Module):  # type: ignore[misc]  # torch is not there for the checks
    """The encoder alone, with its last layer as the only output."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        return self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state


def encoder(model: Coder, folder: Path) -> Path:
    """Write `encoder.onnx`, 8-bit by channel, and beside it for comparison `encoder.fp32.onnx`. Return the former."""
    full, small = folder / "encoder.fp32.onnx", folder / "encoder.onnx"
    ids = torch.ones((1, 16), dtype=torch.long)
    axes = {0: "batch", 1: "tokens"}
    torch.onnx.export(
        _Hidden(model.encoder).eval(),
        (ids, ids),
        str(full),
        input_names=["input_ids", "attention_mask"],
        output_names=["hidden"],
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "hidden": axes},
        opset_version=17,
        dynamo=False,
    )
    onnx.checker.check_model(str(full))
    quantize_dynamic(str(full), str(small), weight_type=QuantType.QInt8, per_channel=True)
    return small


def heads(judges: Judges, folder: Path) -> None:
    """Write `heads.npz`: the trunks and the product's own heads in half precision."""
    kept = {name: value.detach().numpy().astype(np.float16) for name, value in judges.state_dict().items()}
    np.savez_compressed(folder / "heads.npz", allow_pickle=False, **kept)
