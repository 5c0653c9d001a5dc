# SPDX-License-Identifier: MIT
"""How a Query of panels.py is asked in each store; names of series as README has them."""
from panels import EACH, SERVER


def names_of(query):
    return query.instance if isinstance(query.instance, tuple) else (query.instance,)


class Prometheus:
    """Raw strings (`...`): a hub may be called what it likes, but for a backtick."""
    name, plugin = "Prometheus", "prometheus"

    def selector(self, query):
        metric = "_".join(["collectd", query.plugin, query.type, *[query.source] * (query.source != "value"),
                           *["total"] * query.counter])
        if query.own:
            return f'{metric}{{{query.plugin}="{query.instance}",type=""}}'
        labels = [] if query.across else ["instance=`${host:raw}`", f"{query.plugin}=`${{hub:raw}}`"]
        if isinstance(query.instance, tuple):
            labels.append(f'type=~"{"|".join(query.instance)}"')
        elif query.instance == SERVER:
            labels.append("type=`${server:raw}`")
        elif query.instance == EACH:
            labels.append('type!=""')
        elif query.instance:
            labels.append(f'type="{query.instance}"')
        elif query.across:
            labels.append(f'{query.plugin}!=""')
        return f"{metric}{{{','.join(labels)}}}"

    def expression(self, query, now):
        made = self.selector(query)
        if query.counter:
            made = f"rate({made}[$__rate_interval])"
        elif query.pick != "mean" and not now:
            made = f"{query.pick}_over_time({made}[$__rate_interval])"
        if query.scale != 1:
            made = f"{made} * {query.scale:g}"
        return f"{query.fold}({made})" if query.fold else made

    def legend(self, query):
        if query.own:
            return query.legend or "{{instance}}"
        if query.across:
            return query.legend or "{{instance}} {{%s}}" % query.plugin
        return query.legend or "{{type}}"

    def target(self, query, now):
        return {"expr": self.expression(query, now), "legendFormat": self.legend(query), "editorMode": "code",
                "range": True}

    def variable(self, name):
        if name == "host":
            return {"query": 'label_values(collectd_mcp_hub_bool{type="up"}, instance)'}
        if name == "hub":
            return {"query": 'label_values(collectd_mcp_hub_bool{type="up",instance=`${host:raw}`}, mcp_hub)'}
        return {"query": "label_values(collectd_mcp_hub_mcp_server_state{instance=`${host:raw}`,mcp_hub=`${hub:raw}`}, "
                         "type)"}


class Influx:
    """Regular expressions where a variable stands: Grafana escapes them whole, quotes it does not."""
    name, plugin = "InfluxDB", "influxdb"

    def conditions(self, query):
        made = [f"\"type\" = '{query.type}'"]
        if not query.across:
            made += ['"host" =~ /^${host:regex}$/', '"instance" =~ /^${hub:regex}$/']
        if query.instance == SERVER:
            made.append('"type_instance" =~ /^${server:regex}$/')
        elif query.instance and query.instance != EACH:
            made.append(" OR ".join(f"\"type_instance\" = '{name}'" for name in names_of(query)))
            made[-1] = f"({made[-1]})" if isinstance(query.instance, tuple) else made[-1]
        return " AND ".join([*made, "$timeFilter"])

    def tags(self, query):
        if query.own:
            return ["host"]
        return ["host", "instance"] if query.across else ["type_instance"]

    def statement(self, query, now):
        value = f'{"last" if now or query.counter else query.pick}("value")'
        if query.counter:
            value = f"non_negative_derivative({value}, 1s)"
        if query.scale != 1:
            value = f"{value} / {1 / query.scale:.0f}"
        source, where = f'"{query.plugin}_{query.source}"', self.conditions(query)
        if not query.fold:
            grouped = ", ".join(f'"{tag}"' for tag in self.tags(query))
            return f"SELECT {value} FROM {source} WHERE {where} GROUP BY time($__interval), {grouped} fill(null)"
        inner = f'SELECT {value} AS "each" FROM {source} WHERE {where} GROUP BY time($__interval), * fill(null)'
        return (f'SELECT {query.fold}("each") FROM ({inner}) WHERE $timeFilter GROUP BY time($__interval) '
                "fill(null)")

    def target(self, query, now):
        alias = query.legend or " ".join(f"$tag_{tag}" for tag in self.tags(query))
        return {"query": self.statement(query, now), "rawQuery": True, "resultFormat": "time_series", "alias": alias}

    def variable(self, name):
        where = {"host": "", "hub": ' AND "host" =~ /^${host:regex}$/',
                 "server": ' AND "host" =~ /^${host:regex}$/ AND "instance" =~ /^${hub:regex}$/'}[name]
        key, type_ = {"host": ("host", "bool"), "hub": ("instance", "bool"),
                      "server": ("type_instance", "mcp_server_state")}[name]
        return {"query": f'SHOW TAG VALUES FROM "mcp_hub_value" WITH KEY = "{key}" WHERE "type" = \'{type_}\'{where}'}


class Graphite:
    """Counters are rates already (StoreRates of graphite.conf)."""
    name, plugin = "Graphite", "graphite"

    def path(self, query):
        place = "*" if query.across else "${host:raw}"
        instance = "" if query.own else "-*" if query.across else "-${hub:raw}"
        names = names_of(query)
        ends = "${server:raw}" if query.instance == SERVER else names[0] if len(names) == 1 else \
            "{" + ",".join(names) + "}"
        value = f"{query.type}-{ends}" if ends else query.type
        return ".".join(["collectd", place, query.plugin + instance, value,
                         *[query.source] * (query.source != "value")])

    def target(self, query, now):
        made = self.path(query)
        if query.pick != "mean" and not now:
            made = f"consolidateBy({made}, '{query.pick}')"
        if query.scale != 1:
            made = f"scale({made}, {query.scale:f})"
        if query.fold:
            made = f"{query.fold}Series({made})"
        if query.legend:
            made = f"alias({made}, '{query.legend}')"
        elif query.own:
            made = f"aliasByNode({made}, 1)"
        elif query.across:
            made = f"aliasSub(aliasByNode({made}, 1, 2), '\\.{query.plugin}-', ' ')"
        else:
            made = f"aliasSub(aliasByNode({made}, 3), '^{query.type}-', '')"
        return {"target": made, "textEditor": True}

    def variable(self, name):
        if name == "host":
            return {"query": "expand(collectd.*.mcp_hub-*)", "regex": "/^collectd\\.([^.]*)\\./"}
        if name == "hub":
            return {"query": "collectd.${host:raw}.mcp_hub-*", "regex": "/^mcp_hub-(.*)$/"}
        return {"query": "collectd.${host:raw}.mcp_hub-${hub:raw}.mcp_server_state-*",
                "regex": "/^mcp_server_state-(.*)$/"}


DIALECTS = (Graphite(), Influx(), Prometheus())
