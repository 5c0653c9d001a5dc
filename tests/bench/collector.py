# SPDX-License-Identifier: MIT
"""A collectd to be measured: its configuration, CPU time, memory and values."""
import os
import re
import socket
import subprocess
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("MCP_HUB_BUILD", TOP / "build" / "dev")).resolve()
STOCK = "/usr/lib/collectd"

GLOBAL = """
BaseDir "{folder}"
PIDFile "{folder}/pid"
Hostname "bench"
FQDNLookup false
Interval {interval}
TypesDB "/usr/share/collectd/types.db" "{top}/types/mcp_hub.db"
PluginDir "{stock}"
LoadPlugin logfile
<Plugin logfile>
  File "{folder}/log"
</Plugin>
LoadPlugin uptime
LoadPlugin unixsock
<Plugin unixsock>
  SocketFile "{folder}/socket"
</Plugin>
"""

ALERTS = """
PluginDir "{build}/.libs"
LoadPlugin mcp_hub_alerts
<Plugin mcp_hub_alerts>
  Rules "{top}/collectd.conf.d/alerts.json"
</Plugin>
"""

CSV = """
LoadPlugin csv
<Plugin csv>
  DataDir "stdout"
</Plugin>
"""

# The numbers of the health body that curl_json can reach.
KEYS = ["activeClients", "mcpEndpoint/activeClients", "mcpEndpoint/totalCapabilities",
        *(f"mcpEndpoint/registeredCapabilities/{kind}"
          for kind in ("tools", "resources", "resourceTemplates", "prompts")),
        "connections/totalConnections", "servers/*/uptime"]


def block(plugin, folder, entries):
    """LoadPlugin of a plugin from that folder, and its options."""
    return f'PluginDir "{folder}"\nLoadPlugin {plugin}\n<Plugin {plugin}>\n' + "\n".join(entries) + "\n</Plugin>\n"


def mcp_hub(urls, **options):
    """Our reader for these hubs, h0 and on. The simulated hubs have no processes."""
    options = "".join(f"    {key} {value}\n" for key, value in options.items())
    return block("mcp_hub", BUILD / ".libs", (
        f'  <Hub "h{i}">\n    URL "{url}"\n    Process "none"\n    LogFile "none"\n{options}  </Hub>'
        for i, url in enumerate(urls)))


def curl_json(urls):
    """The same hubs read by collectd's own plugin."""
    keys = "\n".join(f'    <Key "{key}">\n      Type "gauge"\n    </Key>' for key in KEYS)
    return block("curl_json", STOCK, (f'  <URL "{url}/api/health">\n    Instance "h{i}"\n{keys}\n  </URL>'
                                      for i, url in enumerate(urls)))


class Collector:
    """Runs within a with-block, under the command `tool`. What csv writes goes to the file `output`."""

    def __init__(self, config, interval, tool=()):
        self.config = config
        self.interval = interval
        self.tool = tool

    def __enter__(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = Path(self.scratch.name)
        self.output = self.folder / "output"
        self.errors = self.folder / "errors"
        values = {"folder": self.folder, "top": TOP, "build": BUILD, "stock": STOCK, "interval": self.interval}
        conf = self.folder / "collectd.conf"
        conf.write_text((GLOBAL + self.config).format(**values))
        with open(self.output, "wb") as output, open(self.errors, "wb") as errors:
            self.process = subprocess.Popen([*self.tool, "collectd", "-f", "-C", conf], stdout=output, stderr=errors)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.scratch.cleanup()

    def stop(self):
        """In order, so that all values are written."""
        self.process.terminate()
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:  # curl_json waits for hubs that do not answer
            self.process.kill()
            self.process.wait()

    def cpu(self):
        """Seconds of all threads, to the nanosecond."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def memory(self, field="VmRSS"):
        """KiB; VmHWM is the peak."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{field}:\s+(\d+)", status)[1])

    def series(self, plugin, instance):
        """How many values it has of one hub."""
        with socket.socket(socket.AF_UNIX) as asked:
            asked.connect(str(self.folder / "socket"))
            with asked.makefile("rw") as talk:
                talk.write("LISTVAL\n")
                talk.flush()
                num = int(talk.readline().split()[0])
                return sum(f" bench/{plugin}-{instance}/" in talk.readline() for _ in range(num))
