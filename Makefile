# Build output is in dist/, the stacks synthesized for the local AWS in cdk.out/ and dist/cdk.sample/, and the data of local runs in .local/.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --jobs=2 --no-print-directory

# The configuration file, for example make deploy CONFIG=workflow/prod.yaml.
ifneq ($(filter views serve,$(MAKECMDGOALS)),) # views and serve use the configuration of the last run
CONFIG ?= $(or $(shell cat dist/config 2>/dev/null),workflow/pipeline.yaml)
endif
CONFIG ?= workflow/pipeline.yaml
# The database for make run and make serve, for example DATABASE=mysql://user@host:port/database. Default: the sample database.
# make does not expand it, because a password can contain $.
DATABASE ?=
override export DATABASE := $(value DATABASE)
# The engine of the local Athena for make run, views and serve, for example ENGINE=trino. Default: DuckDB.
engine = $(if $(ENGINE),--engine $(ENGINE))
# Options for the CDK CLI, for example in a CI job: make deploy CDK_FLAGS='--require-approval never'.
CDK_FLAGS ?=
# The folder for stacks that are deployed. cdk.out/ is for the local AWS.
CDK_OUT ?= dist/cdk.out

FUNCTIONS := findsnapshot startexport checkexport startcrawler checkcrawler createviews prune notify

VERSION := $(shell cat VERSION)

# If there is no home folder, for example in a container, Go and the CDK keep their caches in dist/.
ifneq ($(shell [ -w "$${HOME:-}" ] && echo yes),yes)
export HOME := $(CURDIR)/dist/home
export GOFLAGS := $(GOFLAGS) -modcacherw
endif

# With less frequent garbage collection, the compiler uses more memory and a quarter less time.
GO := GOGC=400 go

# newer expands to "always" if a file in the folders is newer than the target. A list of files as prerequisites would fail: make splits
# file names at spaces, and an editor's lock file can be a link to a file that does not exist.
newer   = $(if $(shell find -L $(2) -newer $(1) 2>/dev/null | head -n 1),always)
# sources does the same for source files. It ignores the configuration and the user-defined views, because they are not part of any binary.
sources = $(call newer,$(1),$(2) -type f -not -name '*_test.go' -not -path '*/testdata/*' -not -name '*.yaml' -not -path '*/views/*') go.work

# Packages with concurrent code are tested with the race detector. The others are not, because the race detector makes tests slow.
PLAIN := ./workflow/... ./infra/... ./local ./local/bench ./local/internal/cloud/... ./local/internal/runs/... ./local/internal/source/... ./local/internal/trino/...
RACE  := ./functions/... $(patsubst %,./local/internal/%/...,account athena athenaclient clock cloudformation events export fault glue iam lambda rds s3 sns stepfunctions wire)

# Suppresses the CDK's end-of-life warning for Node.js 20, which still works.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

# The CDK runs make build (see cdk.json), which must not inherit the variables of this make.
CDK := env -u MAKEFLAGS -u MAKELEVEL node_modules/.bin/cdk
DEPLOYED = --context config=$(CONFIG) --output $(CDK_OUT) $(CDK_FLAGS)

.PHONY: help
help: ## Print this help.
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo 'To use a configuration file other than workflow/pipeline.yaml, set CONFIG, for example CONFIG=workflow/prod.yaml.'
	@echo "To deploy without confirmation, set CDK_FLAGS='--require-approval never'."

# last is the folder with the stack of the last run, and stack is the folder for make run.
last = $(or $(shell cat .local/lake/assembly 2>/dev/null),dist/cdk.sample)
stack = $(if $(DATABASE),cdk.out,dist/cdk.sample)

.PHONY: run
run: $(stack)/manifest.json dist/bin/.built ## Run the workflow locally, with the sample or DATABASE=mysql://user@host/database.
	@dist/bin/local run --assembly $(stack) --source $(if $(DATABASE),"$$DATABASE",sample) $(engine)

.PHONY: views
views: $(last)/manifest.json dist/bin/.built ## Create all views from the exports of the last run, and show what changes.
	@dist/bin/local views $(engine)

.PHONY: serve
serve: $(if $(DATABASE),cdk.out,$(last))/manifest.json dist/bin/.built ## Keep a local AWS running, for the AWS CLI and SDKs.
	@dist/bin/local serve $(if $(DATABASE),--source "$$DATABASE") $(engine)

# The tests with and without the race detector run in parallel: some packages compile while others wait for a clock or for processes.
.PHONY: check
check: checks test ## Run all checks and tests. Use it before each commit.

.PHONY: test
test: plain race ## Run the tests of all modules.

stacks := cdk.out/manifest.json dist/cdk.sample/manifest.json dist/cdk.test/manifest.json
tested := $(stacks) dist/bin/.built dist/bin/doctor dist/trino.cjs

# These tests skip vet, because the checks target already runs go vet.
.PHONY: plain
plain: $(tested)
	$(GO) test -vet=off $(PLAIN)

# By default, a process with the race detector sleeps for a second at exit to catch races in goroutines that are still running. This adds
# up for 30 test binaries and the processes that they start.
.PHONY: race
race: $(tested)
	GORACE=atexit_sleep_ms=0 $(GO) test -vet=off -race $(RACE)

.PHONY: checks
checks: $(tested) dist/staticcheck
	@echo 'gofmt'; files=$$(gofmt -l functions infra local workflow); [ -z "$$files" ] || { echo "not formatted: $$files"; exit 1; }
	@echo 'asl-validator'; node_modules/.bin/asl-validator --json-path workflow/pipeline.asl.json
	@echo 'go vet'; $(GO) vet work && $(GO) vet -tags engine,trino ./local/... && $(GO) vet -tags deploy ./infra
	@echo 'staticcheck'; GOGC=400 dist/staticcheck work

# The settings of make matrix, make soak and make bench. make check executes only part of the matrix.
RUNS   ?= 1000
SEED   ?= 1
ENVS   ?= 2
UPDATE ?=
ONLY   ?=
whole = $(GO) test -count=1 -v -timeout=80m ./local/internal/runs -run

.PHONY: matrix
matrix: dist/cdk.test/manifest.json dist/bin/.built ## Run the failure matrix: each call fails with each applicable fault.
	$(whole) '^(TestMatrix|TestCrawler_RunsOfOneSourceAllEnd)$$' -whole $(if $(UPDATE),-update) $(if $(ONLY),-only '$(ONLY)')

.PHONY: soak
soak: dist/cdk.test/manifest.json dist/bin/.built ## Execute many runs with random faults, for example with RUNS=1000 SEED=1.
	$(whole) '^TestSoak$$' -runs $(RUNS) -seed $(SEED) -envs $(ENVS)

# Trino is downloaded once, to the user's cache folder, which make clean does not delete.
.PHONY: trino
trino: $(stacks) dist/bin/.built dist/trino.cjs ## Compare the default engine and the databases with Trino.
	@.ci/with-databases env GOGC=400 go test -count=1 -timeout=30m -v -tags trino -run 'Trino|MariaDB|PostgreSQL' ./local
	@$(GO) test -count=1 -timeout=10m -tags trino ./local/internal/trino
	@$(GO) test -count=1 -timeout=10m -tags trino -run 'ServeTrino|ExplainAnalyze|RequiresPermissions|CalledVia|CancelsQuery|GetQueryResults_(Pages|Reads|Names)|View_|StoresView|Partitions' ./local/internal/athena

# If MariaDB is installed, the export of a MariaDB database is also measured. One benchmark runs make, which must not inherit the variables
# of this make.
bench_in = $(if $(shell PATH=$$PATH:/usr/sbin command -v mariadbd),.ci/with-mariadb --)

.PHONY: bench
bench: $(stacks) dist/bin/.built dist/lambda/.built ## Run the benchmarks, and write docs/performance.md and docs/cost.md.
	@env -u MAKEFLAGS -u MAKELEVEL $(bench_in) go run ./local/bench $(if $(ONLY),-only '$(ONLY)') $(if $(UPDATE),-update)

# The time for each fuzz target. The minimization of inputs is limited below, because it is slow and not useful here.
FUZZTIME ?= 30s

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME, by default 30s.
	@for dir in $$(grep -rl --include='*_test.go' '^func Fuzz' functions local workflow | xargs -n1 dirname | sort -u); do \
	  for target in $$(go test -list '^Fuzz' "./$$dir" | grep '^Fuzz'); do \
	    echo "$$dir $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x "./$$dir"; \
	  done; done

.PHONY: synth
synth: cdk.out/manifest.json ## Write the CloudFormation template to cdk.out/.

.PHONY: version
version: ## Print the version.
	@echo $(VERSION)

.PHONY: doctor
doctor: dist/bin/doctor $(CONFIG) ## Check your AWS account, before and after a deployment.
	@dist/bin/doctor --config $(CONFIG)

.PHONY: bootstrap
bootstrap: deployable ## Bootstrap the CDK, once per AWS account and Region.
	$(CDK) bootstrap $(DEPLOYED)

.PHONY: diff
diff: deployable ## Show what make deploy would change.
	$(CDK) diff $(DEPLOYED)

.PHONY: deploy
deploy: deployable ## Deploy the stack to your AWS account.
	$(CDK) deploy $(DEPLOYED)

.PHONY: destroy
destroy: deployable dist/bin/destroyreport ## List what remains after the stack is deleted, then delete the stack.
	@dist/bin/destroyreport $(CONFIG)
	$(CDK) destroy $(DEPLOYED)

.PHONY: deployable
deployable: $(CONFIG) build node_modules/.package-lock.json

$(CONFIG):
	@echo '$@ does not exist; set CONFIG, for example make deploy CONFIG=workflow/prod.yaml'; exit 1

.PHONY: build
build: dist/bin/infra dist/lambda/.built dist/trino.cjs ## Build the functions and the CDK app for a deployment.

.PHONY: clean
clean: ## Delete build output, the data of local runs, and node_modules.
	rm -rf dist cdk.out .local node_modules

# Checks for the required tools first, because later errors are harder to read.
.PHONY: tools
tools:
	@command -v go >/dev/null || { echo 'Go is missing: install Go 1.26 or newer (https://go.dev/dl)'; exit 1; }
	@v=$$({ go env GOVERSION 2>/dev/null || go version; } | sed -n 's/.*go1\.\([0-9]*\).*/\1/p'); [ "$${v:-26}" -ge 26 ] || { echo "Go 1.$$v is too old: install Go 1.26 or newer (https://go.dev/dl), or unset GOTOOLCHAIN"; exit 1; }
	@command -v node >/dev/null || { echo 'Node.js is missing: install Node.js 20 or newer (https://nodejs.org)'; exit 1; }
	@node -e 'if (+process.versions.node.split(".")[0] < 20) { console.log(`Node.js $${process.versions.node} is too old: install Node.js 20 or newer (https://nodejs.org)`); process.exit(1) }'

# Only the local AWS needs a C compiler, to link DuckDB. The functions, the CDK app and the doctor are built without cgo.
.PHONY: compiler
compiler: | tools
	@command -v "$$(go env CC)" >/dev/null || { echo "a C compiler is missing ($$(go env CC)): install gcc, or set CC=clang, because DuckDB needs a C compiler"; exit 1; }
	@[ "$$(go env CGO_ENABLED)" = 1 ] || { echo 'CGO_ENABLED is 0: unset it, or set CGO_ENABLED=1, because DuckDB needs cgo'; exit 1; }

node_modules/.package-lock.json: package.json package-lock.json | tools
	@command -v npm >/dev/null || { echo 'npm is missing: install npm, which the CDK command line, the SQL parser and the tests need (https://nodejs.org)'; exit 1; }
	@echo 'installing the CDK command line and the SQL parser'; npm ci --ignore-scripts --silent --no-fund --no-audit
	@touch $@

# Runs the CDK app as the CDK command line does (CDK guide, "cdk.json"). With the context local=true, the app accepts the placeholder
# account, and the functions' binaries in the template are placeholders, because the local AWS starts the binaries in dist/bin. Therefore,
# the synthesis needs neither the CDK command line nor the functions for Lambda. $(call synthesize,CONFIG,FOLDER,CONTEXT)
context = {...require("./cdk.json").context, "aws:cdk:enable-path-metadata": true, "aws:cdk:enable-asset-metadata": true, config: process.argv[1], local: "true", $(3)}
synthesize = CDK_OUTDIR=$(2) CDK_CONTEXT_JSON="$$(node -p 'JSON.stringify($(context))' $(1))" dist/bin/infra

# The CDK's validation takes ten times as long as the synthesis. Only make deploy and the synthesis of the tests' stack run it.
# The SQL of user-defined views is parsed, which needs npm. The stacks of the sample and the tests skip this step: tests parse their SQL.
cdk.out/manifest.json: $(CONFIG) $(call newer,cdk.out/manifest.json,$(dir $(CONFIG))views) dist/config
cdk.out/manifest.json: $(if $(shell find -L $(dir $(CONFIG))views -name '*.sql' 2>/dev/null | head -n 1),dist/trino.cjs)
	@echo 'synthesizing the stack'; CDK_VALIDATION=false $(call synthesize,$(CONFIG),$(@D))
	@touch $@

dist/cdk.sample/manifest.json: local/sample/pipeline.yaml $(call newer,dist/cdk.sample/manifest.json,local/sample/views)
	@echo 'synthesizing the stack of the sample'; CDK_VALIDATION=false $(call synthesize,$<,$(@D),checkSQL: "false")
	@touch $@

# The stack for the tests has every kind of source.
dist/cdk.test/manifest.json: local/testdata/pipeline.yaml $(call newer,dist/cdk.test/manifest.json,local/testdata/views)
	@echo 'synthesizing the stack of the tests'; $(call synthesize,$<,$(@D),checkSQL: "false")
	@touch $@

$(stacks): cdk.json dist/bin/infra dist/local/.built

dist/local/.built: Makefile
	@for f in $(FUNCTIONS); do mkdir -p dist/local/lambda/$$f; : >dist/local/lambda/$$f/bootstrap; done
	@touch $@

# dist/config contains the name of the configuration file from which cdk.out/ was synthesized. If CONFIG is a different file, the stack is
# synthesized again.
dist/config: always
	@mkdir -p dist; [ ! -e '$(CONFIG)' ] || echo '$(CONFIG)' | cmp -s - $@ || echo '$(CONFIG)' >$@
.PHONY: always

# Builds the functions for deployment. The build is reproducible: the same sources produce the same bytes on every machine.
dist/lambda/.built: $(call sources,dist/lambda/.built,functions workflow) | tools
	@echo 'building the functions for Lambda'; mkdir -p dist/arm64
	@CGO_ENABLED=0 GOOS=linux GOARCH=arm64 $(GO) build -trimpath -buildvcs=false -tags lambda.norpc -ldflags '-s -w' -o dist/arm64 $(FUNCTIONS:%=./functions/%)
	@for f in $(FUNCTIONS); do mkdir -p dist/lambda/$$f; ln -f dist/arm64/$$f dist/lambda/$$f/bootstrap; done # Creates hard links instead of copies, because most binaries do not change.
	@touch $@

# Builds binaries for this machine.
HOST := $(GO) build -v -buildvcs=false -ldflags '-w -X main.version=$(VERSION)'
# Prints a line for every 50 packages that go build compiles for a program, and the other output of go build. $(call progress,PROGRAM)
progress = 2>&1 | awk '/^[^ ]+$$/ {if (++n % 50 == 0) {print "  $(1): " n " packages compiled"; fflush()}; next} {print; fflush()}'
# Describes what a first build waits for. $(call first,TEXT)
first = $(if $(wildcard $@),, (the first time, $(1)))

# The targets that also build the local AWS first check for the C compiler, so that a missing compiler is reported before a long build.
dist/bin/infra: $(call sources,dist/bin/infra,infra workflow) VERSION | $(if $(filter run views serve,$(MAKECMDGOALS)),compiler,tools)
	@echo 'building the CDK app$(call first,this downloads 120 MB of Go modules and compiles for about a minute)'; mkdir -p dist/bin
	@CGO_ENABLED=0 $(HOST) -o dist/bin ./infra $(call progress,the CDK app)
	@touch $@

dist/bin/doctor: $(call sources,dist/bin/doctor,infra workflow)
dist/bin/destroyreport: $(call sources,dist/bin/destroyreport,infra workflow)
dist/bin/doctor dist/bin/destroyreport: | tools
	@echo 'building $(@F)'; mkdir -p dist/bin
	@CGO_ENABLED=0 $(HOST) -o dist/bin ./infra/$(@F) $(call progress,$(@F))
	@touch $@

dist/bin/.built: $(call sources,dist/bin/.built,functions local workflow) VERSION | compiler
	@echo 'building the local AWS$(call first,this downloads 130 MB of Go modules and compiles for about two minutes)'; mkdir -p dist/bin
	@$(HOST) -tags lambda.norpc -o dist/bin $(FUNCTIONS:%=./functions/%) ./local $(call progress,the local AWS)
	@touch $@

# Bundles the parser for the SQL of user-defined views.
dist/trino.cjs: workflow/sqlsyntax/parse.mjs workflow/sqlsyntax/functions.txt node_modules/.package-lock.json
	@echo 'bundling the SQL parser'; node_modules/.bin/esbuild $< --bundle --platform=node --format=cjs --log-level=warning --outfile=$@

# staticcheck is in a separate module, so that it is not a dependency of the deployed code.
dist/staticcheck: .ci/go.mod .ci/go.sum | tools
	@GOWORK=off $(GO) build -C .ci -o ../$@ honnef.co/go/tools/cmd/staticcheck
