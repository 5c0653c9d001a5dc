# SPDX-License-Identifier: MIT
"""What simulated MCP servers offer: tools with realistic JSON schemas.

A tool averages just under 1 kB of JSON, as on real hubs, so 26 servers with
298 tools make about 290 kB. Everything is deterministic, serialised once and
shared: a thousand hubs with the same servers hold one copy.
"""
import json
from dataclasses import dataclass
from functools import cached_property, lru_cache

# name, transport, tools, serverInfo.name, serverInfo.version
KNOWN = [
    ("github", "stdio", 13, "github-mcp-server", "2.2.0"),
    ("filesystem", "stdio", 14, "secure-filesystem-server", "0.2.0"),
    ("memory", "stdio", 9, "memory-server", "0.6.3"),
    ("postgres", "stdio", 6, "example-servers/postgres", "0.1.0"),
    ("slack", "sse", 8, "slack-mcp-server", "1.1.4"),
    ("playwright", "stdio", 21, "Playwright", "0.0.41"),
    ("sentry", "streamable-http", 16, "Sentry MCP", "0.18.0"),
    ("fetch", "stdio", 2, "mcp-fetch", "1.9.4"),
]

VERBS = ["create", "get", "list", "search", "update", "delete", "read", "move", "merge", "export"]
NOUNS = ["issue", "repository", "file", "entity", "pull_request", "table", "channel", "page",
         "message", "branch", "comment", "release", "workflow", "dashboard", "query", "event"]

PARAMETERS = {
    "owner": {"type": "string", "description": "Account that owns it. Not case sensitive."},
    "path": {"type": "string", "description": "Absolute path, inside one of the allowed directories"},
    "limit": {"type": "number", "description": "Results a page, 100 at most", "default": 30,
              "minimum": 1, "maximum": 100},
    "state": {"type": "string", "enum": ["open", "closed", "all"], "default": "open",
              "description": "Only those in this state"},
    "labels": {"type": "array", "items": {"type": "string"}, "description": "Labels that all must match"},
    "query": {"type": "string", "description": "Search terms; \"quoted phrases\" match exactly, e.g. \"naïve\""},
    "dryRun": {"type": "boolean", "default": False, "description": "Preview the change, do not apply it"},
    "range": {"type": "object", "properties": {
        "since": {"type": "string", "format": "date-time"},
        "until": {"type": "string", "format": "date-time"}}, "additionalProperties": False},
    "content": {"type": "string", "description": "Text to write, UTF-8.\nReplaces what is there."},
}


def dumps(value):
    """JSON as Node writes it: no blanks, UTF-8, lone surrogates escaped."""
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


@dataclass(frozen=True, eq=False)
class Capabilities:
    """What one server offers. Immutable: replace it, do not change it."""
    tools: tuple = ()
    resources: tuple = ()
    resourceTemplates: tuple = ()
    prompts: tuple = ()

    KINDS = ("tools", "resources", "resourceTemplates", "prompts")

    @cached_property
    def json(self):
        return dumps({kind: getattr(self, kind) for kind in self.KINDS})


NOTHING = Capabilities()


def tool(number):
    """The tool with this number: always the same one."""
    verb, noun = VERBS[number % len(VERBS)], NOUNS[number // len(VERBS) % len(NOUNS)]
    title = f"{verb} {noun}".replace("_", " ").title()
    lap = number // (len(VERBS) * len(NOUNS))
    names = list(PARAMETERS)
    chosen = {n: PARAMETERS[n] for n in (names[(number + k * 2) % len(names)] for k in range(2 + number % 2))}
    schema = "http://json-schema.org/draft-07/schema#"
    return {
        "name": f"{verb}_{noun}" + (f"_{lap}" if lap else ""),
        "title": title,
        "description": f"{title}: works on one {noun} and returns its fields as structured text, newest first.",
        "inputSchema": {"type": "object", "properties": chosen, "required": list(chosen)[:1], "$schema": schema},
        "outputSchema": {"type": "object", "properties": {"content": {"type": "string"},
                                                          "total": {"type": "number", "minimum": 0}},
                         "required": ["content"], "$schema": schema, "additionalProperties": False},
        "annotations": {"readOnlyHint": verb in ("get", "list", "search", "read"),
                        "destructiveHint": verb == "delete", "idempotentHint": verb != "create",
                        "openWorldHint": False},
        "execution": {"taskSupport": "forbidden"},
    }


@lru_cache(maxsize=None)
def capabilities(tools, first=0, resources=1, prompts=1):
    """So many tools, from tool number `first` on, with a few resources and prompts."""
    return Capabilities(
        tools=tuple(tool(first + i) for i in range(tools)),
        resources=tuple({"name": f"document-{i}.md", "uri": f"demo://static/document-{i}.md",
                         "description": "Static document", "mimeType": "text/markdown"} for i in range(resources)),
        resourceTemplates=({"name": "Dynamic text", "uriTemplate": "demo://dynamic/text/{id}",
                            "description": "Text made from the id", "mimeType": "text/plain"},) if resources else (),
        prompts=tuple({"name": f"prompt-{i}", "title": "Simple Prompt", "description": "A prompt with no arguments"}
                      for i in range(prompts)))


def padded(base, padding):
    """The same capabilities, `padding` ASCII characters longer."""
    last = dict(base.tools[-1])
    last["description"] += "x" * padding
    return Capabilities(base.tools[:-1] + (last,), base.resources, base.resourceTemplates, base.prompts)


def known(count=3, tools=None):
    """Fields of `count` servers; `tools` is the number over all of them, None for what each is known to have."""
    share = [] if tools is None else [tools // count + (i < tools % count) for i in range(count)]
    first = 0
    for i in range(count):
        name, transport, own, title, version = KNOWN[i % len(KNOWN)]
        lap = i // len(KNOWN)
        number = share[i] if share else own
        yield {"name": f"{name}-{lap + 1}" if lap else name, "transport": transport,
               "capabilities": capabilities(number, first),
               "info": {"name": title, "version": version}}
        first += number
