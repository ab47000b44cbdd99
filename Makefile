# The front door: every target sets up what it needs first. Start with `make help`.
SHELL := /bin/bash
BUILD := build/release
CTEST := ctest --test-dir $(BUILD) --output-on-failure --timeout 300
# Which files lint and fmt look at: everything tracked or new, unless FILES is given.
FILES ?= $(shell git ls-files --cached --others --exclude-standard '*.cpp' '*.hpp')
# Folders of tests/ that start no stack.
UNIT_TESTS := schemas fusion workers daemon

.DEFAULT_GOAL := help
.PHONY: help setup build programs demo lab test check-all bench format locks lint fmt asan asan-all tsan fuzz sandbox

help: ## what there is
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

setup: ## install what is missing (Debian packages)
	@ops/install-deps

configure = mkdir -p build; cmake --preset release $(1) >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
# Made by whoever configures everything: a folder that `make demo` began is configured again.
$(BUILD)/everything: CMakePresets.json | setup
	@$(call configure,-DBGM_DEMO_ONLY=OFF)
	@touch $@

build: $(BUILD)/everything ## a release build in build/release
	@cmake --build $(BUILD)

# What can be tried: half of the sources, and no libtorch.
programs:
	@ops/install-deps --demo
	@test -e $(BUILD)/build.ninja || { $(call configure,-DBGM_DEMO_ONLY=ON); }
	@cmake --build $(BUILD) --target demo_programs

demo: programs ## post a few real posts to a private stack and show what comes out; builds nothing else
	@ops/demo/run

lab: $(BUILD)/everything ## the programs that make and judge models
	@cmake --build $(BUILD) --target lab

test: build ## build and run every test
	@$(CTEST) -j $$(nproc)

check-all: test lab lint locks asan-all tsan ## everything that has to pass and takes hours: .ci/run is the short of it

bench: build lab ## the figures of docs/benchmarks.md, on this machine
	@ops/bench/run

format: setup ## whether every file is formatted, without changing anything
	@ops/install-deps --format
	@clang-format --dry-run -Werror $(FILES)

locks: build ## whether clang can prove that what a lock guards is touched under it
	@ops/install-deps --locks
	@ops/check-locks $(BUILD)

# In a folder of its own: clang cannot read the headers that the compiler has precompiled.
lint: format ## formatting and static analysis, without changing anything
	@ops/install-deps --lint
	@mkdir -p build
	@cmake --preset release -B build/lint -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON > build/lint.log || { cat build/lint.log; exit 1; }
	@cmake --build build/lint --target bgm_messages
	@printf '%s\n' $(filter %.cpp,$(FILES)) | xargs -P $$(nproc) -n 1 clang-tidy --quiet -p build/lint

fmt: ## format every file in place
	@ops/install-deps --format
	@clang-format -i $(FILES)

asan: setup ## the unit tests under the address and undefined-behaviour sanitisers
	@ops/check-sanitised asan $(UNIT_TESTS)

asan-all: setup ## every test under them, but for those of libtorch, which is not instrumented
	@ops/check-sanitised asan

tsan: setup ## the daemon's tests under the thread sanitiser
	@ops/check-sanitised tsan daemon

fuzz: setup ## libFuzzer over every parser of outside bytes, FUZZ_SECONDS (600) each; `ops/fuzz NAME` runs one
	@ops/install-deps --fuzz
	@cmake --preset fuzz
	@cmake --build build/fuzz --target fuzz
	@ops/fuzz

sandbox: programs ## a private stack in build/sandbox that stays up; `ops/sandbox down --dir build/sandbox` ends it
	@ops/sandbox up --dir build/sandbox
