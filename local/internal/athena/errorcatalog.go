package athena

import (
	"cmp"
	"errors"
)

// athenaError classifies an error according to Athena's error catalog.
type athenaError struct {
	// ErrorCategory is 1 for a system error and 2 for a user error.
	ErrorCategory int
	ErrorType     int
	// Retryable is true if the same statement may succeed later.
	Retryable    bool
	ErrorMessage string
}

// Error types (Athena User Guide, "Athena error catalog"). Types below 1000 are system errors; the others are user errors.
const (
	internalError    = 200
	userError        = 1000
	ddlFailed        = 1003
	syntax           = 1006
	noTable          = 1110
	notPermitted     = 1500
	notPermittedInS3 = 1501
)

// errorTypes maps Trino's error codes to error types. The type of any other code is userError.
var errorTypes = map[string]int{
	"GENERIC_INTERNAL_ERROR":     internalError,
	"SYNTAX_ERROR":               syntax,
	"TABLE_NOT_FOUND":            noTable,
	"SCHEMA_NOT_FOUND":           1301, // entity not found
	"CATALOG_NOT_FOUND":          1301,
	"FUNCTION_NOT_FOUND":         1303,
	"INVALID_FUNCTION_ARGUMENT":  1106,
	"INVALID_VIEW":               1107,
	"VIEW_IS_STALE":              1107,
	"VIEW_IS_RECURSIVE":          1107,
	"INVALID_CAST_ARGUMENT":      1001, // error in the data
	"NUMERIC_VALUE_OUT_OF_RANGE": 1001,
	"HIVE_BAD_DATA":              1001,
	"HIVE_CANNOT_OPEN_SPLIT":     1001,
	"HIVE_METASTORE_ERROR":       1306, // no such bucket
	"HIVE_FILESYSTEM_ERROR":      1306,
	"HIVE_INVALID_METADATA":      1004, // error in the schema
	"HIVE_UNSUPPORTED_FORMAT":    1004,
}

// inCatalog classifies an error. AWS does not document the types of Trino's errors, so errorTypes follows the error catalog's descriptions.
func inCatalog(err error) *athenaError {
	out := &athenaError{ErrorCategory: 2, ErrorType: internalError, ErrorMessage: err.Error()}
	if f, ok := errors.AsType[*failure](err); ok {
		out.ErrorType, out.Retryable = cmp.Or(f.kind, errorTypes[f.code], userError), f.retryable
	}
	if out.ErrorType < userError {
		out.ErrorCategory = 1
	}
	return out
}
