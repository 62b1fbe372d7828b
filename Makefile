# Everything that is built lies in dist/, what the CDK synthesized for the local AWS in cdk.out/, what ran locally in .local/.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --jobs=2 --no-print-directory

# The configuration: make deploy CONFIG=workflow/prod.yaml
CONFIG ?= workflow/pipeline.yaml
# Options for the CDK CLI, for example in a CI job: make deploy CDK_FLAGS='--require-approval never'
CDK_FLAGS ?=
# Deployments are synthesized here; cdk.out/ belongs to the local AWS.
CDK_OUT ?= dist/cdk.out

FUNCTIONS := findsnapshot startexport checkexport startcrawler checkcrawler createviews prune notify

VERSION := $(shell cat VERSION)

# The compiler collects its garbage less often: it takes more memory, and a quarter less time.
GO := GOGC=400 go

# Expands to always when something in these folders is newer than the target. A list of the files would not do: make splits it at the
# spaces in their names, and an editor's lock is a link to a file that does not exist.
newer   = $(if $(shell find -L $(2) -newer $(1) 2>/dev/null | head -n 1),always)
# The same for sources. The configuration and the user's views are left out: they go into the layer, and no binary holds them.
sources = $(call newer,$(1),$(2) -type f -not -name '*_test.go' -not -path '*/testdata/*' -not -path 'workflow/*.yaml' -not -path 'workflow/views/*') go.work

# What runs several things at once is tested with the race detector. The embedded MySQL server would take minutes to compile for
# it, so what imports that is not: it runs nothing at once of its own.
PLAIN := ./workflow/... ./infra/... ./local ./local/bench ./local/internal/cloud/... ./local/internal/runs/... ./local/internal/source/... ./local/internal/trino/...
RACE  := ./functions/... $(patsubst %,./local/internal/%/...,account athena athenaclient clock cloudformation events export fault glue iam lambda rds s3 sns stepfunctions wire)

# Node 20 still works, and the CDK says at every start that it is old. Those who have it cannot do anything about it here.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

# The CDK calls make build, by cdk.json, as a make of its own.
CDK := env -u MAKEFLAGS -u MAKELEVEL node_modules/.bin/cdk
DEPLOYED = --context config=$(CONFIG) --output $(CDK_OUT) $(CDK_FLAGS)

.PHONY: help
help: ## Print this.
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo 'CONFIG=workflow/prod.yaml uses this configuration instead of workflow/pipeline.yaml,'
	@echo "CDK_FLAGS='--require-approval never' deploys without questions."

.PHONY: run
run: synth dist/bin/.built ## Run the workflow once on this machine, over the sample database.
	@dist/bin/local run

.PHONY: views
views: synth dist/bin/.built ## Create all views over the lake of the last run, and show what changes.
	@dist/bin/local views

.PHONY: serve
serve: synth dist/bin/.built ## Keep a local AWS running, for the AWS CLI and SDKs.
	@dist/bin/local serve

# The tests with and without the race detector go side by side: some wait for a clock or for processes, others compile meanwhile.
.PHONY: check
check: checks test ## Run all checks and tests, before a commit.

.PHONY: test
test: plain race ## Run the tests of all modules.

tested := synth dist/cdk.test/manifest.json dist/bin/.built dist/bin/doctor dist/trino.cjs

# go vet runs in make checks.
.PHONY: plain
plain: $(tested)
	$(GO) test -vet=off $(PLAIN)

# A process with the race detector in it sleeps for a second before it ends, so that goroutines which nobody waits for can still be
# caught at something. There are 30 test binaries, and processes that they start.
.PHONY: race
race: $(tested)
	GORACE=atexit_sleep_ms=0 $(GO) test -vet=off -race $(RACE)

.PHONY: checks
checks: $(tested) dist/staticcheck
	@echo 'gofmt'; files=$$(gofmt -l functions infra local workflow); [ -z "$$files" ] || { echo "not formatted: $$files"; exit 1; }
	@echo 'asl-validator'; node_modules/.bin/asl-validator --json-path workflow/pipeline.asl.json
	@echo 'go vet'; $(GO) vet work
	@echo 'staticcheck'; GOGC=400 dist/staticcheck work

# The tests of whole runs, of which make check executes a part.
RUNS   ?= 1000
SEED   ?= 1
WORLDS ?= 2
UPDATE ?=
ONLY   ?=
whole = $(GO) test -count=1 -v -timeout=80m ./local/internal/runs -run

.PHONY: matrix
matrix: synth dist/cdk.test/manifest.json dist/bin/.built ## Run the failure matrix: each call with each fault that fits it.
	$(whole) '^(TestMatrix|TestCrawler_RunsOfOneSourceAllEnd)$$' -whole $(if $(UPDATE),-update) $(if $(ONLY),-only '$(ONLY)')

.PHONY: soak
soak: synth dist/cdk.test/manifest.json dist/bin/.built ## Execute many runs with random faults: RUNS=1000 SEED=1
	$(whole) '^TestSoak$$' -runs $(RUNS) -seed $(SEED) -worlds $(WORLDS)

# With MariaDB on the machine, its export is measured, too. One benchmark runs make, as a user does: without what this make passes down.
bench_in = $(if $(shell PATH=$$PATH:/usr/sbin command -v mariadbd),.ci/with-mariadb --)

.PHONY: bench
bench: synth dist/cdk.test/manifest.json dist/bin/.built dist/lambda/.built ## Run the benchmarks, and write docs/performance.md and docs/cost.md.
	@env -u MAKEFLAGS -u MAKELEVEL $(bench_in) go run ./local/bench $(if $(ONLY),-only '$(ONLY)') $(if $(UPDATE),-update)

# What reads what others wrote is given anything. Go's minimizing takes long here and helps nobody.
FUZZTIME ?= 30s

.PHONY: fuzz
fuzz: ## Run each fuzz target for a while: FUZZTIME=30s
	@for dir in $$(grep -rl --include='*_test.go' '^func Fuzz' functions local workflow | xargs -n1 dirname | sort -u); do \
	  for target in $$(go test -list '^Fuzz' "./$$dir" | grep '^Fuzz'); do \
	    echo "$$dir $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x "./$$dir"; \
	  done; done

.PHONY: synth
synth: cdk.out/manifest.json ## Write the CloudFormation template into cdk.out/.

.PHONY: version
version: ## Print the version.
	@echo $(VERSION)

.PHONY: doctor
doctor: dist/bin/doctor $(CONFIG) ## Check your AWS account, before and after a deployment.
	@dist/bin/doctor --config $(CONFIG)

.PHONY: bootstrap
bootstrap: deployable ## Bootstrap the CDK in your AWS account and Region, once.
	$(CDK) bootstrap $(DEPLOYED)

.PHONY: diff
diff: deployable ## Show what make deploy would change.
	$(CDK) diff $(DEPLOYED)

.PHONY: deploy
deploy: deployable ## Deploy the stack into your AWS account.
	$(CDK) deploy $(DEPLOYED)

.PHONY: destroy
destroy: deployable dist/bin/destroyreport ## Delete the stack, after a report of what it leaves.
	@dist/bin/destroyreport $(CONFIG)
	$(CDK) destroy $(DEPLOYED)

.PHONY: deployable
deployable: $(CONFIG) build node_modules/.package-lock.json

$(CONFIG):
	@echo '$@ does not exist; set CONFIG, for example make deploy CONFIG=workflow/prod.yaml'; exit 1

.PHONY: build
build: dist/bin/infra dist/lambda/.built ## Build what is deployed: the functions and the CDK app.

.PHONY: clean
clean: ## Remove everything that was built, downloaded for Node, or run.
	rm -rf dist cdk.out .local node_modules

# What the project needs, said in one line each before anything fails in a way that is harder to read.
.PHONY: tools
tools:
	@command -v go >/dev/null || { echo 'Go is missing: install Go 1.26 or newer (https://go.dev/dl)'; exit 1; }
	@command -v node >/dev/null || { echo 'Node is missing: install Node 20 or newer (https://nodejs.org)'; exit 1; }
	@node -e 'if (+process.versions.node.split(".")[0] < 20) { console.log(`Node $${process.versions.node} is too old: install Node 20 or newer (https://nodejs.org)`); process.exit(1) }'

# Only the local AWS needs a compiler, to link DuckDB. What is deployed and the doctor are built without cgo.
.PHONY: compiler
compiler: | tools
	@command -v "$$(go env CC)" >/dev/null || { echo "a C compiler is missing ($$(go env CC)): install gcc or clang; DuckDB is linked with it"; exit 1; }

node_modules/.package-lock.json: package.json package-lock.json | tools
	@echo 'installing the CDK command line'; npm ci --ignore-scripts --silent --no-fund --no-audit
	@touch $@

cdk.out/manifest.json: $(CONFIG) $(call newer,cdk.out/manifest.json,$(dir $(CONFIG))views) dist/config cdk.json dist/bin/infra dist/lambda/.built node_modules/.package-lock.json
	@echo 'synthesizing the stack'; $(CDK) synth --quiet --context config=$(CONFIG)
	@touch $@

# Which configuration cdk.out/ is of: with another one it is made anew.
dist/config: always
	@mkdir -p dist; echo '$(CONFIG)' | cmp -s - $@ || echo '$(CONFIG)' >$@
.PHONY: always

# A stack with every kind of source, for tests. One after the other: both write the layer's folder.
dist/cdk.test/manifest.json: local/testdata/pipeline.yaml $(call newer,dist/cdk.test/manifest.json,local/testdata/views) cdk.json dist/bin/infra dist/lambda/.built node_modules/.package-lock.json | cdk.out/manifest.json
	@echo 'synthesizing the stack of the tests'; $(CDK) synth --quiet --context config=$< --output $(@D)
	@touch $@

# The functions as they are deployed: the same bytes of the same sources, wherever they are built.
dist/lambda/.built: $(call sources,dist/lambda/.built,functions workflow) | tools
	@echo 'building the functions for Lambda'; mkdir -p dist/arm64
	@CGO_ENABLED=0 GOOS=linux GOARCH=arm64 $(GO) build -trimpath -buildvcs=false -tags lambda.norpc -ldflags '-s -w' -o dist/arm64 $(FUNCTIONS:%=./functions/%)
	@for f in $(FUNCTIONS); do mkdir -p dist/lambda/$$f; ln -f dist/arm64/$$f dist/lambda/$$f/bootstrap; done # a link: Go links anew only what has changed
	@touch $@

# What runs on this machine.
HOST := $(GO) build -buildvcs=false -ldflags '-w -X main.version=$(VERSION)'

dist/bin/infra: $(call sources,dist/bin/infra,infra workflow) VERSION | tools
	@echo 'building the CDK app'; mkdir -p dist/bin
	@CGO_ENABLED=0 $(HOST) -o dist/bin ./infra
	@touch $@

dist/bin/doctor: $(call sources,dist/bin/doctor,infra workflow)
dist/bin/destroyreport: $(call sources,dist/bin/destroyreport,infra workflow)
dist/bin/doctor dist/bin/destroyreport: | tools
	@echo 'building $(@F)'; mkdir -p dist/bin
	@CGO_ENABLED=0 $(HOST) -o dist/bin ./infra/$(@F)
	@touch $@

dist/bin/.built: $(call sources,dist/bin/.built,functions local workflow) VERSION | dist/bin/infra compiler
	@echo 'building the local AWS'; $(HOST) -tags lambda.norpc -o dist/bin $(FUNCTIONS:%=./functions/%) ./local
	@touch $@

# The parser of Trino's grammar, for tests.
dist/trino.cjs: local/internal/trino/parse.mjs node_modules/.package-lock.json
	@echo 'bundling the SQL parser'; node_modules/.bin/esbuild $< --bundle --platform=node --format=cjs --log-level=warning --outfile=$@

# A module of its own: what checks the code is no part of what is deployed.
dist/staticcheck: .ci/go.mod .ci/go.sum | tools
	@GOWORK=off $(GO) build -C .ci -o ../$@ honnef.co/go/tools/cmd/staticcheck
