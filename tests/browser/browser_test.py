"""The Apps page in a real browser, against simulated providers.

Usage: browser_test.py NEXTE_SYNC FOLDER; the pinned npm packages are installed into FOLDER.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "end_to_end"))

from npm_packages import install  # noqa: E402
from processes import Engine, Simulators, write_config  # noqa: E402

SCRIPTS_MAX = 120  # seconds


def main(program, folder):
    folder = Path(folder)
    install(HERE, folder)
    for script in HERE.glob("*.mjs"):
        shutil.copy(script, folder / script.name)
    simulators = Simulators(program, records=300, seed=1)
    try:
        with tempfile.TemporaryDirectory() as place:
            config = write_config(place, simulators.hubspot, simulators.reached["ca_file"])
            engine = Engine(program, config)
            try:
                world = json.dumps({"origin": engine.origin, "token": engine.token,
                                    "admin": simulators.hubspot["admin_url"]})
                environment = dict(os.environ, NEXTE_WORLD=world,
                                   NODE_EXTRA_CA_CERTS=simulators.reached["ca_file"])
                ended = subprocess.run(["node", "--test", "apps_page.mjs"], cwd=folder,
                                       env=environment, stdin=subprocess.DEVNULL,
                                       timeout=SCRIPTS_MAX, check=False)
            finally:
                code = engine.stop()
            assert code == 0, f"stopped with {code}:\n{engine.process.output()}"
    finally:
        simulators.stop()
    return ended.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
