# flashflood: see README.md for the two commands, CONTRIBUTING.md for the rest.
#
#   make run       set up, build, check sentry-arroyo 2.36.0 without and with the patch
#   make test      set up, build, all tests
#   make           the driver and the worker for PYTHON (Debian's python3 unless PYTHON=... says otherwise)
#   make fuzz      FUZZ_SECONDS=60 of malformed schedules
#   make tsan-python  CPython 3.13 with ThreadSanitizer, with a GIL and without, and workers for both: some minutes
#   make lint | bench | bench-quick | install PREFIX=... | clean

PYTHON ?= /usr/bin/python3
BUILD ?= build
PREFIX ?= /usr/local
VERSION := 0.1.0

CC := clang
# make V=1 shows the commands.
Q := $(if $(V),,@)
WARN := -Wall -Wextra -Werror -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wno-format-nonliteral
OPT ?= -O2
# SANITIZE=address,undefined builds the driver, the plain worker and the unit tests with them (into a BUILD of its own).
SANITIZE ?=
SANFLAGS := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)
BASE := -std=gnu11 -D_GNU_SOURCE -g $(OPT) $(WARN) -Iharness -I. -MMD -MP
LIBXML_CFLAGS = $(shell pkg-config --cflags libxml-2.0)
LIBXML_LIBS = $(shell pkg-config --libs libxml-2.0)
JANSSON = -ljansson

# ---- which file belongs to which program ----------------------------------------------------------------------------
SHARED := $(wildcard harness/platform/*.c harness/model/*.c)
REPORTS := $(wildcard reports/*.c)
DRIVER := harness/main.c $(wildcard harness/cli/*.c harness/campaign/*.c harness/strategy/*.c) $(REPORTS) $(SHARED)
WORKER := $(wildcard harness/worker/*.c harness/oracle/*.c harness/carrier/*.c harness/strategy/*.c \
            harness/python/*.c harness/tsan/*.c) $(SHARED)
# What hands over control, or runs inside the sanitizer's own report, must be invisible to ThreadSanitizer; and what
# decides at every switch point is not under test: there its instrumentation would only cost.
QUIET := harness/platform/quiet.c harness/platform/rng.c harness/carrier/fiber.c \
         $(filter-out harness/tsan/self_test.c,$(wildcard harness/tsan/*.c)) \
         $(wildcard harness/strategy/*.c harness/python/point*.c harness/python/sched*.c harness/python/virtual*.c \
           harness/python/observe*.c harness/python/sync.c harness/python/real_sync*.c \
           harness/python/lift*.c) \
         harness/python/internals.c harness/python/fleet.c harness/python/poll_origin.c harness/python/code_map.c harness/python/cold.c \
         harness/python/start_name.c $(wildcard harness/python/opcode_*.c) harness/python/frame_peek.c
UNIT := $(wildcard tests/unit/test_*.c)

.DEFAULT_GOAL := all
.PHONY: all driver python-mk worker other-workers tsan-python run test unit observe-test lift-test sync-test fuzz lint bench bench-quick install clean bootstrap tools

# ---- the driver: no Python, no sanitizer ----------------------------------------------------------------------------
driver: $(BUILD)/flashflood

DRIVER_OBJ := $(DRIVER:%.c=$(BUILD)/obj/%.o)
$(BUILD)/obj/%.o: %.c Makefile
	@mkdir -p $(@D); echo "  CC    $@"
	$(Q)$(CC) $(BASE) $(SANFLAGS) $(LIBXML_CFLAGS) -DFF_VERSION='"$(VERSION)"' -c $< -o $@

$(BUILD)/flashflood: $(DRIVER_OBJ)
	@echo "  LINK  $@"
	$(Q)$(CC) $(SANFLAGS) $^ -o $@ $(JANSSON) $(LIBXML_LIBS) -lm

# ---- the worker: one for each (Python, sanitizer) -------------------------------------------------------------------
# An interpreter that is itself built with ThreadSanitizer (scripts/tsan-python) starts without randomised addresses only.
CALM := TSAN_OPTIONS=report_bugs=0 $(shell setarch -R true 2>/dev/null && echo setarch -R)
# The interpreter says how to embed it; a changed answer rebuilds.
PY_TAG = $(shell $(CALM) $(PYTHON) scripts/python_flags.py tag)
PY_MK = $(BUILD)/$(PY_TAG)/python.mk

python-mk:
	@mkdir -p $(BUILD)/$(PY_TAG)
	@$(CALM) $(PYTHON) scripts/python_flags.py > $(PY_MK).new
	@cmp -s $(PY_MK).new $(PY_MK) && rm $(PY_MK).new || mv $(PY_MK).new $(PY_MK)

worker: python-mk
	+@$(MAKE) --no-print-directory PY_MK_IN=$(PY_MK) worker-binaries

ifdef PY_MK_IN
include $(PY_MK_IN)
PLAIN := $(BUILD)/$(PY_TAG)
TSAN := $(BUILD)/$(PY_TAG)-tsan
WORKER_FLAGS = $(BASE) $(PY_CFLAGS) -DFF_PYTHON_BINARY='"$(PY_BINARY)"'
PLAIN_OBJ := $(WORKER:%.c=$(PLAIN)/obj/%.o)
TSAN_OBJ := $(WORKER:%.c=$(TSAN)/obj/%.o)
QUIET_OBJ := $(QUIET:%.c=$(TSAN)/obj/%.o)

# PY_TSAN: that interpreter's library cannot be linked with what has no ThreadSanitizer.
.PHONY: worker-binaries
worker-binaries: $(if $(PY_TSAN),$(TSAN)/suppressions.txt,$(PLAIN)/flashflood-worker) $(TSAN)/flashflood-worker \
                 $(PLAIN)/venv/ready
	@test -e $(BUILD)/default-python || test -n "$(PY_TSAN)" || echo $(PY_TAG) > $(BUILD)/default-python

$(PLAIN)/obj/%.o: %.c Makefile $(PY_MK_IN)
	@mkdir -p $(@D); echo "  CC    $@"
	$(Q)$(CC) $(WORKER_FLAGS) $(SANFLAGS) -c $< -o $@

$(QUIET_OBJ): $(TSAN)/obj/%.o: %.c Makefile $(PY_MK_IN)
	@mkdir -p $(@D); echo "  CC    $@"
	$(Q)$(CC) $(WORKER_FLAGS) -c $< -o $@

$(filter-out $(QUIET_OBJ),$(TSAN_OBJ)): $(TSAN)/obj/%.o: %.c Makefile $(PY_MK_IN)
	@mkdir -p $(@D); echo "  CC    $@"
	$(Q)$(CC) $(WORKER_FLAGS) -fsanitize=thread -c $< -o $@

$(PLAIN)/flashflood-worker: $(PLAIN_OBJ)
	@echo "  LINK  $@"
	$(Q)$(CC) $(SANFLAGS) $^ -o $@ $(JANSSON) $(PY_LDFLAGS) -lm -ldl -lpthread

$(TSAN)/flashflood-worker: $(TSAN_OBJ)
	@echo "  LINK  $@"
	$(Q)$(CC) -fsanitize=thread $^ -o $@ $(JANSSON) $(PY_LDFLAGS) -lm -ldl -lpthread

# The interpreter's own suppressions, and ours: ThreadSanitizer takes one file.
$(TSAN)/suppressions.txt: harness/tsan/suppressions.txt $(PY_SUPPRESSIONS)
	@mkdir -p $(@D)
	$(Q)cat $^ > $@

OBSERVE := $(wildcard harness/python/observe*.c harness/python/lift*.c harness/strategy/*.c) $(SHARED) \
           $(addprefix harness/tsan/,happens_before.c places.c report.c shadow.c) harness/python/sync.c \
           $(wildcard harness/python/opcode_*.c) \
           $(addprefix harness/python/,code_map.c cold.c frame_peek.c exception.c embed.c module.c)
OBSERVE_OBJ := $(OBSERVE:%.c=$(PLAIN)/obj/%.o) $(PLAIN)/obj/tests/python/observe_test.o

SYNC := $(SHARED) $(wildcard harness/python/real_sync*.c) \
        $(addprefix harness/python/,sync.c start_name.c embed.c module.c)
SYNC_OBJ := $(SYNC:%.c=$(PLAIN)/obj/%.o) $(PLAIN)/obj/tests/python/sync_test.o

LIFT_OBJ := $(OBSERVE:%.c=$(PLAIN)/obj/%.o) $(PLAIN)/obj/tests/python/lift_test.o

.PHONY: observe-test-run lift-test-run sync-test-run
observe-test-run: $(PLAIN)/observe_test
	$<

lift-test-run: $(PLAIN)/lift_test
	$<

sync-test-run: $(PLAIN)/sync_test
	$<

$(PLAIN)/observe_test: $(OBSERVE_OBJ)
$(PLAIN)/lift_test: $(LIFT_OBJ)
$(PLAIN)/lift_test: LINK_FLAGS := -Wl,--wrap=lift_touch
$(PLAIN)/sync_test: $(SYNC_OBJ)
$(PLAIN)/observe_test $(PLAIN)/lift_test $(PLAIN)/sync_test:
	@echo "  LINK  $@"
	$(Q)$(CC) $(SANFLAGS) $(LINK_FLAGS) $^ -o $@ $(JANSSON) $(PY_LDFLAGS) -lm -ldl -lpthread

# The environment whose pip fetches releases for this Python.
$(PLAIN)/venv/ready: scripts/requirements.txt
	$(CALM) $(PY_BINARY) -m venv $(PLAIN)/venv
	$(CALM) $(PLAIN)/venv/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@
endif

all: driver worker

# ---- the two commands -----------------------------------------------------------------------------------------------
BARE := sentry-arroyo==2.36.0
PATCHED := $(BARE)+patches/arroyo_processor_fix.patch

bootstrap:
	@scripts/bootstrap

run: bootstrap
	+@$(MAKE) --no-print-directory all
	$(BUILD)/flashflood check $(BARE) $(PATCHED) --expect known

# The same tests from outside twice: on the programs as users have them, and those that are quick on programs built
# with AddressSanitizer and UndefinedBehaviorSanitizer. Tests that concern an interpreter run on each that has a worker.
test: bootstrap
	+@$(MAKE) --no-print-directory all unit fuzz tools
	+@$(MAKE) --no-print-directory other-workers
	+@$(MAKE) --no-print-directory BUILD=$(BUILD)/asan SANITIZE=address,undefined OPT=-O1 all
	$(BUILD)/tools/bin/python -m pytest tests
	FLASHFLOOD=$(BUILD)/asan/flashflood $(BUILD)/tools/bin/python -m pytest tests/e2e -m "not slow and not fetching"

# Workers for a second Python, which is built where none is found, and for each further version that is found.
other-workers:
	@PYTHON=$(PYTHON) scripts/second-python --all > $(BUILD)/other-pythons
	+@while read -r python; do echo "  WORKER FOR $$python"; \
	  $(MAKE) --no-print-directory worker PYTHON=$$python </dev/null || exit 1; done < $(BUILD)/other-pythons

# Interpreters that are themselves built with ThreadSanitizer, and their workers (docs/tsan-python.md).
tsan-python: bootstrap driver
	@mkdir -p $(BUILD); scripts/tsan-python > $(BUILD)/tsan-pythons
	+@while read -r python; do echo "  WORKER FOR $$python"; \
	  $(MAKE) --no-print-directory worker PYTHON=$$python </dev/null || exit 1; done < $(BUILD)/tsan-pythons
	@cat $(BUILD)/tsan-pythons

# ---- tests, lint, benchmark -----------------------------------------------------------------------------------------
# Unit tests of the pure parts, under AddressSanitizer and UndefinedBehaviorSanitizer; what locks, under
# ThreadSanitizer as well.
UNIT_FLAGS := $(BASE) $(LIBXML_CFLAGS) -Wno-missing-prototypes -fno-sanitize-recover=all -fno-omit-frame-pointer
UNIT_LIB := $(SHARED) $(REPORTS) $(addprefix harness/campaign/,grade.c halving.c suppress.c) harness/oracle/ledger.c \
            $(wildcard harness/strategy/*.c) harness/tsan/happens_before.c harness/tsan/places.c
UNIT_NAMES := $(notdir $(UNIT:.c=))
UNIT_ASAN := $(UNIT_NAMES:%=$(BUILD)/unit/%)
UNIT_TSAN := $(BUILD)/unit-tsan/test_quiet

unit: $(UNIT_ASAN) $(UNIT_TSAN)
	@for test in $^; do $$test || exit 1; done
	+@$(MAKE) --no-print-directory observe-test
	+@$(MAKE) --no-print-directory lift-test
	+@$(MAKE) --no-print-directory sync-test

# What the observer of accesses sees, what of it is lifted, and what real threads are told to be ordered by, on the
# interpreter that PYTHON names.
observe-test lift-test sync-test: python-mk
	+@$(MAKE) --no-print-directory PY_MK_IN=$(PY_MK) $@-run

$(BUILD)/unit/obj/%.o: %.c Makefile
	@mkdir -p $(@D); echo "  CC    $@"
	$(Q)$(CC) $(UNIT_FLAGS) -fsanitize=address,undefined -DFF_VERSION='"$(VERSION)"' -c $< -o $@

$(UNIT_ASAN): $(BUILD)/unit/%: $(BUILD)/unit/obj/tests/unit/%.o $(UNIT_LIB:%.c=$(BUILD)/unit/obj/%.o)
	@echo "  LINK  $@"
	$(Q)$(CC) -fsanitize=address,undefined $^ -o $@ $(JANSSON) $(LIBXML_LIBS) -lcmocka -lpthread

$(BUILD)/unit-tsan/test_quiet: tests/unit/test_quiet.c harness/platform/quiet.c harness/oracle/ledger.c \
                               harness/platform/mem.c harness/platform/buf.c \
                               $(addprefix harness/model/,bisection.c matrix.c names.c race.c result.c)
	@mkdir -p $(@D); echo "  LINK  $@"
	$(Q)$(CC) $(filter-out -MMD -MP,$(UNIT_FLAGS)) -c harness/platform/quiet.c -o $(@D)/quiet.o
	$(Q)$(CC) $(filter-out -MMD -MP,$(UNIT_FLAGS)) -fsanitize=thread $(filter-out harness/platform/quiet.c,$^) \
	  $(@D)/quiet.o -o $@ -lcmocka -lpthread

# What reads bytes of unknown origin. New inputs are kept in the build folder, and so is one that fails.
FUZZ_SECONDS ?= 60
FUZZ := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_LIB := $(SHARED) $(wildcard harness/strategy/*.c)

fuzz: $(FUZZ)
	@mkdir -p $(BUILD)/fuzz/corpus; cp tests/fuzz/corpus/* $(BUILD)/fuzz/corpus
	@for fuzz in $^; do echo "  FUZZ  $$fuzz: $(FUZZ_SECONDS) s"; \
	  $$fuzz -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=10 -verbosity=0 -print_final_stats=1 \
	    -dict=tests/fuzz/schedule.dict -artifact_prefix=$$fuzz- $(BUILD)/fuzz/corpus > $$fuzz.log 2>&1 \
	    || { tail -n 60 $$fuzz.log; exit 1; }; grep number_of_executed $$fuzz.log; done

$(BUILD)/fuzz/obj/%.o: %.c Makefile
	@mkdir -p $(@D); echo "  CC    $@"
	$(Q)$(CC) $(UNIT_FLAGS) -fsanitize=fuzzer-no-link,address,undefined -DFF_VERSION='"$(VERSION)"' -c $< -o $@

$(FUZZ): $(BUILD)/fuzz/%: $(BUILD)/fuzz/obj/tests/fuzz/%.o $(FUZZ_LIB:%.c=$(BUILD)/fuzz/obj/%.o)
	@echo "  LINK  $@"
	$(Q)$(CC) -fsanitize=fuzzer,address,undefined $^ -o $@ $(JANSSON) $(LIBXML_LIBS) -lpthread

tools: $(BUILD)/tools/ready
$(BUILD)/tools/ready: tests/requirements.txt
	@echo "  VENV  $(@D)"
	$(Q)$(PYTHON) -m venv $(BUILD)/tools
	$(Q)$(BUILD)/tools/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

C_FILES := $(shell find harness reports tests/unit tests/fuzz tests/python -name '*.[ch]')
TIDY_FILES := $(filter %.c,$(C_FILES))
TIDY_FLAGS := -std=gnu11 -D_GNU_SOURCE -Iharness -I. -DFF_VERSION=\"\" -DFF_PYTHON_BINARY=\"\"
PY_INCLUDE = $(shell $(PYTHON) -c 'import sysconfig; print(sysconfig.get_path("include"))')

lint:
	@scripts/bootstrap lint
	+@$(MAKE) --no-print-directory tools
	clang-format --dry-run -Werror $(C_FILES)
	$(PYTHON) scripts/check_includes.py
	printf '%s\n' $(TIDY_FILES) | xargs -P2 -n8 sh -c \
	  'clang-tidy --quiet --warnings-as-errors="*" "$$@" -- $(TIDY_FLAGS) $(LIBXML_CFLAGS) -isystem $(PY_INCLUDE)' tidy
	$(BUILD)/tools/bin/ruff check scripts scenarios tests
	$(BUILD)/tools/bin/ruff format --check scripts scenarios tests
	shellcheck -x scripts/bootstrap scripts/second-python scripts/tsan-python .ci/run

bench: bootstrap
	+@$(MAKE) --no-print-directory all tools
	$(BUILD)/tools/bin/python scripts/bench.py $(BENCH); stress=$$?; \
	$(BUILD)/tools/bin/python scripts/bench_explore.py $(BENCH) && exit $$stress

# The same in short rounds with wider limits: what a machine that others use can hold.
bench-quick:
	+@$(MAKE) --no-print-directory bench BENCH=--quick

# ---- install ---------------------------------------------------------------------------------------------------------
LIBDIR := $(DESTDIR)$(PREFIX)/lib/flashflood
SHAREDIR := $(DESTDIR)$(PREFIX)/share/flashflood

install: all
	install -D $(BUILD)/flashflood $(DESTDIR)$(PREFIX)/bin/flashflood
	for file in $(PY_TAG)/flashflood-worker $(PY_TAG)-tsan/flashflood-worker $(PY_TAG)-tsan/suppressions.txt; do \
	  [ ! -e $(BUILD)/$$file ] || install -D $(BUILD)/$$file $(LIBDIR)/$$file || exit 1; done
	$(CALM) $(PYTHON) -m venv $(LIBDIR)/$(PY_TAG)/venv
	$(CALM) $(LIBDIR)/$(PY_TAG)/venv/bin/python -m pip install --quiet --disable-pip-version-check -r scripts/requirements.txt
	echo $(PY_TAG) > $(LIBDIR)/default-python
	install -d $(SHAREDIR)/scenarios/support $(SHAREDIR)/scripts $(SHAREDIR)/patches
	install -m 644 scenarios/*.py $(SHAREDIR)/scenarios
	install -m 644 scenarios/support/*.py $(SHAREDIR)/scenarios/support
	install -m 644 scripts/*.py scripts/releases.lock $(SHAREDIR)/scripts
	install -m 644 patches/*.patch $(SHAREDIR)/patches

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -path '*/obj/*.d' 2>/dev/null)
