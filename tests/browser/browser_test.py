"""The Apps page in a real browser, against simulated providers.

Usage: browser_test.py NEXTE_SYNC FOLDER; the pinned npm packages are installed into FOLDER.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
OPENAPI = HERE.parents[1] / "protocol" / "control" / "openapi.json"
sys.path.insert(0, str(HERE.parent / "end_to_end"))

from npm_packages import install  # noqa: E402
from processes import Engine, Simulators, write_config  # noqa: E402

SCRIPTS_MAX = 120  # seconds
STOP_MAX = 5


def stop(engine):
    """Ends the engine while somebody reads its events: in good order, and soon."""
    request = urllib.request.Request(f"{engine.origin}/v1/events",
                                     headers={"Authorization": f"Bearer {engine.token}"})
    with urllib.request.urlopen(request, timeout=STOP_MAX) as events:
        assert events.readline().startswith(b"retry:")
        begun = time.monotonic()
        code = engine.stop()
        took = time.monotonic() - begun
        events.read()  # fails for a stream that was cut off
    assert code == 0, f"stopped with {code}:\n{engine.process.output()}"
    assert took < STOP_MAX, f"took {took:.1f} s to stop"


def main(program, folder):
    folder = Path(folder)
    install(HERE, folder)
    for script in HERE.glob("*.mjs"):
        shutil.copy(script, folder / script.name)
    scripts = ["openapi.mjs", "apps_page.mjs"]
    simulators = Simulators(program, records=300, seed=1)
    try:
        with tempfile.TemporaryDirectory() as place:
            config = write_config(place, simulators.hubspot, simulators.reached["ca_file"])
            engine = Engine(program, config)
            try:
                world = json.dumps({"origin": engine.origin, "token": engine.token,
                                    "admin": simulators.hubspot["admin_url"]})
                environment = dict(os.environ, NEXTE_WORLD=world, NEXTE_OPENAPI=str(OPENAPI),
                                   NODE_EXTRA_CA_CERTS=simulators.reached["ca_file"])
                ended = subprocess.run(["node", "--test", *scripts], cwd=folder,
                                       env=environment, stdin=subprocess.DEVNULL,
                                       timeout=SCRIPTS_MAX, check=False)
            finally:
                stop(engine)
    finally:
        simulators.stop()
    return ended.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
