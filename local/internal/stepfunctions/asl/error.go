package asl

import "fmt"

// These are error names of the Amazon States Language (Step Functions guide, "Handling errors in Step Functions workflows").
const (
	DataLimitExceeded      = "States.DataLimitExceeded"
	ResultPathMatchFailure = "States.ResultPathMatchFailure"
	Runtime                = "States.Runtime"
	Timeout                = "States.Timeout"
)

// Error is the error that makes a state fail.
type Error struct {
	// Name is the error name, for example States.Timeout. A retrier compares it with the names in ErrorEquals.
	Name string
	// Cause is a description of the error, or the error that a function returned, as JSON. It may be empty.
	Cause string
}

func (e *Error) Error() string { return e.Name + ": " + e.Cause }

// TooLarge returns the States.DataLimitExceeded error for the state or task with the given name.
func TooLarge(name string) *Error {
	return &Error{
		Name:  DataLimitExceeded,
		Cause: fmt.Sprintf("The state/task '%s' returned a result with a size exceeding the maximum number of bytes service limit.", name),
	}
}

// Runtimef returns a States.Runtime error, which means that the data of an execution does not match the definition.
func Runtimef(format string, args ...any) *Error {
	return &Error{Name: Runtime, Cause: fmt.Sprintf(format, args...)}
}
