package stepfunctions

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"snaplake/local/internal/stepfunctions/asl"
	"snaplake/local/internal/wire"
)

// invalid is AWS's answer to a parameter that breaks a constraint of the API's model. Value is as it is shown: "'x'", "null", or
// "" for what is confidential.
func invalid(value, name, constraint string, args ...any) error {
	if value != "" {
		value += " "
	}
	return wire.Errorf("ValidationException", "1 validation error detected: Value %sat '%s' failed to satisfy constraint: Member must %s",
		value, name, fmt.Sprintf(constraint, args...))
}

// checkLength applies the least and the largest number of characters.
func checkLength(name, value, shown string, low, high int) error {
	switch n := utf8.RuneCountInString(value); {
	case n < low:
		return invalid(shown, name, "have length greater than or equal to %d", low)
	case n > high:
		return invalid(shown, name, "have length less than or equal to %d", high)
	default:
		return nil
	}
}

// checkEnum checks an optional parameter.
func checkEnum(name, value string, allowed ...string) error {
	if value == "" || slices.Contains(allowed, value) {
		return nil
	}
	return invalid("'"+value+"'", name, "satisfy enum value set: [%s]", strings.Join(allowed, ", "))
}

func checkInputSize(input string) error {
	if len(input) > asl.MaxData {
		return invalid("", "input", "have size less than or equal to %d bytes in UTF-8 encoding", asl.MaxData)
	}
	return nil
}

// checkToken checks a redrive's optional clientToken.
func checkToken(token string) error {
	if err := checkLength("clientToken", token, "'"+token+"'", 0, 64); err != nil {
		return err
	}
	if strings.ContainsFunc(token, func(r rune) bool { return r < '!' || r > '~' }) {
		return invalid("'"+token+"'", "clientToken", "satisfy regular expression pattern: [!-~]+")
	}
	return nil
}

// checkARN checks the ARN of a "stateMachine" or an "execution".
func checkARN(arn, kind string) error {
	if arn == "" {
		return invalid("null", kind+"Arn", "not be null")
	}
	if err := checkLength(kind+"Arn", arn, "'"+arn+"'", 1, 256); err != nil {
		return err
	}
	parts := strings.Split(arn, ":") // arn:aws:states:region:account:kind:name
	switch {
	case parts[0] != "arn" || len(parts) < 7 || parts[2] != "states":
		return invalidARN(arn)
	case parts[5] != kind:
		return wire.Errorf("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: %s'", parts[5])
	default:
		return nil
	}
}

func invalidARN(arn string) error {
	return wire.Errorf("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: %s'", arn)
}

func checkNameLength(name string) error { return checkLength("name", name, "'"+name+"'", 1, 80) }

// checkName applies the rules for the characters of the names of machines and executions (API reference, StartExecution).
func checkName(name string) error {
	bad := func(r rune) bool {
		return r <= 0x20 || r >= 0x7f && r <= 0x9f || r >= 0xfffe && r <= 0xffff || r == utf8.MaxRune ||
			strings.ContainsRune("<>{}[]?*\"#%\\^|~`$&,;:/", r)
	}
	if strings.ContainsFunc(name, bad) || !utf8.ValidString(name) {
		return wire.Errorf("InvalidName", "Invalid Name: '%s'", name)
	}
	return nil
}
