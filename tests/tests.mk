## SPDX-License-Identifier: MIT
## Tests: unit tests are programs of their own, the rest is pytest.
## A test of src/DIR/X.c is tests/unit/DIR/test_X.c.

AM_CPPFLAGS = -I$(srcdir)/src -I$(srcdir)/tests/unit $(FORTIFY_CPPFLAGS)
AM_CFLAGS = $(base_cflags) $(CMOCKA_CFLAGS) $(JSONC_CFLAGS) $(CURL_CFLAGS) $(PCRE2_CFLAGS) $(SQLITE3_CFLAGS)
LDADD = libplugin.la $(hub_libs) $(alerts_libs) \
	$(CMOCKA_LIBS) $(CURL_LIBS) $(JSONC_LIBS) $(PCRE2_LIBS) $(SQLITE3_LIBS) -lpthread -lm

check_PROGRAMS += $(unit_tests)
TESTS = $(unit_tests)
unit_tests = \
	tests/cost/test_hub \
	tests/cost/test_process \
	tests/fault/test_alerts \
	tests/fault/test_ctl \
	tests/fault/test_http_client \
	tests/fault/test_log_tail \
	tests/fault/test_mcp_hub \
	tests/fault/test_mcp_hub_alerts \
	tests/fault/test_poller \
	tests/fault/test_webhook_sender \
	tests/unit/alerts/test_anomaly \
	tests/unit/alerts/test_engine \
	tests/unit/alerts/test_engine_model \
	tests/unit/alerts/test_engine_rates \
	tests/unit/alerts/test_engine_rules \
	tests/unit/alerts/test_engine_silence \
	tests/unit/alerts/test_leak \
	tests/unit/alerts/test_origins \
	tests/unit/alerts/test_threshold_defects \
	tests/unit/alerts/test_window \
	tests/unit/alerts/test_window_model \
	tests/unit/ctl/test_collectd_client \
	tests/unit/ctl/test_csv \
	tests/unit/ctl/test_page \
	tests/unit/ctl/test_recording \
	tests/unit/http/test_client \
	tests/unit/http/test_engine \
	tests/unit/http/test_http_options \
	tests/unit/hub/test_api_members \
	tests/unit/hub/test_api_parser \
	tests/unit/hub/test_api_parser_model \
	tests/unit/hub/test_hub_processes \
	tests/unit/hub/test_json_stream \
	tests/unit/hub/test_poller \
	tests/unit/hub/test_poller_debug \
	tests/unit/hub/test_server_history \
	tests/unit/hub/test_server_selection \
	tests/unit/hub/test_windowed_ratio \
	tests/unit/hublog/test_log_line \
	tests/unit/hublog/test_log_path \
	tests/unit/hublog/test_log_tail \
	tests/unit/metrics/test_identifier \
	tests/unit/metrics/test_metric \
	tests/unit/notify/test_dispatcher \
	tests/unit/notify/test_dispatcher_model \
	tests/unit/notify/test_flapping \
	tests/unit/notify/test_message \
	tests/unit/notify/test_payload \
	tests/unit/notify/test_webhook_queue \
	tests/unit/notify/test_webhook_queue_model \
	tests/unit/plugins/test_heap \
	tests/unit/plugins/test_month \
	tests/unit/plugins/test_options \
	tests/unit/plugins/test_rules_file \
	tests/unit/plugins/test_webhook_sender \
	tests/unit/process/test_command_line \
	tests/unit/process/test_hub_process \
	tests/unit/process/test_process_tree \
	tests/unit/process/test_procfs \
	tests/unit/process/test_server_config \
	tests/unit/process/test_server_match \
	tests/unit/process/test_server_process \
	tests/unit/report/test_availability \
	tests/unit/report/test_daily_time \
	tests/unit/report/test_health \
	tests/unit/report/test_hub_stats \
	tests/unit/report/test_incidents \
	tests/unit/report/test_state_file \
	tests/unit/report/test_status_json \
	tests/unit/report/test_summary \
	tests/unit/report/test_thresholds \
	tests/unit/rules/test_glob \
	tests/unit/rules/test_json_position \
	tests/unit/rules/test_pattern \
	tests/unit/rules/test_ruleset \
	tests/unit/rules/test_ruleset_errors \
	tests/unit/rules/test_shipped_rules \
	tests/unit/store/test_power \
	tests/unit/store/test_store \
	tests/unit/util/test_closest_match \
	tests/unit/util/test_duration \
	tests/unit/util/test_file \
	tests/unit/util/test_file_read_at \
	tests/unit/util/test_format \
	tests/unit/util/test_json \
	tests/unit/util/test_json_syntax \
	tests/unit/util/test_regex \
	tests/unit/util/test_serialize \
	tests/unit/util/test_strbuf \
	tests/unit/util/test_timestamp \
	tests/unit/util/test_utf8

AM_TESTS_ENVIRONMENT = \
	ASAN_OPTIONS=detect_stack_use_after_return=1; export ASAN_OPTIONS; \
	UBSAN_OPTIONS=print_stacktrace=1; export UBSAN_OPTIONS;

## pytest: the simulated hub's own tests, then both plugins in a real collectd.
## MCP_HUB_TESTS=unit leaves it out. MCP_HUB_NPM: where the hub from npm is kept.
check-local: check-TESTS check-tables
	$(AM_V_at)test "x$$MCP_HUB_TESTS" = xunit || { \
	MCP_HUB_BUILD=$(abs_builddir) MCP_HUB_SANITIZERS=$(SANITIZERS) \
	MCP_HUB_NPM=$${MCP_HUB_NPM:-$(abs_builddir)/npm} \
	$(PYTHON3) -B -m pytest -q -p no:cacheprovider $(PYTEST_WORKERS) $(PYTEST_FLAGS) $(srcdir)/tests; }
## Side by side: most of the time they wait.
PYTEST_WORKERS = -n 8 --dist loadgroup
PYTEST_FLAGS =
## Preloaded into the collectd of a test.
check_LTLIBRARIES = tests/integration/hasten.la
tests_integration_hasten_la_SOURCES = tests/integration/hasten.c
tests_integration_hasten_la_LDFLAGS = -module -avoid-version -shared -rpath $(abs_builddir)

EXTRA_DIST += \
	tests/unit/alerts/engine_fixture.h \
	tests/unit/alerts/engine_model.h \
	tests/unit/hub/api_bodies.h \
	tests/unit/hub/api_reference.h \
	tests/unit/hub/json_reference.h \
	tests/unit/hub/poller_scene.h \
	tests/unit/hub/received.h \
	tests/unit/process/fake_proc.h \
	tests/unit/random.h \
	tests/unit/report/note_incident.h \
	tests/unit/rules/parse_rules.h \
	tests/unit/unit.h \
	tests/coverage/never tests/coverage/run tests/debian/names.sh tests/debian/run tests/demo tests/fuzz tests/hubsim \
	tests/integration tests/nab/run tests/package/hardening tests/package/run \
	tests/package/trial tests/package/trial.service tests/package/watch tests/pytest.ini \
	tests/soak/ends tests/soak/run tests/soak/trend.py tests/soak/world.py tests/tsan/run

ctl_tests_ldadd = libctl.la $(LDADD)
tests_unit_ctl_test_page_SOURCES = tests/unit/ctl/test_page.c
tests_unit_ctl_test_page_LDADD = $(ctl_tests_ldadd)
tests_unit_ctl_test_csv_SOURCES = tests/unit/ctl/test_csv.c
tests_unit_ctl_test_csv_LDADD = $(ctl_tests_ldadd)
tests_unit_ctl_test_recording_SOURCES = tests/unit/ctl/test_recording.c
tests_unit_ctl_test_recording_LDADD = $(ctl_tests_ldadd)
tests_unit_ctl_test_collectd_client_SOURCES = tests/unit/ctl/test_collectd_client.c
tests_unit_ctl_test_collectd_client_LDADD = $(ctl_tests_ldadd)

http_world = tests/unit/http/world.c tests/unit/http/world.h
tests_unit_http_test_client_SOURCES = tests/unit/http/test_client.c $(http_world)
tests_unit_http_test_engine_SOURCES = tests/unit/http/test_engine.c $(http_world)
tests_unit_http_test_http_options_SOURCES = tests/unit/http/test_http_options.c $(http_world)

hub_plugin_ldadd = libhubplugin.la $(LDADD)
alerts_plugin_ldadd = libalertsplugin.la $(LDADD)
tests_unit_ctl_test_collectd_client_LDFLAGS = -Wl,--wrap=recv -Wl,--wrap=clock_gettime
tests_unit_plugins_test_options_CPPFLAGS = $(AM_CPPFLAGS) $(COLLECTD_CPPFLAGS)
tests_unit_plugins_test_heap_CPPFLAGS = $(AM_CPPFLAGS) -DHAVE_CONFIG_H $(COLLECTD_CPPFLAGS)
tests_unit_plugins_test_heap_CFLAGS = $(AM_CFLAGS) -Wno-pedantic
tests_unit_plugins_test_heap_LDADD = $(hub_plugin_ldadd)
tests_unit_plugins_test_month_SOURCES = tests/unit/plugins/test_month.c \
	tests/bench/heap.c tests/bench/heap.h
tests_unit_plugins_test_month_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/bench
tests_unit_plugins_test_rules_file_LDADD = $(alerts_plugin_ldadd)
tests_unit_plugins_test_webhook_sender_LDADD = $(alerts_plugin_ldadd)
tests_unit_rules_test_shipped_rules_CPPFLAGS = $(AM_CPPFLAGS) \
	-DSHIPPED_RULES='"$(abs_srcdir)/collectd.conf.d/alerts.json"'
store_test_sources = tests/unit/store/faulty_vfs.c tests/unit/store/faulty_vfs.h
tests_unit_store_test_power_SOURCES = tests/unit/store/test_power.c $(store_test_sources)
tests_unit_store_test_store_SOURCES = tests/unit/store/test_store.c $(store_test_sources)
tests_unit_util_test_file_LDFLAGS = -Wl,--wrap=write
tests_unit_util_test_file_read_at_LDFLAGS = -Wl,--wrap=pread

## ---- while calls of the C library fail, each in its turn ----
fault_sources = tests/fault/fault.c tests/fault/fault.h
adapter_cppflags = $(AM_CPPFLAGS) -DHAVE_CONFIG_H $(COLLECTD_CPPFLAGS) -I$(srcdir)/tests/adapter
adapter_cflags = $(AM_CFLAGS) -Wno-pedantic
stub_sources = tests/adapter/stub.c tests/adapter/stub.h
tests_fault_test_alerts_SOURCES = tests/fault/test_alerts.c $(fault_sources)
tests_fault_test_ctl_SOURCES = tests/fault/test_ctl.c $(fault_sources)
tests_fault_test_ctl_LDADD = $(ctl_tests_ldadd)
tests_fault_test_http_client_SOURCES = tests/fault/test_http_client.c tests/fault/server.h $(fault_sources)
tests_fault_test_log_tail_SOURCES = tests/fault/test_log_tail.c $(fault_sources)
tests_fault_test_poller_SOURCES = tests/fault/test_poller.c $(fault_sources)
tests_fault_test_webhook_sender_SOURCES = tests/fault/test_webhook_sender.c tests/fault/server.h \
	$(fault_sources)
tests_fault_test_webhook_sender_LDADD = $(alerts_plugin_ldadd)
tests_fault_test_webhook_sender_LDFLAGS = -Wl,--wrap=clock_gettime
tests_fault_test_mcp_hub_SOURCES = tests/fault/test_mcp_hub.c $(fault_sources) $(stub_sources)
tests_fault_test_mcp_hub_CPPFLAGS = $(adapter_cppflags)
tests_fault_test_mcp_hub_CFLAGS = $(adapter_cflags)
tests_fault_test_mcp_hub_LDADD = $(hub_plugin_ldadd)
tests_fault_test_mcp_hub_LDFLAGS = -Wl,--wrap=clock_gettime -Wl,--wrap=curl_global_init
tests_fault_test_mcp_hub_alerts_SOURCES = tests/fault/test_mcp_hub_alerts.c \
	$(fault_sources) $(stub_sources)
tests_fault_test_mcp_hub_alerts_CPPFLAGS = $(adapter_cppflags)
tests_fault_test_mcp_hub_alerts_CFLAGS = $(adapter_cflags)
tests_fault_test_mcp_hub_alerts_LDADD = $(alerts_plugin_ldadd)
tests_fault_test_mcp_hub_alerts_LDFLAGS = -Wl,--wrap=clock_gettime

## ---- what foreign text costs, in steps and bytes ----
## The sources once more, with each step counted.
check_LTLIBRARIES += libcounted.la
libcounted_la_SOURCES = $(libhub_la_SOURCES) $(libhublog_la_SOURCES) $(libprocess_la_SOURCES) \
	$(libmetrics_la_SOURCES) $(libutil_la_SOURCES)
libcounted_la_CPPFLAGS = -I$(srcdir)/src
libcounted_la_CFLAGS = $(product_cflags) $(CURL_CFLAGS) -fsanitize-coverage=trace-pc
cost_cppflags = $(AM_CPPFLAGS) -I$(srcdir)/tests
cost_sources = tests/cost/cost.c tests/cost/cost.h tests/bench/heap.c tests/bench/heap.h
cost_ldadd = libcounted.la libhttp.la libutil.la \
	$(CMOCKA_LIBS) $(CURL_LIBS) $(JSONC_LIBS) $(PCRE2_LIBS) -lm
cost_ldflags = -Wl,@$(srcdir)/tests/cost/wrapped
EXTRA_DIST += tests/cost/wrapped
tests_cost_test_hub_SOURCES = tests/cost/test_hub.c $(cost_sources)
tests_cost_test_hub_CPPFLAGS = $(cost_cppflags)
tests_cost_test_hub_LDADD = $(cost_ldadd)
tests_cost_test_hub_LDFLAGS = $(cost_ldflags)
tests_cost_test_process_SOURCES = tests/cost/test_process.c $(cost_sources)
tests_cost_test_process_CPPFLAGS = $(cost_cppflags)
tests_cost_test_process_LDADD = $(cost_ldadd)
tests_cost_test_process_LDFLAGS = $(cost_ldflags)

## ---- mcp_hub_alerts in a collectd that tests/adapter/stub.c plays ----
check_PROGRAMS += tests/adapter/kill tests/adapter/threads
tests_adapter_kill_SOURCES = tests/adapter/kill.c $(stub_sources)
tests_adapter_kill_CPPFLAGS = $(adapter_cppflags)
tests_adapter_kill_CFLAGS = $(adapter_cflags)
tests_adapter_kill_LDADD = $(alerts_plugin_ldadd)
tests_adapter_kill_LDFLAGS = -Wl,--wrap=clock_gettime -Wl,--wrap=rename \
	-Wl,--wrap=delivery_is_busy
tests_adapter_threads_SOURCES = tests/adapter/threads.c $(stub_sources)
tests_adapter_threads_CPPFLAGS = $(adapter_cppflags)
tests_adapter_threads_CFLAGS = $(adapter_cflags)
tests_adapter_threads_LDADD = $(alerts_plugin_ldadd)
tests_adapter_threads_LDFLAGS = -Wl,--wrap=clock_gettime

## ---- what it costs: built by tests/bench/run ----
## Names, as the folder also holds what was built.
EXTRA_DIST += \
	tests/bench/alerts.py tests/bench/asked.py tests/bench/collector.py \
	tests/bench/conftest.py tests/bench/fleet.py tests/bench/growth.py tests/bench/memory.py \
	tests/bench/payload.py tests/bench/program.py tests/bench/run \
	tests/bench/scripts.py tests/bench/scripts.sh tests/bench/table.py \
	tests/bench/test_bench.py tests/bench/ways.py tests/bench/whole.py
EXTRA_PROGRAMS = tests/bench/alerts tests/bench/cost tests/bench/hubs tests/bench/memory
CLEANFILES += $(EXTRA_PROGRAMS)
tests_bench_alerts_SOURCES = tests/bench/alerts.c tests/bench/heap.c tests/bench/heap.h
tests_bench_alerts_LDADD = $(alerts_libs) $(JSONC_LIBS) $(PCRE2_LIBS) $(SQLITE3_LIBS) -lm
tests_bench_cost_SOURCES = tests/bench/cost.c tests/bench/hubread.c tests/bench/hubread.h
tests_bench_cost_LDADD = $(hub_libs) $(CURL_LIBS) $(JSONC_LIBS) $(PCRE2_LIBS)
tests_bench_hubs_SOURCES = tests/bench/hubs.c
tests_bench_hubs_LDADD =
tests_bench_memory_SOURCES = tests/bench/memory.c tests/bench/heap.c tests/bench/heap.h \
	tests/bench/hubread.c tests/bench/hubread.h
tests_bench_memory_LDADD = $(hub_libs) $(CURL_LIBS) $(JSONC_LIBS) $(PCRE2_LIBS)
