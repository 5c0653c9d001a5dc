## SPDX-License-Identifier: MIT
## What is installed beside the programs.

## ---- tables of the code that the manual pages and the tests of documents need ----
## They are kept in git: a cross build cannot run the programs that print them.
## `make check` compares them with the code, `make tables` writes them again.
key_tables = man/rule.options man/ruleset.options man/setting.options man/silence.options
tables = man/alerts.options man/hub.options man/webhook.options $(key_tables) \
	man/alerts.values man/alerts_own.values man/hub.values types/mcp_hub.db
print_table = case $$table in \
	*.options) src/plugins/print_options$(EXEEXT) `basename $$table .options` ;; \
	*.values) src/metrics/print_values$(EXEEXT) `basename $$table .values` ;; \
	*.db) src/metrics/print_values$(EXEEXT) types ;; \
	esac | sed 's|$(sysconfdir)/|SYSCONFDIR/|'
print_programs = src/plugins/print_options$(EXEEXT) src/metrics/print_values$(EXEEXT)
check_PROGRAMS += src/plugins/print_options src/metrics/print_values
EXTRA_DIST += $(tables)
tables: $(print_programs)
	$(AM_V_GEN)for table in $(tables); do $(print_table) >$(srcdir)/$$table || exit; done
check-tables: $(print_programs)
	$(AM_V_at)for table in $(tables); do $(print_table) | diff -u $(srcdir)/$$table - || { \
	echo "$$table is not what the code says: run make tables" >&2; exit 1; }; done
.PHONY: tables check-tables

## ---- manual pages ----
dist_man1_MANS = man/mcphubctl.1
man5_MANS = man/alerts.json.5 man/collectd-mcp_hub.5 man/collectd-mcp_hub_alerts.5
make_manual = $(AM_V_GEN)$(MKDIR_P) man && \
	$(AWK) -v folder=$(srcdir)/man -v sysconfdir=$(sysconfdir) \
	-f $(srcdir)/man/tables.awk $(srcdir)/$@.in >$@.tmp && mv $@.tmp $@
man/alerts.json.5: man/alerts.json.5.in man/tables.awk $(key_tables)
	$(make_manual)
man/collectd-mcp_hub.5: man/collectd-mcp_hub.5.in man/tables.awk man/hub.options man/hub.values
	$(make_manual)
man/collectd-mcp_hub_alerts.5: man/collectd-mcp_hub_alerts.5.in man/tables.awk \
	man/alerts.options man/webhook.options man/alerts.values man/alerts_own.values
	$(make_manual)
CLEANFILES += $(man5_MANS)
EXTRA_DIST += man/alerts.json.5.in man/collectd-mcp_hub.5.in man/collectd-mcp_hub_alerts.5.in man/tables.awk

## ---- data ----
## Configuration that is there already belongs to the operator: it stays. But collectd
## does not start when it is told to load what is not there: uninstalled, an edited
## mcp_hub.conf is set aside until the next installation.
rulesdir = $(sysconfdir)/collectd
installed_rules = $(DESTDIR)$(rulesdir)/alerts.json
installed_conf = $(DESTDIR)$(collectd_confdir)/mcp_hub.conf
install-data-local:
	$(MKDIR_P) $(DESTDIR)$(rulesdir) $(DESTDIR)$(collectd_confdir)
	test -e $(installed_rules) || \
	$(INSTALL_DATA) $(srcdir)/collectd.conf.d/alerts.json $(installed_rules)
	test -e $(installed_conf) || mv $(installed_conf).removed $(installed_conf) 2>/dev/null || \
	$(INSTALL_DATA) $(srcdir)/collectd.conf.d/mcp_hub.conf $(installed_conf)
uninstall-local:
	! cmp -s $(srcdir)/collectd.conf.d/alerts.json $(installed_rules) || rm -f $(installed_rules)
	! cmp -s $(srcdir)/collectd.conf.d/mcp_hub.conf $(installed_conf) || rm -f $(installed_conf)
	test ! -e $(installed_conf) || mv $(installed_conf) $(installed_conf).removed
collectdtypesdir = $(datadir)/collectd
dist_collectdtypes_DATA = types/mcp_hub.db
collection3dir = $(datadir)/collectd/collection3
dist_collection3_DATA = graphs/collection3/mcp_hub.conf
dist_doc_DATA = README.md CHANGELOG.md COPYING SECURITY.md
docsdir = $(docdir)/docs
dist_docs_DATA = docs/alerts.md docs/cost.md docs/graphs.md docs/migration.md docs/notifications.md
## Nothing of these is active before it is copied: most machines want one of them, or none.
examplesdir = $(docdir)/examples
dist_examples_DATA = \
	collectd.conf.d/examples/exec.conf \
	collectd.conf.d/examples/graphite.conf \
	collectd.conf.d/examples/health_log.conf \
	collectd.conf.d/examples/influxdb.conf \
	collectd.conf.d/examples/neighbours.conf \
	collectd.conf.d/examples/neighbours.json \
	collectd.conf.d/examples/notify_email.conf \
	collectd.conf.d/examples/notify_nagios.conf \
	collectd.conf.d/examples/prometheus.conf \
	collectd.conf.d/examples/rrdtool.conf \
	collectd.conf.d/examples/write_http.conf
dist_examples_SCRIPTS = collectd.conf.d/examples/notify.sh
examples_systemddir = $(examplesdir)/systemd
dist_examples_systemd_DATA = packaging/systemd/mcp-hub.conf

## ---- graphs: an importable folder for each store ----
grafanadir = $(pkgdatadir)/grafana
grafana_graphitedir = $(grafanadir)/graphite
grafana_influxdbdir = $(grafanadir)/influxdb
grafana_prometheusdir = $(grafanadir)/prometheus
dist_grafana_graphite_DATA = \
	graphs/grafana/graphite/alerts.json graphs/grafana/graphite/hub.json \
	graphs/grafana/graphite/overview.json graphs/grafana/graphite/server.json
dist_grafana_influxdb_DATA = \
	graphs/grafana/influxdb/alerts.json graphs/grafana/influxdb/hub.json \
	graphs/grafana/influxdb/overview.json graphs/grafana/influxdb/server.json
dist_grafana_prometheus_DATA = \
	graphs/grafana/prometheus/alerts.json graphs/grafana/prometheus/hub.json \
	graphs/grafana/prometheus/overview.json graphs/grafana/prometheus/server.json
EXTRA_DIST += \
	collectd.conf.d/alerts.json collectd.conf.d/mcp_hub.conf \
	graphs/collection3/hub.png graphs/collection3/servers.png \
	graphs/grafana/dialects.py graphs/grafana/generate graphs/grafana/panels.py \
	packaging/rpm/collectd-mcp-hub.spec

## Names, as the folder also holds what was built.
EXTRA_DIST += \
	debian/changelog debian/control debian/copyright debian/rules debian/source/format \
	debian/collectd-mcp-hub.README.Debian debian/collectd-mcp-hub.lintian-overrides \
	debian/collectd-mcp-hub.postinst debian/collectd-mcp-hub.postrm \
	debian/collectd-mcp-hub.preinst
