package iam

import "strings"

// glob tells whether a text fits a pattern, in which * stands for any characters and ? for one.
func glob(pattern, text string) bool {
	star, mark := -1, 0 // the last * of the pattern, and how much of the text it and what is before it have taken
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0: // let the last * take one more
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// arnParts is how many parts an ARN has: arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE. The last may have colons.
const arnParts = 6

func isARN(s string) bool {
	return strings.HasPrefix(s, "arn:") && strings.Count(s, ":") >= arnParts-1
}

// globARN compares part by part, as the operators ArnLike and ArnEquals do: no * reaches beyond a colon, but in the last part.
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
