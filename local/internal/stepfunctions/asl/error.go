package asl

import "fmt"

// The error names that the language defines and that the local AWS raises (Step Functions guide, "Handling errors in Step
// Functions workflows").
const (
	DataLimitExceeded      = "States.DataLimitExceeded"
	ResultPathMatchFailure = "States.ResultPathMatchFailure"
	Runtime                = "States.Runtime"
	Timeout                = "States.Timeout"
)

// Error is what a state fails with.
type Error struct {
	// Name is what Retry matches.
	Name string
	// Cause is a sentence, or the JSON that a function failed with. It may be empty.
	Cause string
}

func (e *Error) Error() string { return e.Name + ": " + e.Cause }

// TooLarge returns the States.DataLimitExceeded error of a state, or of the task in it.
func TooLarge(name string) *Error {
	return &Error{
		Name:  DataLimitExceeded,
		Cause: fmt.Sprintf("The state/task '%s' returned a result with a size exceeding the maximum number of bytes service limit.", name),
	}
}

// Runtimef returns a States.Runtime error: the data does not fit the definition.
func Runtimef(format string, args ...any) *Error {
	return &Error{Name: Runtime, Cause: fmt.Sprintf(format, args...)}
}
