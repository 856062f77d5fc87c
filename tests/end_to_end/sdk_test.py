"""The simulators as a real process over TLS, driven by a provider's own SDK.

Usage: sdk_test.py NEXTE_SYNC FOLDER SCRIPT; the pinned npm packages are installed into FOLDER.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from npm_packages import install
from processes import Simulators

HERE = Path(__file__).resolve().parent
SCRIPT_MAX = 60  # seconds


def main(program, folder, script):
    folder = Path(folder)
    install(HERE, folder)
    shutil.copy(HERE / script, folder / script)
    provider = script.removesuffix("_sdk.mjs")
    simulators = Simulators(program, records=500, seed=1, providers=provider)
    try:
        line = folder / "line.json"
        line.write_text(json.dumps(simulators.reached), encoding="utf-8")
        environment = dict(os.environ, NODE_EXTRA_CA_CERTS=simulators.reached["ca_file"])
        ended = subprocess.run(["node", script, line.name], cwd=folder, env=environment,
                               stdin=subprocess.DEVNULL, timeout=SCRIPT_MAX, check=False)
    finally:
        simulators.stop()
    return ended.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
