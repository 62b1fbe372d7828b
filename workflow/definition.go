// Package workflow contains what the functions, the deployment and the local AWS share: the state machine, the state that it passes on,
// the errors with their remedies, the names of exports and tables, and the configuration. It does not use the AWS SDK.
package workflow

import (
	_ "embed"
	"time"
)

// Definition is the state machine in the Amazon States Language. Its ${Placeholders} stand for the names of the functions.
//
//go:embed pipeline.asl.json
var Definition string

// LongestRun is the TimeoutSeconds of the state machine: the longest that an execution takes, without redrives.
const LongestRun = 48 * time.Hour

// Schema is the JSON Schema of pipeline.yaml.
//
//go:embed pipeline.schema.json
var Schema string
