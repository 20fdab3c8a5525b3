"""Write Kibana's objects: `python -m services.setup.dashboards [FOLDER]`, deploy/kibana unless another is named."""

import sys
from pathlib import Path

from services.setup.dashboards.files import FILES, written

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "deploy/kibana")
for name in FILES:
    (folder / name).write_text(written(name), encoding="utf-8")
