package athena

import "errors"

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

func (f *failure) errorType() int {
	if f.kind != 0 {
		return f.kind
	}
	switch f.code {
	case "GENERIC_INTERNAL_ERROR":
		return internalError
	case "SYNTAX_ERROR":
		return syntax
	case "TABLE_NOT_FOUND":
		return noTable
	case "SCHEMA_NOT_FOUND", "CATALOG_NOT_FOUND":
		return entityNotFound
	case "FUNCTION_NOT_FOUND":
		return noFunction
	case "INVALID_FUNCTION_ARGUMENT":
		return badFunctionArgument
	case "INVALID_VIEW", "VIEW_IS_STALE", "VIEW_IS_RECURSIVE":
		return invalidView
	case "INVALID_CAST_ARGUMENT", "NUMERIC_VALUE_OUT_OF_RANGE", "HIVE_BAD_DATA", "HIVE_CANNOT_OPEN_SPLIT":
		return dataError
	case "HIVE_INVALID_METADATA", "HIVE_UNSUPPORTED_FORMAT":
		return schemaError
	}
	return userError
}
