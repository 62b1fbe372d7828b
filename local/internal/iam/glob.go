package iam

import "strings"

// glob reports whether a string matches the pattern, in which * matches any number of characters and ? matches exactly one.
func glob(pattern, text string) bool {
	star, mark := -1, 0 // the position of the last * in the pattern, and the position in the text up to which it has matched
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0: // the last * matches one more character
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// arnParts is the number of parts of an ARN: arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE. RESOURCE may contain colons.
const arnParts = 6

func isARN(s string) bool {
	return strings.HasPrefix(s, "arn:") && strings.Count(s, ":") >= arnParts-1
}

// globARN matches ARNs part by part, as the operator ArnLike does. A * does not match a colon, except in the last part.
func globARN(pattern, arn string) bool {
	wanted, parts := strings.SplitN(pattern, ":", arnParts), strings.SplitN(arn, ":", arnParts)
	if len(wanted) != len(parts) {
		return false
	}
	for i, part := range parts {
		if !glob(wanted[i], part) {
			return false
		}
	}
	return true
}
