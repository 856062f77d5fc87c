"""The program as real processes: simulated providers, the engine, and a client of its API."""

import json
import os
import queue
import re
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

START_MAX = 20  # seconds for a process to say that it is up
CALL_MAX = 20  # seconds for one HTTP call
STREAMS = ("contacts", "companies", "deals")


def wait_until(what, check, seconds):
    """Asks `check` again and again until it yields something true; fails naming `what`."""
    due = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() > due:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)  # another process: there is nothing to wait on


class Process:
    """A child whose output lines are read as they come."""

    def __init__(self, arguments):
        self.lines = queue.Queue()
        self.said = []
        self.child = subprocess.Popen(
            [str(a) for a in arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.child.stdout:
            self.said.append(line)
            self.lines.put(line)
        self.lines.put(None)

    def line_with(self, pattern):
        """The match of the first line from here on that has `pattern`."""
        due = time.monotonic() + START_MAX
        while True:
            try:
                line = self.lines.get(timeout=max(0, due - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError(f"no line with {pattern}; it said:\n{self.output()}")
            found = re.search(pattern, line)
            if found:
                return found

    def output(self):
        return "".join(self.said)

    def kill(self):
        """Ends it as a power cut would."""
        self.child.kill()
        self.child.wait()
        self._close()

    def stop(self):
        """Ends it as an administrator would; yields the exit code."""
        self.child.terminate()
        code = self.child.wait(START_MAX)
        self._close()
        return code

    def _close(self):
        self.reader.join()
        self.child.stdout.close()


def call(url, method="GET", body=None, token=None, tls=None):
    """One HTTP call, redirects followed; yields (status, parsed JSON or text)."""
    headers = {"Content-Type": "application/json"} if body is not None else {}
    if token:
        headers["Authorization"] = "Bearer " + token
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=CALL_MAX, context=tls) as answer:
            status, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        status, text = answer.code, answer.read().decode()
    try:
        return status, json.loads(text)
    except ValueError:
        return status, text


class Simulators:
    """`nexte-sync simulators` over TLS, whose consent page asks nobody."""

    def __init__(self, program, records, seed, providers="hubspot"):
        self.process = Process(
            [program, "simulators", "--listen", "127.0.0.1:0", "--tls", "--auto-consent",
             "--providers", providers, "--records", records, "--seed", seed])
        self.reached = json.loads(self.process.line_with(r"^\{.*\}$").group())
        self.hubspot = self.reached.get("hubspot")
        self.tls = ssl.create_default_context(cafile=self.reached["ca_file"])

    def admin(self, action, provider="hubspot", **body):
        url = f"{self.reached[provider]['admin_url']}/{action}"
        status, answer = call(url, "POST", body, tls=self.tls)
        assert status == 200, f"{action} {body}: {status} {answer}"
        return answer

    def objects(self, stream, archived=False):
        """id → object, as the provider lists them now."""
        found, after = {}, ""
        while after is not None:
            url = (f"{self.hubspot['api_base']}/crm/v3/objects/{stream}?limit=100"
                   f"&archived={str(archived).lower()}{after}")
            status, page = call(url, token=self.hubspot["access_token"], tls=self.tls)
            if status == 429:
                time.sleep(1)  # the engine spends the same quota
                continue
            assert status == 200, f"{url}: {status} {page}"
            found.update((o["id"], o) for o in page["results"])
            following = page.get("paging", {}).get("next", {}).get("after")
            after = None if following is None else f"&after={following}"
        return found

    def persons(self):
        """Pipedrive's live persons, as it lists them now."""
        granted = self.admin("token", "pipedrive")
        found, cursor = [], ""
        while cursor is not None:
            url = f"{granted['api_domain']}/api/v2/persons?limit=500{cursor}"
            status, page = call(url, token=granted["access_token"], tls=self.tls)
            assert status == 200, f"{url}: {status} {page}"
            found += page["data"]
            following = page["additional_data"]["next_cursor"]
            cursor = None if following is None else f"&cursor={following}"
        return found

    def stop(self):
        return self.process.stop()


def provider_settings(folder, name, there, ca_file):
    """How the engine reaches a simulated provider, with the secret in a file."""
    secret = Path(folder) / f"{name}_secret"
    secret.touch(0o600)
    secret.write_text(there["client_secret"] + "\n")
    return {
        "client_id": there["client_id"],
        "client_secret_file": str(secret),
        "api_base": there["api_base"],
        "authorize_url": there["authorize_url"],
        "token_url": there["token_url"],
        "revoke_url": there["revoke_url"],
        "ca_file": str(ca_file),
        "poll_seconds": 1,
    }


def write_config(folder, hubspot, ca_file, listen="127.0.0.1:0", **others):
    """A configuration in `folder` against these endpoints; yields its path."""
    folder = Path(folder)
    providers = {"hubspot": hubspot, **others}
    config = folder / "config.json"
    config.write_text(json.dumps({
        "data_dir": str(folder / "data"),
        "key_file": str(make_key(folder / "key")),
        "control": {"listen": listen},
        "providers": {name: provider_settings(folder, name, there, ca_file)
                      for name, there in providers.items()},
    }, indent=2))
    return config


def make_key(path):
    """A key file, if there is none yet."""
    if not path.exists():
        path.touch(0o600)
        path.write_text(os.urandom(32).hex() + "\n")
    return path


class Engine:
    """`nexte-sync serve` and its control API."""

    def __init__(self, program, config):
        self.process = Process([program, "serve", "--config", config])
        self.origin = self.process.line_with(r"the control API listens\" url=(\S+)").group(1)
        data_dir = json.loads(Path(config).read_text())["data_dir"]
        self.token = (Path(data_dir) / "control.token").read_text().strip()

    def ask(self, method, path, body=None):
        """The answer of a call that must do."""
        status, answer = call(self.origin + path, method, body, self.token)
        assert 200 <= status < 300, f"{method} {path}: {status} {answer}\n{self.process.output()}"
        return answer

    def connect(self, integration, tls):
        """Consents as a person with a browser would."""
        path = f"/v1/integrations/{integration}/connect"
        url = self.ask("POST", path, {})["authorization_url"]
        status, page = call(url, tls=tls)
        assert status == 200, f"the browser ended at {status}: {page}"
        ended = wait_until("the consent's outcome", lambda: self._outcome(path), 20)
        assert ended["outcome"] == "connected", ended

    def _outcome(self, path):
        attempt = self.ask("GET", path)
        return None if attempt["outcome"] == "pending" else attempt

    def pages(self, path, member):
        """Every row of a paged list."""
        rows, after = [], ""
        while after is not None:
            page = self.ask("GET", f"{path}?limit=1000{after}")
            rows += page[member]
            following = page.get("next")
            after = None if following is None else f"&after={following}"
        return rows

    def kill(self):
        self.process.kill()

    def stop(self):
        return self.process.stop()
