# What people type: `make demo`, `make test`, `make install`. The rest serves those.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build

PREFIX ?= /usr
DESTDIR ?=
VERSION := $(shell cat VERSION)
RELEASE := .build-install
BIN := $(RELEASE)/release
TARBALL := dist/phoenix-$(VERSION).tar.gz
SEEDS ?= 2000
FUZZ_SECONDS ?= 30
LAB := Tests/Lab/lab

.PHONY: build deps servers lint test test-full test-debug test-release fuzz simulate planted-bugs test-lab install dist demo bench campaign clean help

help: ## list the targets
	@awk -F': .*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## install the C libraries that the build needs (Debian, as root)
	@Tests/deps

build: deps ## a debug build
	swift build

lint: ## format, the rules of what may import what, and that the planted bugs still fit the kernel
	swift format lint --strict -r Sources Tests Benchmarks Package.swift
	Tests/import-rules
	Tests/PlantedBugs/plant --places

servers: ## what the suite runs against: nginx, sshd, step-ca, Traefik
	@echo "== servers for the suite"
	@Tests/Lab/lab servers || echo "== some could not be had: the tests that need them are left out"

test: deps servers test-debug fuzz simulate planted-bugs ## the suite in debug, broken bytes, simulated worlds, planted bugs
	@echo "== all tests passed"

test-full: test test-release test-lab ## and the suite in release, and real parts
	@echo "== everything passed"

test-debug: ## the suite in debug, with failpoints
	@echo "== the suite in debug"
	PHOENIX_FAILPOINTS=1 Tests/suite debug

test-release: ## the suite in release: the optimizer has bitten before
	@echo "== the suite in release"
	PHOENIX_FAILPOINTS=1 Tests/suite release

fuzz: ## FUZZ_SECONDS of broken bytes for each parser of foreign ones
	@echo "== $(FUZZ_SECONDS) s of broken bytes for each parser"
	PHOENIX_FAILPOINTS=1 PHOENIX_FUZZ_SECONDS=$(FUZZ_SECONDS) TEST_WIDTH=2 Tests/suite debug --filter '[Ff]uzz'

simulate: ## the kernel in seeded worlds
	@echo "== $(SEEDS) simulated worlds"
	swift build -c release --scratch-path .build-release --product phoenix-simulate
	.build-release/release/phoenix-simulate 1 $(SEEDS)

planted-bugs: ## bugs planted in the kernel, each of which the simulation must catch
	@echo "== planted bugs"
	Tests/PlantedBugs/plant

test-lab: $(BIN)/phoenixd ## real parts: the lab's own proof, and phoenixd as a unit
	@echo "== the lab"
	Tests/Lab/check

$(BIN)/phoenixd: $(shell find Sources -type f) Package.swift VERSION
	swift build -c release --static-swift-stdlib --scratch-path $(RELEASE) --product phoenixd
	swift build -c release --static-swift-stdlib --scratch-path $(RELEASE) --product phoenix
	touch $@

install: deps $(BIN)/phoenixd ## phoenixd, phoenix, units and examples below DESTDIR
	install -D -m755 $(BIN)/phoenixd $(DESTDIR)$(PREFIX)/sbin/phoenixd
	install -D -m755 $(BIN)/phoenix $(DESTDIR)$(PREFIX)/bin/phoenix
	strip $(DESTDIR)$(PREFIX)/sbin/phoenixd $(DESTDIR)$(PREFIX)/bin/phoenix
	install -D -m644 -t $(DESTDIR)$(PREFIX)/lib/systemd/system systemd/phoenixd.service systemd/phoenixd.socket systemd/phoenixd-admin.socket
	install -D -m644 systemd/sysusers.d/phoenix.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/phoenix.conf
	install -D -m644 systemd/tmpfiles.d/phoenix.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/phoenix.conf
	install -D -m644 systemd/phoenix.catalog $(DESTDIR)$(PREFIX)/lib/systemd/catalog/phoenix.catalog
	install -D -m644 docs/man/phoenix.1 $(DESTDIR)$(PREFIX)/share/man/man1/phoenix.1
	install -D -m644 docs/man/phoenixd.8 $(DESTDIR)$(PREFIX)/share/man/man8/phoenixd.8
	rm -rf $(DESTDIR)$(PREFIX)/share/phoenix
	install -d $(DESTDIR)$(PREFIX)/share/phoenix
	cp -r etc/phoenix $(DESTDIR)$(PREFIX)/share/phoenix/example
	cp -r etc/schema $(DESTDIR)$(PREFIX)/share/phoenix/schema

dist: $(TARBALL) ## dist/phoenix-VERSION.tar.gz, to be unpacked at /
	@echo "$(TARBALL)"

$(TARBALL): $(BIN)/phoenixd $(shell find systemd docs/man etc/phoenix etc/schema -type f) Makefile
	rm -rf dist/root && mkdir -p dist/root
	$(MAKE) install DESTDIR=dist/root
	tar --owner=0 --group=0 -C dist/root -czf $@.part . && mv $@.part $@
	rm -rf dist/root

demo: deps dist ## a lab of real parts, phoenixd in it, things broken and seen to heal
	Tests/Demo/demo

bench: deps $(BIN)/phoenixd ## figures; only ratios within one run mean anything
	swift build -c release --static-swift-stdlib --scratch-path $(RELEASE) --product phoenix-benchmark
	Benchmarks/bench

campaign: deps ## what takes long: 100,000 worlds, sanitizers, fuzzing, 500 kills
	Tests/campaign

clean: ## remove what was built; the lab's cache too
	rm -rf .build .build-* dist .lab
