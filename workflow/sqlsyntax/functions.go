package sqlsyntax

import (
	_ "embed"
	"slices"
	"strings"
)

// functions lists the functions of Trino 476 and those that only Athena has, one per line, sorted (SHOW FUNCTIONS; Trino documentation,
// "List of functions and operators"; Athena User Guide, "Athena engine version 3 functions"). Athena does not publish its Trino release:
// it might lack some of the newest functions, or have newer ones.
//
//go:embed functions.txt
var functions string

// IsFunction reports whether Trino or Athena has a function of this name, which is in lower case.
func IsFunction(name string) bool { return slices.Contains(strings.Fields(functions), name) }

// types lists the types that a query can name, in Trino and in Athena (Trino documentation, "Data types"; Athena User Guide, "Data types in
// Amazon Athena", column DML).
const types = `array bigint bingtile boolean char color date decimal double geometry hyperloglog int integer interval ipaddress json kdbtree
map p4hyperloglog qdigest real row setdigest smallint sphericalgeography tdigest time timestamp tinyint uuid varbinary varchar`
