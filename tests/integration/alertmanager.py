"""A real Alertmanager, asked over its API."""
import json
import re
import subprocess
import time
import urllib.request

from daemon import TIMEOUT

CONFIG = """
route: {receiver: nobody, group_wait: 0s}
receivers: [{name: nobody}]
"""
LISTENING = re.compile(rb'msg="Listening on" address=127\.0\.0\.1:(\d+)')


class Alertmanager:
    def __init__(self, folder):
        folder.mkdir()
        (folder / "config.yml").write_text(CONFIG)
        self.log = folder / "log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "prometheus-alertmanager", f"--config.file={folder}/config.yml",
                 f"--storage.path={folder}", "--web.listen-address=127.0.0.1:0", "--cluster.listen-address="],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder)
        port = self.wait(lambda: LISTENING.search(self.log.read_bytes()), "listening").group(1).decode()
        self.url = f"http://127.0.0.1:{port}/api/v2/alerts"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def active(self):
        """{(alertname, severity): alert} of those that have not ended."""
        with urllib.request.urlopen(self.url, timeout=TIMEOUT) as answer:
            alerts = json.load(answer)
        return {(a["labels"]["alertname"], a["labels"]["severity"]): a for a in alerts}

    def wait(self, condition, what):
        end = time.monotonic() + TIMEOUT
        while not (found := condition()):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, f"not within {TIMEOUT} s: {what}\n{self.log.read_text()}"
            time.sleep(0.05)
        return found

    def wait_active(self, *wanted):
        """Exactly these."""
        self.wait(lambda: self.active().keys() == set(wanted), f"{wanted} and no more")
        return self.active()
