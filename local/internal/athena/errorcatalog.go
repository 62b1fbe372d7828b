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

// inCatalog classifies an error. AWS does not document the types of Trino's errors, so errorTypes follows the error catalog's descriptions.
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

// errorTypes maps Trino's error codes to types of the error catalog. The type of any other code is userError.
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
