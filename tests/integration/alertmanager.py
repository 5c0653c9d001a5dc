# SPDX-License-Identifier: MIT
"""A real Alertmanager, asked over its API."""
import json
import re
import urllib.request

from daemon import TIMEOUT
from background import Program

CONFIG = """
route: {receiver: nobody, group_wait: 0s}
receivers: [{name: nobody}]
"""
LISTENING = re.compile(rb'msg="Listening on" address=127\.0\.0\.1:(\d+)')


class Alertmanager(Program):
    def __init__(self, folder):
        folder.mkdir()
        (folder / "config.yml").write_text(CONFIG)
        super().__init__(folder, ["prometheus-alertmanager", f"--config.file={folder}/config.yml",
                                  f"--storage.path={folder}", "--web.listen-address=127.0.0.1:0",
                                  "--cluster.listen-address="])
        port = self.wait(lambda: LISTENING.search(self.log.read_bytes()), "listening").group(1).decode()
        self.url = f"http://127.0.0.1:{port}/api/v2/alerts"

    def active(self):
        """{(alertname, severity): alert} of those that have not ended."""
        with urllib.request.urlopen(self.url, timeout=TIMEOUT) as answer:
            alerts = json.load(answer)
        return {(a["labels"]["alertname"], a["labels"]["severity"]): a for a in alerts}

    def wait_active(self, *wanted):
        """Exactly these."""
        self.wait(lambda: self.active().keys() == set(wanted), f"{wanted} and no more")
        return self.active()
