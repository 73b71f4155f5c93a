# Two commands do everything: `make run` shows the program at work, `make test` runs every test.
# `make lint` and `make bench` are for developers. System packages are installed where they are missing.

SHELL := /bin/bash
.DEFAULT_GOAL := help
export CARGO_TERM_COLOR ?= auto

# What building needs, what the tests drive, and what only the benchmark compares with.
BUILD_PACKAGES := build-essential pkg-config libssl-dev perl ca-certificates
TEST_PACKAGES := git strace hashdeep libheif-examples libjpeg-turbo-progs libjxl-tools openssl python3-venv xz-utils zstd
BENCH_PACKAGES := hashdeep libvips-tools sqlite3 libsqlite3-dev python3-venv
DEMO := target/demo

.PHONY: help run test lint bench build system-build system-test system-bench toolchain

help:
	@echo "make run    builds Zeef and shows it at work on a demonstration case"
	@echo "make test   runs every test"
	@echo "make lint   formatting, clippy, licences and sources of dependencies"
	@echo "make bench  measures Zeef beside its peers"

# $(call install,PACKAGES): installs those that are missing, as root or by sudo.
define install
missing=""; for package in $(1); do \
  dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q "ok installed" || missing="$$missing $$package"; done; \
if [ -n "$$missing" ]; then \
  sudo=""; [ "$$(id -u)" = 0 ] || sudo=sudo; \
  $$sudo apt-get update -qq && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null || \
  { echo "These packages could not be installed (as root, or by sudo):$$missing"; exit 1; }; fi
endef

system-build:
	@$(call install,$(BUILD_PACKAGES))

system-test: system-build
	@$(call install,$(TEST_PACKAGES))

system-bench: system-build
	@$(call install,$(BENCH_PACKAGES))

toolchain:
	@command -v cargo >/dev/null || { echo "Rust 1.95 or newer is needed: install it with rustup, then run this again."; exit 1; }

build: system-build toolchain
	cargo build --workspace --bins --locked

run: build
	@rm -rf $(DEMO)
	@target/debug/zeef demo $(DEMO)

test: system-test build
	@tests/run

lint: system-build toolchain
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	@command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
	cargo deny --offline --config .deny.toml check bans licenses sources
	cargo test --locked -p zeef-tests --test tidy

bench: system-bench toolchain
	cargo build --release --workspace --bins --examples --locked
	python3 tests/bench/run.py $(BENCH)
