// Package workflow says what runs in which order, what travels from one state to the next, and what a user configures. It
// knows no AWS SDK: the functions, the deployment and the local AWS all stand on it, and it stands on none of them.
package workflow

import (
	_ "embed"
	"time"
)

// Definition is the state machine in the Amazon States Language. Its ${Placeholders} are the names of the functions.
//
//go:embed pipeline.asl.json
var Definition string

// LongestRun is the TimeoutSeconds of the state machine: how long an execution takes at most, redrives aside.
const LongestRun = 48 * time.Hour

// Schema is the JSON Schema of pipeline.yaml.
//
//go:embed pipeline.schema.json
var Schema string
