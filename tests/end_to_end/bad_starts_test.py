"""What cannot be is said in one line, and damages nothing.

usage: bad_starts_test.py NEXTE_SYNC
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from processes import (CALL_MAX, START_MAX, Engine, Process, Simulators, call, make_key,
                       write_config)

PROGRAM = sys.argv[1]
HUBSPOT = {  # never called: no integration is connected
    "client_id": "client", "client_secret": "a-secret-that-no-line-may-show",
    "api_base": "https://127.0.0.1:9", "authorize_url": "https://127.0.0.1:9/authorize",
    "token_url": "https://127.0.0.1:9/token", "revoke_url": "https://127.0.0.1:9/revoke",
}


class BadStarts(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)
        self.data = self.folder / "data"
        roots = self.folder / "roots.pem"
        roots.write_text("")
        self.config = write_config(self.folder, HUBSPOT, roots)
        self.edit(lambda c: c["providers"]["hubspot"].pop("ca_file"))

    def edit(self, change):
        config = json.loads(self.config.read_text())
        change(config)
        self.config.write_text(json.dumps(config))

    def fails(self, *words, code=1, arguments=None):
        """Starts it; it must end with `code` and one line on stderr that has all `words`."""
        ended = subprocess.run(
            [PROGRAM, *(arguments or ["serve", "--config", str(self.config)])],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=START_MAX,
            check=False)
        self.assertEqual(ended.returncode, code, ended.stderr)
        if code == 1:
            self.assertEqual(ended.stderr.count("\n"), 1, ended.stderr)
        for word in words:
            self.assertIn(word, ended.stderr)
        self.assertNotIn(HUBSPOT["client_secret"], ended.stdout + ended.stderr)

    def still_works(self):
        """The data is as it was: the right configuration starts."""
        engine = Engine(PROGRAM, self.config)
        try:
            return engine.ask("GET", "/v1/integrations")["integrations"]
        finally:
            self.assertEqual(engine.stop(), 0, engine.process.output())

    def add_integration(self):
        engine = Engine(PROGRAM, self.config)
        try:
            body = {"workspace": "w1", "provider": "hubspot"}
            return engine.ask("POST", "/v1/integrations", body)["id"]
        finally:
            self.assertEqual(engine.stop(), 0, engine.process.output())

    def test_another_key_is_refused_and_nothing_changed(self):
        made = self.add_integration()
        right = self.folder / "key"
        kept = right.read_text()
        right.unlink()
        make_key(right)
        self.fails("key", str(self.data))
        right.write_text(kept)
        self.assertEqual([i["id"] for i in self.still_works()], [made])

    def test_a_key_file_that_others_may_read_names_the_mend(self):
        os.chmod(self.folder / "key", 0o644)
        self.fails("chmod 600")
        os.chmod(self.folder / "key", 0o600)
        self.still_works()

    def test_the_check_tells_what_is_wrong_and_makes_nothing(self):
        check = ["serve", "--check-config", "--config", str(self.config)]
        ended = subprocess.run([PROGRAM, *check], capture_output=True, text=True,
                               stdin=subprocess.DEVNULL, timeout=START_MAX, check=False)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertIn("can be used: 1 provider", ended.stdout)
        (self.folder / "key").chmod(0o644)
        self.fails("chmod 600", arguments=check)
        (self.folder / "key").chmod(0o600)
        (self.folder / "hubspot_secret").unlink()
        self.fails("hubspot_secret", arguments=check)
        self.assertFalse(self.data.exists())

    def test_a_short_key_file_is_refused(self):
        (self.folder / "key").write_text("abc")
        self.fails(str(self.folder / "key"))

    def test_a_ca_file_without_a_certificate_is_refused(self):
        roots = self.folder / "roots.pem"
        roots.write_text("no certificate\n")
        self.edit(lambda c: c["providers"]["hubspot"].update(ca_file=str(roots)))
        self.fails(str(roots))

    def test_a_ca_file_that_is_missing_is_refused(self):
        roots = self.folder / "absent.pem"
        self.edit(lambda c: c["providers"]["hubspot"].update(ca_file=str(roots)))
        self.fails(str(roots))

    def test_a_second_process_names_the_first(self):
        engine = Engine(PROGRAM, self.config)
        try:
            self.fails(str(self.data), str(engine.process.child.pid))
            engine.ask("GET", "/v1/integrations")
        finally:
            self.assertEqual(engine.stop(), 0, engine.process.output())

    def test_an_unknown_key_names_the_nearest(self):
        self.edit(lambda c: c.update(data_dri="x"))
        self.fails("data_dri", "data_dir")

    def test_an_unknown_provider_names_the_nearest(self):
        self.edit(lambda c: c["providers"].update(hubspott={"client_id": "x"}))
        self.fails("hubspott", "hubspot")

    def test_a_port_in_use_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            listen = "127.0.0.1:%d" % taken.getsockname()[1]
            self.edit(lambda c: c["control"].update(listen=listen))
            self.fails(str(taken.getsockname()[1]))
        self.edit(lambda c: c["control"].update(listen="127.0.0.1:0"))
        self.still_works()

    def test_a_plain_http_address_is_refused(self):
        self.edit(lambda c: c["providers"]["hubspot"].update(api_base="http://127.0.0.1:9"))
        self.fails("api_base")

    def test_a_missing_configuration_is_named(self):
        self.config.unlink()
        self.fails(str(self.config))

    def test_a_broken_configuration_is_named(self):
        self.config.write_text('{"data_dir": ')
        self.fails(str(self.config))

    def test_a_data_file_of_something_else_is_kept(self):
        self.data.mkdir(mode=0o700)
        database = self.data / "data.mdb"
        database.write_bytes(b"a letter to a friend\n" * 1000)
        self.fails(str(self.data))
        self.assertTrue(database.read_bytes().startswith(b"a letter"))

    def test_wrong_usage_has_its_own_code(self):
        self.fails(code=2, arguments=["serve"])
        self.fails("serv", "did you mean", "serve", code=2, arguments=["serv"])
        self.fails(code=2, arguments=["serve", "--config", str(self.config), "--nonsense"])

    def test_a_certificate_of_another_authority_names_ca_file_at_connect(self):
        ours, other = Simulators(PROGRAM, 10, 1), Simulators(PROGRAM, 10, 2)
        self.addCleanup(ours.stop)
        self.addCleanup(other.stop)
        self.config = write_config(self.folder, ours.hubspot, other.reached["ca_file"])
        engine = Engine(PROGRAM, self.config)
        try:
            made = engine.ask("POST", "/v1/integrations",
                              {"workspace": "w1", "provider": "hubspot"})["id"]
            shell = Process([PROGRAM, "reconnect", made, "--config", self.config])
            call(shell.line_with(r"https://\S+").group(), tls=ours.tls)
            self.assertEqual(shell.child.wait(CALL_MAX), 1, shell.output())
            shell._close()
            told = [line for line in shell.said if line.startswith("nexte-sync: ")]
            self.assertEqual(len(told), 1, shell.output())
            for word in ("certificate of 127.0.0.1 is not accepted", "ca_file"):
                self.assertIn(word, told[0])
            panel = engine.ask("GET", f"/v1/integrations/{made}")
            self.assertEqual(panel["state"], "disconnected")
            self.assertIn("ca_file", panel["because"])
        finally:
            self.assertEqual(engine.stop(), 0, engine.process.output())

    def test_a_pipe_that_nobody_reads_ends_quietly(self):
        engine = Engine(PROGRAM, self.config)
        command = [PROGRAM, "status", "--config", str(self.config)]
        try:
            read, write = os.pipe()
            os.close(read)  # as `| head` has seen enough
            ended = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True,
                                   timeout=START_MAX, check=False)
            os.close(write)
            self.assertEqual((ended.returncode, ended.stderr), (0, ""))
            with open("/dev/full", "w", encoding="ascii") as full:
                ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True,
                                       timeout=START_MAX, check=False)
            self.assertEqual(ended.returncode, 1)
            self.assertEqual(ended.stderr, "nexte-sync: cannot write to stdout\n")
        finally:
            self.assertEqual(engine.stop(), 0, engine.process.output())

    def test_the_shell_is_not_told_of_http(self):
        engine = Engine(PROGRAM, self.config)
        try:
            for command in (["status"], ["refresh"], ["errors"], ["disconnect"], ["reconnect"],
                            ["mode", "hourly"], ["records", "contacts"],
                            ["explain", "contacts", "1"]):
                name, *rest = command
                ended = subprocess.run(
                    [PROGRAM, name, "cjzb7nfo3hkze", *rest, "--config", str(self.config)],
                    capture_output=True, text=True, timeout=START_MAX, check=False)
                self.assertEqual(ended.returncode, 1, command)
                self.assertIn("`nexte-sync status` lists", ended.stderr)
                for word in ("GET", "PUT", "POST", "DELETE", "/v1/"):
                    self.assertNotIn(word, ended.stderr)
        finally:
            self.assertEqual(engine.stop(), 0, engine.process.output())


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
