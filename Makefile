# spatioscope: everything from a fresh Debian 12 with Swift. `make` lists the commands.

SWIFT ?= swift
# `make install` puts the program under this folder.
PREFIX ?= /usr/local

RELEASE := .build-release
PROGRAM := $(RELEASE)/release/spatioscope

BUILD_PACKAGES := libncurses-dev libpcap-dev liblz4-dev libzstd-dev zlib1g-dev pkg-config ncurses-base
TEST_PACKAGES := tmux ncurses-term ncurses-bin tcpdump tshark python3 python3-cryptography zstd lz4 gzip procps \
	iproute2 libcap2-bin nftables sudo
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
# Installs what is missing of $(1), and does nothing when nothing is.
install-packages = @missing=$$(for package in $(1); do \
	dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || echo $$package; done); \
	[ -z "$$missing" ] || { echo "installing" $$missing; \
	$(SUDO) apt-get update -qq && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $$missing >/dev/null; }

.PHONY: help demo build test lint bench install packages test-packages clean

help:
	@echo "make demo     build, and watch a simulated space live"
	@echo "make test     run every test"
	@echo "make bench    measure, each figure beside its reference"
	@echo "make install  install the program under PREFIX ($(PREFIX))"
	@echo "make lint     check the format of the sources"

demo: build
	$(PROGRAM) demo

build: packages
	$(SWIFT) build -c release --static-swift-stdlib --scratch-path $(RELEASE) --product spatioscope

test: test-packages
	$(SWIFT) test --parallel

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests

bench: build
	$(SWIFT) build -c release --static-swift-stdlib --scratch-path $(RELEASE) --product SpatioscopeBench
	$(RELEASE)/release/SpatioscopeBench $(PARTS)

install: build
	$(SUDO) install -D -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/spatioscope
	@echo "To capture from interfaces without sudo (live, record): sudo setcap cap_net_raw+ep $(DESTDIR)$(PREFIX)/bin/spatioscope"
	@echo "It lets whoever may run the program see this machine's traffic; the program gives it up once interfaces are open."

packages:
	$(call install-packages,$(BUILD_PACKAGES))

test-packages: packages
	$(call install-packages,$(TEST_PACKAGES))

clean:
	rm -rf .build $(RELEASE)
