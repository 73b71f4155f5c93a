# Two commands do everything: `make run` opens the program on a demonstration case, `make test` runs every test.
# `make lint`, `make bench` and `make shots` are for developers, `make package` for whoever installs it elsewhere. System
# packages are installed where they are missing.

SHELL := /bin/bash
.DEFAULT_GOAL := help
export CARGO_TERM_COLOR ?= auto

# What building needs, what the tests drive, and what only the benchmark compares with.
BUILD_PACKAGES := build-essential pkg-config libssl-dev perl ca-certificates libwebkit2gtk-4.1-dev
TEST_PACKAGES := git strace hashdeep libheif-examples libjpeg-turbo-progs libjxl-tools openssl python3-venv xz-utils zstd \
  webkit2gtk-driver xvfb age minisign qpdf poppler-utils
BENCH_PACKAGES := hashdeep libvips-tools sqlite3 libsqlite3-dev python3-venv webkit2gtk-driver xvfb
PACKAGE_PACKAGES := dpkg-dev binutils
DEMO := target/demo

# The pages of the window are built with Node 20.19 or newer. Where the system has none, an own one is fetched by npm.
NODE_VERSION := 20.20.2
NODE_ARCHITECTURE := $(patsubst aarch64,arm64,$(patsubst x86_64,x64,$(shell uname -m)))
NODE_HOME := target/node/node_modules/node-linux-$(NODE_ARCHITECTURE)/bin
export PATH := $(CURDIR)/$(NODE_HOME):$(PATH)
UI_SOURCES = $(shell find ui/src ui/messages ui/project.inlang ui/public ui/scripts ui/index.html ui/*.ts ui/*.json \
  -type f -not -path 'ui/src/paraglide/*' -not -path 'ui/project.inlang/cache/*' 2>/dev/null)

.PHONY: help run test lint bench shots package build pages system-build system-test system-bench system-package toolchain node

help:
	@echo "make run      builds Zeef and opens it on a demonstration case; without a screen, shows it at work in the terminal"
	@echo "make test     runs every test"
	@echo "make package  makes a .deb in target/package"
	@echo "make lint     formatting, clippy, licences and sources of dependencies"
	@echo "make bench    measures Zeef beside its peers"
	@echo "make shots    takes the pictures of every view in ui/screenshots"

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

system-package: system-build
	@$(call install,$(PACKAGE_PACKAGES))

toolchain:
	@command -v cargo >/dev/null || { echo "Rust 1.95 or newer is needed: install it with rustup, then run this again."; exit 1; }

# $(call node_is_new): whether a Node is there that is new enough.
define node_is_new
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null
endef

node: system-build
	@command -v npm >/dev/null || { $(call install,nodejs npm); }
	@$(node_is_new) || npm install --silent --no-save --no-audit --no-fund --prefix target/node \
	  node-linux-$(NODE_ARCHITECTURE)@$(NODE_VERSION)
	@$(node_is_new) || { echo "Node 20.19 or newer is needed: install it, then run this again."; exit 1; }

ui/node_modules/.package-lock.json: ui/package-lock.json | node
	cd ui && npm ci --no-audit --no-fund
	@touch $@

ui/dist/index.html: ui/node_modules/.package-lock.json $(UI_SOURCES) | node
	cd ui && npm run --silent build
	@touch $@

pages: ui/dist/index.html

# The same features and the same profile in every call: to build the window twice takes minutes.
build: system-build toolchain pages
	cargo build --workspace --bins --locked

run: build
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then exec target/debug/zeef-window --demonstration; \
	else rm -rf $(DEMO) && target/debug/zeef demo $(DEMO); fi

test: system-test build
	@tests/run

lint: system-build toolchain pages
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	@command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
	cargo deny --offline --config .deny.toml check bans licenses sources
	cargo test --locked -p zeef-tests --test tidy

bench: system-bench toolchain pages
	cargo build --workspace --bins --examples --locked
	cargo build --release --workspace --bins --examples --locked
	python3 tests/bench/run.py $(BENCH)

shots: system-test build
	cd ui && npm run --silent screenshots

# The custodian's program is not in it, and its query engine takes longer to build than all the others.
package: system-package toolchain pages
	cargo build --release --workspace --locked --bin zeef --bin zeef-decode --bin zeef-sync --bin zeef-window
	@src-tauri/packaging/deb release target/package
