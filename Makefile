# The front door. `make help` lists the verbs; CMake builds, one target a module.
#
#   PORT   where nginx listens (8080), and the public URL with it where no other is set
#   DATA   database, keys, logs and sockets (var)
#   PREFIX where `make install` puts programs (/usr/local), below DESTDIR
#
# Several may run side by side with different ones.

DATA ?= var
SECONDS ?= 60
RUNS ?= 0
REQUESTS ?= 200000
PREFIX ?= /usr/local
# Without PORT the settings hold (DATA/latchkey.toml), whose default is 8080 as well.
ifneq ($(origin PORT),undefined)
export LATCHKEY_PORT := $(PORT)
endif

LATCHKEY := build/release/bin/latchkey

.DEFAULT_GOAL := help
.PHONY: help deps build install deb run start stop status check test asan asan-unit fuzz fuzz-smoke fuzz-requests format style lint bench capacity timeline small ladder proofs walk clean tests-built fuzzers-built
MAKEFLAGS += --no-print-directory

help: ## list the verbs
	@echo "Latchkey: single sign-on for a suite of products, on one small machine."
	@echo
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{ printf "  make %-13s %s\n", $$1, $$2 }'
	@echo
	@echo "  PORT=8080 and DATA=var choose the port and the data folder of run, start, stop and status."

deps: ## install the missing Debian packages that running needs
	@tools/install-packages run

# One folder for what runs and what is tested: what `make run` compiled, `make check` has.
build: deps ## build the programs into build/release
	@TARGET=programs tools/build build/release

install: build ## install with systemd units, as PREFIX= and DESTDIR= say (docs/install.md)
	@DESTDIR='$(DESTDIR)' cmake --install build/release --prefix '$(PREFIX)' >build/install.log || { cat build/install.log >&2; exit 1; }
	@[ -n '$(DESTDIR)' ] || echo "Installed below $(PREFIX). Next: systemd-sysusers && systemd-tmpfiles --create && /lib/systemd/systemd-sysctl 50-latchkey.conf && systemctl daemon-reload"

deb: ## build a Debian package into build/deb; SUITE=trixie: for that release, as root, into build/deb-trixie
	@tools/install-packages run deb
	@tools/deb $(SUITE)

run: build ## start everything with a demo to try, in the foreground; Ctrl-C stops it
	@exec $(LATCHKEY) --data '$(DATA)' run --demo

start: build ## the same in the background; returns when it answers
	@exec $(LATCHKEY) --data '$(DATA)' run --demo --background

stop: ## stop what runs on DATA; returns when all of it is gone
	@if [ -x $(LATCHKEY) ]; then exec $(LATCHKEY) --data '$(DATA)' stop; else exec tools/stop-unbuilt '$(DATA)'; fi

status: build ## show processes, queue, commits and checkpoints
	@exec $(LATCHKEY) --data '$(DATA)' status

tests-built:
	@tools/install-packages run test
	@tools/build build/release -DLATCHKEY_TESTS=ON

check: tests-built ## install what the tests need, build, run every test
	@tools/run-tests build/release

test: ## the unit tests alone
	@tools/install-packages run test
	@TARGET=unit_tests tools/build build/release -DLATCHKEY_TESTS=ON
	@tools/run-tests build/release --label-regex unit

# By clang: libFuzzer is a part of it, and one build serves the fuzzers and the tests.
sanitized := -DCMAKE_CXX_COMPILER=clang++ -DLATCHKEY_SANITIZE=ON -DLATCHKEY_WERROR=OFF -DLATCHKEY_TESTS=ON

asan: ## every test under AddressSanitizer and UndefinedBehaviorSanitizer
	@tools/install-packages run test fuzz
	@tools/build build/asan $(sanitized)
	@tools/run-tests build/asan

asan-unit: ## the unit tests alone under them
	@tools/install-packages run test fuzz
	@TARGET=unit_tests tools/build build/asan $(sanitized)
	@tools/run-tests build/asan --label-regex unit

fuzzers-built:
	@tools/install-packages run test fuzz
	@TARGET=fuzzers tools/build build/asan $(sanitized)

fuzz: fuzzers-built ## libFuzzer on each parser, SECONDS=60 each or RUNS= inputs, ONLY="json form"; COVERAGE=1: the lines reached
	@tools/fuzz build/asan --seconds $(SECONDS) --runs $(RUNS) $(ONLY)
ifdef COVERAGE
	@TARGET=fuzzers tools/build build/coverage $(sanitized) -DLATCHKEY_COVERAGE=ON
	@tools/fuzz build/coverage --coverage --kept build/asan $(ONLY)
endif

fuzz-smoke: fuzzers-built ## the same with 8,000 inputs each, of the same seed each time
	@tools/fuzz build/asan --smoke

fuzz-requests: tests-built ## REQUESTS=200000 whole requests as nobody should send them, through nginx: no child may die
	@tests/faults/strangers.py --bin build/release/bin --requests $(REQUESTS)

format: ## format the C++ sources
	@git ls-files '*.cc' '*.h' | xargs clang-format -i

style: ## format, width, layers and shell scripts, in seconds
	@tools/install-packages style
	@tools/style

lint: ## the same and clang-tidy; warnings are errors
	@tools/install-packages run test style lint
	@tools/lint build/lint

bench: tests-built ## measure requests per second beside a bare FastCGI echo (docs/performance.md)
	@tools/install-packages bench
	@exec loadtest/bench --bin build/release/bin $(BENCH)

capacity: tests-built ## find the rate that this machine carries with a promise kept
	@exec loadtest/capacity --bin build/release/bin $(CAPACITY)

timeline: tests-built ## ten minutes of the mix, a line a second, with plots
	@tools/install-packages bench
	@exec loadtest/timeline --bin build/release/bin $(TIMELINE)

small: tests-built ## one processor with 1 GB, and a disk that takes 20 ms an fsync
	@exec loadtest/small --bin build/release/bin $(SMALL)

ladder: tests-built ## the stages of the load story, each under the same load, with plots
	@tools/install-packages bench
	@exec loadtest/ladder/run --bin build/release/bin $(LADDER)

proofs: tests-built ## kills, power cuts, disks and clocks in trouble, overload, many tenants: the long form
	@exec tests/faults/all --bin build/release/bin

walk: deb ## docs/install.md on a fresh Debian (SUITE) in a container with systemd, as root
	@tests/install/walk $(addprefix --suite ,$(SUITE)) build/deb$(addprefix -,$(SUITE))/latchkey_*.deb || [ $$? = 77 ]

clean: ## remove what was built; DATA stays
	@rm -rf build
