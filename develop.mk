## SPDX-License-Identifier: MIT
## Targets for the people who work on the code: see CONTRIBUTING.md. They run in
## any build folder; `make tables` and `make check-tables` are in data.mk.
.PHONY: lint analyze format check-format bench fuzz

## Some kinds only: LINT="shell man". tests/lint/run says which there are. (make
## itself has a LINT, which this one replaces.)
LINT = shell python man layers c
lint: compile_flags.txt $(man5_MANS)
	$(AM_V_at)BUILD=$(abs_builddir) $(srcdir)/tests/lint/run $(LINT)
analyze: compile_flags.txt
	$(AM_V_at)BUILD=$(abs_builddir) $(srcdir)/tests/lint/run analyzer

## The flags of all of src/, for clang-tidy and for editors that use clangd.
compile_flags.txt: Makefile
	$(AM_V_GEN)printf '%s\n' -std=gnu11 $(DEFS) $(plugin_cppflags) $(libctl_la_CPPFLAGS) \
	-U_FORTIFY_SOURCE $(CURL_CFLAGS) $(JSONC_CFLAGS) >$@.tmp && mv $@.tmp $@
CLEANFILES += compile_flags.txt lint.log

## Versions of clang-format differ: this one decides.
CLANG_FORMAT = clang-format-14
c_files = find $(srcdir)/src $(srcdir)/tests -name '*.[ch]'
format:
	$(AM_V_at)$(c_files) -exec $(CLANG_FORMAT) -i {} +
check-format:
	$(AM_V_at)$(c_files) -exec $(CLANG_FORMAT) --dry-run -Werror {} +

## All rows. Of some only, and shorter: BENCH="--quick payload memory".
bench: all
	$(AM_V_at)MCP_HUB_BUILD=$(abs_builddir) $(srcdir)/tests/bench/run $(BENCH)

## 20 seconds a target. One of them, for a minute: FUZZ="60 ruleset". clang
## compiles everything again, into fuzz/ of the build folder.
fuzz:
	$(AM_V_at)BUILD=$(abs_builddir)/fuzz $(srcdir)/tests/fuzz/run $(FUZZ)
clean-local:
	rm -rf fuzz

EXTRA_DIST += tests/lint/run
