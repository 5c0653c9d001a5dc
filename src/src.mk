## SPDX-License-Identifier: MIT
## What is built of src/. Each folder is a library of its own that the plugins,
## mcphubctl and tests link: nothing is compiled twice, except to count steps (tests/cost).

noinst_LTLIBRARIES = \
	libutil.la libmetrics.la libhttp.la libprocess.la libhublog.la libhub.la \
	librules.la libalerts.la libnotify.la libreport.la libstore.la \
	libplugin.la libhubplugin.la libalertsplugin.la libctl.la

product_cppflags = -I$(srcdir)/src $(FORTIFY_CPPFLAGS)
product_cflags = $(base_cflags) $(JSONC_CFLAGS) $(PCRE2_CFLAGS)

## In the order in which a linker wants them.
hub_libs = libhub.la libhublog.la libprocess.la libhttp.la libmetrics.la libutil.la
alerts_libs = libreport.la libnotify.la libalerts.la librules.la libmetrics.la libstore.la libutil.la

libutil_la_SOURCES = \
	src/util/closest_match.c \
	src/util/closest_match.h \
	src/util/duration.c \
	src/util/duration.h \
	src/util/file.c \
	src/util/file.h \
	src/util/format.c \
	src/util/format.h \
	src/util/json.c \
	src/util/json.h \
	src/util/json_syntax.c \
	src/util/json_syntax.h \
	src/util/regex.c \
	src/util/regex.h \
	src/util/regex_syntax.c \
	src/util/regex_syntax.h \
	src/util/serialize.c \
	src/util/serialize.h \
	src/util/strbuf.c \
	src/util/strbuf.h \
	src/util/timestamp.c \
	src/util/timestamp.h \
	src/util/utf8.c \
	src/util/utf8.h
libutil_la_CPPFLAGS = $(product_cppflags)
libutil_la_CFLAGS = $(product_cflags)

libmetrics_la_SOURCES = \
	src/metrics/identifier.c \
	src/metrics/identifier.h \
	src/metrics/metric.c \
	src/metrics/metric.h \
	src/metrics/metric_table.def
libmetrics_la_CPPFLAGS = $(product_cppflags)
libmetrics_la_CFLAGS = $(product_cflags)

libhttp_la_SOURCES = \
	src/http/client.c \
	src/http/client.h \
	src/http/client_internal.h \
	src/http/engine.c \
	src/http/http_errors.c \
	src/http/http_options.c \
	src/http/http_options.h \
	src/http/http_options_internal.h
libhttp_la_CPPFLAGS = $(product_cppflags)
libhttp_la_CFLAGS = $(product_cflags) $(CURL_CFLAGS)

libprocess_la_SOURCES = \
	src/process/command_line.c \
	src/process/command_line.h \
	src/process/hub_process.c \
	src/process/hub_process.h \
	src/process/process_table.c \
	src/process/process_table.h \
	src/process/process_tree.c \
	src/process/process_tree.h \
	src/process/procfs.c \
	src/process/procfs.h \
	src/process/server_config.c \
	src/process/server_config.h \
	src/process/server_match.c \
	src/process/server_match.h \
	src/process/server_process.c \
	src/process/server_process.h
libprocess_la_CPPFLAGS = $(product_cppflags)
libprocess_la_CFLAGS = $(product_cflags)

libhublog_la_SOURCES = \
	src/hublog/log_line.c \
	src/hublog/log_line.h \
	src/hublog/log_path.c \
	src/hublog/log_path.h \
	src/hublog/log_tail.c \
	src/hublog/log_tail.h \
	src/hublog/log_window.c \
	src/hublog/log_window.h
libhublog_la_CPPFLAGS = $(product_cppflags)
libhublog_la_CFLAGS = $(product_cflags)

libhub_la_SOURCES = \
	src/hub/api_members.c \
	src/hub/api_members.h \
	src/hub/api_parser.c \
	src/hub/api_parser.h \
	src/hub/hub_processes.c \
	src/hub/hub_processes.h \
	src/hub/hub_values.c \
	src/hub/hub_values.h \
	src/hub/json_stream.c \
	src/hub/json_stream.h \
	src/hub/poller.c \
	src/hub/poller.h \
	src/hub/server_history.c \
	src/hub/server_history.h \
	src/hub/server_selection.c \
	src/hub/server_selection.h \
	src/hub/snapshot.c \
	src/hub/snapshot.h \
	src/hub/text_store.c \
	src/hub/text_store.h \
	src/hub/windowed_ratio.c \
	src/hub/windowed_ratio.h
libhub_la_CPPFLAGS = $(product_cppflags)
libhub_la_CFLAGS = $(product_cflags)

libstore_la_SOURCES = \
	src/store/read.c \
	src/store/rescue.c \
	src/store/rows.h \
	src/store/schema.c \
	src/store/statements.def \
	src/store/store.c \
	src/store/store.h \
	src/store/store_internal.h \
	src/store/write.c
libstore_la_CPPFLAGS = $(product_cppflags)
libstore_la_CFLAGS = $(product_cflags) $(SQLITE3_CFLAGS)

librules_la_SOURCES = \
	src/rules/builtin_rules.c \
	src/rules/builtin_rules.h \
	src/rules/glob.c \
	src/rules/glob.h \
	src/rules/inhibition.c \
	src/rules/inhibition.h \
	src/rules/json_keys.c \
	src/rules/json_keys.h \
	src/rules/json_position.c \
	src/rules/json_position.h \
	src/rules/json_reader.c \
	src/rules/json_reader.h \
	src/rules/pattern.c \
	src/rules/pattern.h \
	src/rules/rule.c \
	src/rules/rule.h \
	src/rules/rule_check.c \
	src/rules/rule_keys.c \
	src/rules/rule_parser.c \
	src/rules/rule_parser.h \
	src/rules/ruleset.c \
	src/rules/ruleset.h \
	src/rules/template.c \
	src/rules/template.h
librules_la_CPPFLAGS = $(product_cppflags)
librules_la_CFLAGS = $(product_cflags)

libalerts_la_SOURCES = \
	src/alerts/alert.c \
	src/alerts/alert.h \
	src/alerts/anomaly.c \
	src/alerts/anomaly.h \
	src/alerts/engine.c \
	src/alerts/engine.h \
	src/alerts/engine_internal.h \
	src/alerts/engine_rules.c \
	src/alerts/engine_saved.c \
	src/alerts/engine_series.c \
	src/alerts/evaluator.c \
	src/alerts/evaluator.h \
	src/alerts/leak.c \
	src/alerts/leak.h \
	src/alerts/rule_state.c \
	src/alerts/rule_state.h \
	src/alerts/sample.c \
	src/alerts/sample.h \
	src/alerts/origins.c \
	src/alerts/origins.h \
	src/alerts/series.c \
	src/alerts/series.h \
	src/alerts/window.c \
	src/alerts/window.h
libalerts_la_CPPFLAGS = $(product_cppflags)
libalerts_la_CFLAGS = $(product_cflags)

libnotify_la_SOURCES = \
	src/notify/dispatcher.c \
	src/notify/dispatcher.h \
	src/notify/dispatcher_alert.c \
	src/notify/dispatcher_internal.h \
	src/notify/dispatcher_saved.c \
	src/notify/flapping.c \
	src/notify/flapping.h \
	src/notify/message.c \
	src/notify/message.h \
	src/notify/payload.c \
	src/notify/payload.h \
	src/notify/webhook_alert.c \
	src/notify/webhook_messages.c \
	src/notify/webhook_queue.c \
	src/notify/webhook_queue.h \
	src/notify/webhook_queue_internal.h \
	src/notify/webhook_set.c
libnotify_la_CPPFLAGS = $(product_cppflags)
libnotify_la_CFLAGS = $(product_cflags)

libreport_la_SOURCES = \
	src/report/availability.c \
	src/report/availability.h \
	src/report/daily_time.c \
	src/report/daily_time.h \
	src/report/health.c \
	src/report/health.h \
	src/report/hub_report.c \
	src/report/hub_report.h \
	src/report/hub_stats.c \
	src/report/hub_stats.h \
	src/report/hub_stats_figures.def \
	src/report/incidents.c \
	src/report/incidents.h \
	src/report/state_file.c \
	src/report/state_file.h \
	src/report/status_json.c \
	src/report/status_json.h \
	src/report/summary.c \
	src/report/summary.h \
	src/report/thresholds.c \
	src/report/thresholds.h
libreport_la_CPPFLAGS = $(product_cppflags)
libreport_la_CFLAGS = $(product_cflags)

## ---- plugins: the only part that includes collectd's headers ----
plugindir = $(collectd_plugindir)
plugin_LTLIBRARIES = mcp_hub.la mcp_hub_alerts.la
plugin_cppflags = $(product_cppflags) -DHAVE_CONFIG_H $(COLLECTD_CPPFLAGS) \
	-DDEFAULT_RULES='"$(sysconfdir)/collectd/alerts.json"'
plugin_cflags = $(product_cflags) -Wno-pedantic
plugin_ldflags = -module -avoid-version -shared \
	-export-symbols-regex '^module_register$$' $(full_relro)

libplugin_la_SOURCES = \
	src/plugins/adapter.c \
	src/plugins/adapter.h \
	src/plugins/options.c \
	src/plugins/options.h
libplugin_la_CPPFLAGS = $(plugin_cppflags)
libplugin_la_CFLAGS = $(plugin_cflags)

libhubplugin_la_SOURCES = \
	src/plugins/hub_config.c \
	src/plugins/hub_config.h \
	src/plugins/hub_log.c \
	src/plugins/hub_log.h \
	src/plugins/mcp_hub.c
libhubplugin_la_CPPFLAGS = $(plugin_cppflags)
libhubplugin_la_CFLAGS = $(plugin_cflags)

libalertsplugin_la_SOURCES = \
	src/plugins/alerts_config.c \
	src/plugins/alerts_config.h \
	src/plugins/alerts_plugin.h \
	src/plugins/daily_report.c \
	src/plugins/daily_report.h \
	src/plugins/decisions.c \
	src/plugins/decisions.h \
	src/plugins/delivery.c \
	src/plugins/delivery.h \
	src/plugins/gauges.c \
	src/plugins/gauges.h \
	src/plugins/mcp_hub_alerts.c \
	src/plugins/notification_queue.c \
	src/plugins/notification_queue.h \
	src/plugins/persistence.c \
	src/plugins/persistence.h \
	src/plugins/rules_file.c \
	src/plugins/rules_file.h \
	src/plugins/webhook_sender.c \
	src/plugins/webhook_sender.h
libalertsplugin_la_CPPFLAGS = $(plugin_cppflags)
libalertsplugin_la_CFLAGS = $(plugin_cflags)

mcp_hub_la_SOURCES =
mcp_hub_la_LDFLAGS = $(plugin_ldflags)
mcp_hub_la_LIBADD = libhubplugin.la libplugin.la $(hub_libs) $(CURL_LIBS) $(JSONC_LIBS) $(PCRE2_LIBS)

mcp_hub_alerts_la_SOURCES =
mcp_hub_alerts_la_LDFLAGS = $(plugin_ldflags)
mcp_hub_alerts_la_LIBADD = libalertsplugin.la libplugin.la $(alerts_libs) libhttp.la \
	$(CURL_LIBS) $(JSONC_LIBS) $(PCRE2_LIBS) $(SQLITE3_LIBS) -lm

install-data-hook:
	rm -f $(DESTDIR)$(plugindir)/mcp_hub.la $(DESTDIR)$(plugindir)/mcp_hub_alerts.la

uninstall-hook:
	rm -f $(DESTDIR)$(plugindir)/mcp_hub.so $(DESTDIR)$(plugindir)/mcp_hub_alerts.so

## ---- mcphubctl: a client of collectd's socket, without its headers of plugins ----
bin_PROGRAMS = mcphubctl

libctl_la_SOURCES = \
	src/ctl/baseline.c \
	src/ctl/check.c \
	src/ctl/collectd_client.c \
	src/ctl/collectd_client.h \
	src/ctl/csv.c \
	src/ctl/csv.h \
	src/ctl/ctl.h \
	src/ctl/hub_json.c \
	src/ctl/hub_page.c \
	src/ctl/hub_page.h \
	src/ctl/hub_table.c \
	src/ctl/mcphubctl.c \
	src/ctl/output.c \
	src/ctl/output.h \
	src/ctl/page.c \
	src/ctl/page.h \
	src/ctl/page_data.c \
	src/ctl/page_data.h \
	src/ctl/recording.c \
	src/ctl/recording.h \
	src/ctl/rules_check.c \
	src/ctl/rules_input.c \
	src/ctl/rules_input.h \
	src/ctl/rules_replay.c \
	src/ctl/scores.c \
	src/ctl/scores.h \
	src/ctl/status.c \
	src/ctl/status_file.c \
	src/ctl/status_file.h \
	src/ctl/summary.c \
	src/ctl/test_notification.c \
	src/ctl/types_db.c \
	src/ctl/types_db.h \
	src/ctl/watch.c
libctl_la_CPPFLAGS = $(product_cppflags) \
	-DINSTALLED_TYPES='"$(collectdtypesdir)/mcp_hub.db"' \
	-DCOLLECTD_TYPES='"/usr/share/collectd/types.db"'
libctl_la_CFLAGS = $(product_cflags)

mcphubctl_SOURCES = src/ctl/main.c
mcphubctl_CPPFLAGS = $(product_cppflags)
mcphubctl_CFLAGS = $(product_cflags)
mcphubctl_LDFLAGS = $(full_relro)
mcphubctl_LDADD = libctl.la $(alerts_libs) $(JSONC_LIBS) $(PCRE2_LIBS) $(SQLITE3_LIBS) -lm

## ---- print the tables of options and values: data.mk keeps what they print ----
src_metrics_print_values_SOURCES = src/metrics/print_values.c
src_metrics_print_values_CPPFLAGS = $(product_cppflags)
src_metrics_print_values_CFLAGS = $(product_cflags)
src_metrics_print_values_LDADD = libmetrics.la libutil.la
src_plugins_print_options_SOURCES = src/plugins/print_options.c
src_plugins_print_options_CPPFLAGS = $(plugin_cppflags)
src_plugins_print_options_CFLAGS = $(plugin_cflags)
src_plugins_print_options_LDADD = libhubplugin.la libalertsplugin.la libplugin.la \
	$(hub_libs) $(alerts_libs) $(CURL_LIBS) $(JSONC_LIBS) $(PCRE2_LIBS) $(SQLITE3_LIBS) -lm
