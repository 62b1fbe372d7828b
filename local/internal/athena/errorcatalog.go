package athena

import (
	"cmp"
	"errors"
)

// athenaError is an error of Athena's error catalog.
type athenaError struct {
	// ErrorCategory is 1 for the system, 2 for the user.
	ErrorCategory int
	ErrorType     int
	// Retryable means that the same statement may succeed later.
	Retryable    bool
	ErrorMessage string
}

// Error types of the catalog (Athena User Guide, "Athena error catalog"). Those below 1000 are the system's, the others the user's.
const (
	internalError       = 200
	userError           = 1000
	dataError           = 1001
	ddlFailed           = 1003
	schemaError         = 1004
	syntax              = 1006
	badFunctionArgument = 1106
	invalidView         = 1107
	noTable             = 1110
	entityNotFound      = 1301
	noFunction          = 1303
	noBucket            = 1306
	notPermitted        = 1500
	notPermittedInS3    = 1501
)

// inCatalog returns the entry of the catalog for an error. The types of Trino's errors are not documented; these follow the
// descriptions of the catalog.
func inCatalog(err error) *athenaError {
	out := &athenaError{ErrorCategory: 2, ErrorType: internalError, ErrorMessage: err.Error()}
	if f, ok := errors.AsType[*failure](err); ok {
		out.ErrorType, out.Retryable = f.errorType(), f.retryable
	}
	if out.ErrorType < userError {
		out.ErrorCategory = 1
	}
	return out
}

func (f *failure) errorType() int { return cmp.Or(f.kind, errorTypes[f.code], userError) }

// errorTypes are the types of Trino's errors; all others are userError.
var errorTypes = map[string]int{
	"GENERIC_INTERNAL_ERROR":     internalError,
	"SYNTAX_ERROR":               syntax,
	"TABLE_NOT_FOUND":            noTable,
	"SCHEMA_NOT_FOUND":           entityNotFound,
	"CATALOG_NOT_FOUND":          entityNotFound,
	"FUNCTION_NOT_FOUND":         noFunction,
	"INVALID_FUNCTION_ARGUMENT":  badFunctionArgument,
	"INVALID_VIEW":               invalidView,
	"VIEW_IS_STALE":              invalidView,
	"VIEW_IS_RECURSIVE":          invalidView,
	"INVALID_CAST_ARGUMENT":      dataError,
	"NUMERIC_VALUE_OUT_OF_RANGE": dataError,
	"HIVE_BAD_DATA":              dataError,
	"HIVE_CANNOT_OPEN_SPLIT":     dataError,
	"HIVE_INVALID_METADATA":      schemaError,
	"HIVE_UNSUPPORTED_FORMAT":    schemaError,
}
