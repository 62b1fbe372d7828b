package athena

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
)

// AthenaFunctions lists Trino's functions and invoker_principal, sorted (Athena User Guide, "Athena engine version 3 functions"; Trino
// documentation, "List of functions and operators"). Athena does not publish its Trino release, so some of the newest functions might not
// exist in Athena.
var AthenaFunctions = slices.Sorted(slices.Values(slices.AppendSeq(strings.Fields(unsupportedFunctions), maps.Keys(signatures))))

// unsupportedFunctions lists the Athena functions that the default engine does not support. The others are in signatures.
//
//go:embed functions.txt
var unsupportedFunctions string
