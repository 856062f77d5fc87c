"""The pinned npm packages of a folder of tests."""

import shutil
import subprocess
from pathlib import Path

INSTALL_MAX = 120  # seconds


def install(source, folder):
    """Installs what the lock file in `source` pins into `folder`, anew only when it has changed."""
    source, folder = Path(source), Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    lock = (source / "package-lock.json").read_bytes()
    done = folder / "installed"
    if done.exists() and done.read_bytes() == lock:
        return
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(source / name, folder / name)
    subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=folder, check=True, timeout=INSTALL_MAX,
                   stdin=subprocess.DEVNULL)
    done.write_bytes(lock)
