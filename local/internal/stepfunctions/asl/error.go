package asl

import "fmt"

// These are the error names of the language that the local Step Functions uses (Step Functions guide, "Handling errors in Step Functions
// workflows").
const (
	DataLimitExceeded      = "States.DataLimitExceeded"
	ResultPathMatchFailure = "States.ResultPathMatchFailure"
	Runtime                = "States.Runtime"
	Timeout                = "States.Timeout"
)

// Error is the error with which a state fails.
type Error struct {
	// Name is the error name, for example States.Timeout. Retry compares it with ErrorEquals.
	Name string
	// Cause is a description, or the error of a function as JSON. It may be empty.
	Cause string
}

func (e *Error) Error() string { return e.Name + ": " + e.Cause }

// TooLarge returns the States.DataLimitExceeded error for a state or its task.
func TooLarge(name string) *Error {
	return &Error{
		Name:  DataLimitExceeded,
		Cause: fmt.Sprintf("The state/task '%s' returned a result with a size exceeding the maximum number of bytes service limit.", name),
	}
}

// Runtimef returns a States.Runtime error, which means that the data does not fit the definition.
func Runtimef(format string, args ...any) *Error {
	return &Error{Name: Runtime, Cause: fmt.Sprintf(format, args...)}
}
