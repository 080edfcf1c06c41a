.DEFAULT_GOAL := help
TOOLS := Tests/Tools
CONFIGURATION := $(if $(RELEASE),release,debug)
export SWIFTSCALE_DATA_DIR ?= $(CURDIR)/data

.PHONY: help setup packages run up down build release test interop check fmt bench fuzz clean

help: ## print this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install the system packages that are missing
	@$(TOOLS)/install-packages

packages:
	@$(TOOLS)/install-packages build

run: packages ## build and start a server in the foreground (RELEASE=1: optimised; data in ./data)
	@$(TOOLS)/run-server $(CONFIGURATION)

up: ## build and start the split shape: bus, database, a process a service (data in ./data/up)
	@$(TOOLS)/install-packages build up
	@UP_CONFIGURATION=$(CONFIGURATION) compose/native/up

down: ## end what `make up` started; the data stays
	@compose/native/down

build: packages ## build everything for development
	swift build

release: packages ## build the optimised program
	swift build -c release --product swiftscale

test: setup ## build and run all tests
	@$(TOOLS)/run-tests

interop: setup ## run the official Rust client against the server (SHAPE=one or split)
	@$(TOOLS)/interop $(SHAPE)

check: setup ## format, architecture, deployment files and, with CLEAN=1, undeclared imports
	@$(TOOLS)/run-checks

fmt: ## format all sources
	swift format -i -p -r Services Shared Tests

bench: packages ## run the benchmarks
	swift run -c release swiftscale-bench

fuzz: packages ## fuzz the decoders (TARGET=name, SECONDS=60)
	@$(TOOLS)/run-fuzz "$(TARGET)" "$(or $(SECONDS),60)"

clean: ## remove what was built
	swift package clean
