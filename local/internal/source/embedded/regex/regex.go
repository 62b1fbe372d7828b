// Package regex replaces the module that implements the REGEXP functions of the embedded MySQL server. When a process starts, the original
// module compiles a WebAssembly build of ICU, which takes half a second. The sample does not use these functions, so in this package, each
// of them fails.
package regex

import (
	"context"
	"errors"
)

// RegexFlags holds MySQL's match types as bit flags.
type RegexFlags uint32

// The names are the same as in the original module.
const (
	RegexFlags_None             RegexFlags = 0
	RegexFlags_Unix_Lines       RegexFlags = 1
	RegexFlags_Case_Insensitive RegexFlags = 2
	RegexFlags_Multiline        RegexFlags = 8
	RegexFlags_Dot_All          RegexFlags = 32
)

// ErrUnsupported is the error that every operation on a Regex returns.
var ErrUnsupported = errors.New("the embedded MySQL server does not support regular expressions")

// Regex is a compiled pattern.
type Regex interface {
	SetRegexString(ctx context.Context, pattern string, flags RegexFlags) error
	SetMatchString(ctx context.Context, text string) error
	IndexOf(ctx context.Context, start, occurrence int, endIndex bool) (int, error)
	Matches(ctx context.Context, start, occurrence int) (bool, error)
	Replace(ctx context.Context, replacement string, start, occurrence int) (string, error)
	Substring(ctx context.Context, start, occurrence int) (string, bool, error)
	Close() error
}

// CreateRegex returns the Regex for a REGEXP function in a statement. Its operations fail with ErrUnsupported.
func CreateRegex(uint32) Regex { return unsupported{} }

// SetRegexLeakHandler does nothing, since a Regex of this package holds no resources.
func SetRegexLeakHandler(func()) {}

type unsupported struct{}

func (unsupported) SetRegexString(context.Context, string, RegexFlags) error { return ErrUnsupported }
func (unsupported) SetMatchString(context.Context, string) error             { return ErrUnsupported }
func (unsupported) IndexOf(context.Context, int, int, bool) (int, error)     { return 0, ErrUnsupported }
func (unsupported) Matches(context.Context, int, int) (bool, error)          { return false, ErrUnsupported }
func (unsupported) Replace(context.Context, string, int, int) (string, error) {
	return "", ErrUnsupported
}
func (unsupported) Substring(context.Context, int, int) (string, bool, error) {
	return "", false, ErrUnsupported
}
func (unsupported) Close() error { return nil }
