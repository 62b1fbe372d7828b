package asl

import "fmt"

// The error names that the language itself gives a meaning to. AWS's list has more of them, which it reserves and reports as
// States.Runtime today: States.NoChoiceMatched, States.ParameterPathFailure, States.IntrinsicFailure (Step Functions guide,
// "Handling errors in Step Functions workflows").
const (
	All                    = "States.ALL"
	DataLimitExceeded      = "States.DataLimitExceeded"
	ResultPathMatchFailure = "States.ResultPathMatchFailure"
	Runtime                = "States.Runtime"
	TaskFailed             = "States.TaskFailed"
	Timeout                = "States.Timeout"
)

// Error is what a state fails with.
type Error struct {
	// Name is what Retry and Catch match.
	Name string
	// Cause is a text for people, or the JSON text that a function failed with. It may be empty.
	Cause string
}

func (e *Error) Error() string { return e.Name + ": " + e.Cause }

// TooLarge makes a States.DataLimitExceeded error of a state, or of the task in it.
func TooLarge(name string) *Error {
	return &Error{
		Name:  DataLimitExceeded,
		Cause: fmt.Sprintf("The state/task '%s' returned a result with a size exceeding the maximum number of bytes service limit.", name),
	}
}

// Runtimef makes a States.Runtime error: the definition and the data do not fit each other.
func Runtimef(format string, args ...any) *Error {
	return &Error{Name: Runtime, Cause: fmt.Sprintf(format, args...)}
}
