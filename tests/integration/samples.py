# SPDX-License-Identifier: MIT
"""The samples in collectd.conf.d/examples, with their addresses and paths replaced by the test's own."""
from daemon import SOURCE, STOCK_PLUGINS

EXAMPLES = SOURCE / "collectd.conf.d" / "examples"


def sample(name, **replaced):
    """Its text; each {old: new} of `replaced` must be in it."""
    text = (EXAMPLES / name).read_text()
    for old, new in replaced.items():
        assert old in text, (name, old)
        text = text.replace(old, str(new))
    return text


def configuration(name, replaced):
    """The same as configuration of a Collectd, whose PluginDir is ours by then."""
    return f'PluginDir "{STOCK_PLUGINS}"\n' + sample(name, **replaced)
