# SPDX-License-Identifier: MIT
"""Runs inside collectd's python plugin: writes down everything that collectd dispatches.

One JSON object a line in FOLDER/values and FOLDER/notifications. Meta data are
[type, value] with collectd's own types: str, float, bool, Signed, Unsigned.
"""
import json
import os

import collectd

IDENTITY = ("host", "plugin", "plugin_instance", "type", "type_instance")
SEVERITY = {collectd.NOTIF_OKAY: "OKAY", collectd.NOTIF_WARNING: "WARNING", collectd.NOTIF_FAILURE: "FAILURE"}
files = {}


def text(value):
    """collectd hands out bytes where they are no UTF-8."""
    return value.decode(errors="backslashreplace") if isinstance(value, bytes) else value


def record(name, thing, **fields):
    fields.update({part: text(getattr(thing, part)) for part in IDENTITY})
    line = json.dumps({**fields, "time": thing.time}) + "\n"
    os.write(files[name], line.encode())  # whole lines: collectd writes from several threads


def write(values):
    record("values", values, values=list(values.values), interval=values.interval)


def notify(notification):
    meta = {key: [type(value).__name__, value] for key, value in notification.meta.items()}
    record("notifications", notification, severity=SEVERITY[notification.severity],
           message=text(notification.message), meta=meta)


def configure(config):
    folder = next(item.values[0] for item in config.children if item.key == "Folder")
    for name in ("values", "notifications"):
        path = os.path.join(folder, name)
        files[name] = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)


collectd.register_config(configure)
collectd.register_write(write)
collectd.register_notification(notify)
