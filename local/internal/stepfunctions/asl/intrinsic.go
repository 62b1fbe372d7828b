package asl

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// intrinsic is one of the language's functions.
type intrinsic struct {
	min, max int // of its arguments; a max of -1 is no limit
	apply    func(Scope, []any) (any, error)
}

func (f intrinsic) arity() string {
	switch {
	case f.max < 0:
		return fmt.Sprintf("%d or more arguments", f.min)
	case f.min == f.max:
		return fmt.Sprintf("%d arguments", f.min)
	default:
		return fmt.Sprintf("%d to %d arguments", f.min, f.max)
	}
}

// intrinsicNamed returns one of AWS's 18 intrinsic functions (Step Functions guide, "Intrinsics for JSONPath states").
func intrinsicNamed(name string) (intrinsic, bool) {
	switch name {
	case "States.Format":
		return intrinsic{1, -1, func(_ Scope, a []any) (any, error) {
			template, err := stringAt(a, 0)
			if err != nil {
				return nil, err
			}
			return format(template, a[1:])
		}}, true
	case "States.StringToJson":
		return intrinsic{1, 1, stringToJSON}, true
	case "States.JsonToString":
		return intrinsic{1, 1, func(_ Scope, a []any) (any, error) { return Encode(a[0]), nil }}, true
	case "States.Array":
		return intrinsic{0, -1, func(_ Scope, a []any) (any, error) { return a, nil }}, true
	case "States.ArrayPartition":
		return intrinsic{2, 2, arrayPartition}, true
	case "States.ArrayContains":
		return intrinsic{2, 2, arrayContains}, true
	case "States.ArrayRange":
		return intrinsic{3, 3, arrayRange}, true
	case "States.ArrayGetItem":
		return intrinsic{2, 2, arrayGetItem}, true
	case "States.ArrayLength":
		return intrinsic{1, 1, arrayLength}, true
	case "States.ArrayUnique":
		return intrinsic{1, 1, arrayUnique}, true
	case "States.Base64Encode":
		return intrinsic{1, 1, base64Encode}, true
	case "States.Base64Decode":
		return intrinsic{1, 1, base64Decode}, true
	case "States.Hash":
		return intrinsic{2, 2, hash}, true
	case "States.JsonMerge":
		return intrinsic{3, 3, jsonMerge}, true
	case "States.MathRandom":
		return intrinsic{2, 3, mathRandom}, true
	case "States.MathAdd":
		return intrinsic{2, 2, mathAdd}, true
	case "States.StringSplit":
		return intrinsic{2, 2, stringSplit}, true
	case "States.UUID":
		return intrinsic{0, 0, newUUID}, true
	default:
		return intrinsic{}, false
	}
}

// The limits of AWS's functions.
const (
	maxRange = 1000  // items that States.ArrayRange makes
	maxText  = 10000 // characters that are encoded, decoded or hashed
)

func stringToJSON(_ Scope, a []any) (any, error) {
	s, err := stringAt(a, 0)
	if err != nil {
		return nil, err
	}
	return Decode([]byte(s))
}

func arrayPartition(_ Scope, a []any) (any, error) {
	array, err := arrayAt(a, 0)
	if err != nil {
		return nil, err
	}
	size, err := integerAt(a, 1)
	if err != nil {
		return nil, err
	}
	if size < 1 {
		return nil, fmt.Errorf("the size of a part is at least 1, and not %d", size)
	}
	parts := []any{}
	for part := range slices.Chunk(array, int(size)) {
		parts = append(parts, part)
	}
	return parts, nil
}

func arrayContains(_ Scope, a []any) (any, error) {
	array, err := arrayAt(a, 0)
	if err != nil {
		return nil, err
	}
	return slices.ContainsFunc(array, func(v any) bool { return reflect.DeepEqual(v, a[1]) }), nil
}

func arrayRange(_ Scope, a []any) (any, error) {
	first, err1 := integerAt(a, 0)
	last, err2 := integerAt(a, 1)
	step, err3 := integerAt(a, 2)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	if step == 0 {
		return nil, errors.New("the step is 0")
	}
	items := []any{}
	for i := first; step > 0 && i <= last || step < 0 && i >= last; i += step {
		if len(items) == maxRange {
			return nil, fmt.Errorf("the range has more than %d items", maxRange)
		}
		items = append(items, i)
	}
	return items, nil
}

func arrayGetItem(_ Scope, a []any) (any, error) {
	array, err := arrayAt(a, 0)
	if err != nil {
		return nil, err
	}
	i, err := integerAt(a, 1)
	if err != nil {
		return nil, err
	}
	if i < 0 || i >= int64(len(array)) {
		return nil, fmt.Errorf("the array has %d items, and none at %d", len(array), i)
	}
	return array[i], nil
}

func arrayLength(_ Scope, a []any) (any, error) {
	array, err := arrayAt(a, 0)
	return int64(len(array)), err
}

func arrayUnique(_ Scope, a []any) (any, error) {
	array, err := arrayAt(a, 0)
	if err != nil {
		return nil, err
	}
	unique, seen := []any{}, map[string]bool{}
	for _, v := range array {
		if text := Encode(v); !seen[text] {
			seen[text] = true
			unique = append(unique, v)
		}
	}
	return unique, nil
}

func base64Encode(_ Scope, a []any) (any, error) {
	s, err := shortAt(a, 0)
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.EncodeToString([]byte(s)), nil
}

func base64Decode(_ Scope, a []any) (any, error) {
	s, err := shortAt(a, 0)
	if err != nil {
		return nil, err
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(b) {
		return nil, errors.New("what was decoded is not UTF-8, so it cannot be a JSON string")
	}
	return string(b), nil
}

func hash(_ Scope, a []any) (any, error) {
	s, err := shortAt(a, 0)
	if err != nil {
		return nil, err
	}
	algorithm, err := stringAt(a, 1)
	if err != nil {
		return nil, err
	}
	switch algorithm {
	case "MD5":
		return fmt.Sprintf("%x", md5.Sum([]byte(s))), nil
	case "SHA-1":
		return fmt.Sprintf("%x", sha1.Sum([]byte(s))), nil
	case "SHA-256":
		return fmt.Sprintf("%x", sha256.Sum256([]byte(s))), nil
	case "SHA-384":
		return fmt.Sprintf("%x", sha512.Sum384([]byte(s))), nil
	case "SHA-512":
		return fmt.Sprintf("%x", sha512.Sum512([]byte(s))), nil
	default:
		return nil, fmt.Errorf("the algorithm %q is none of MD5, SHA-1, SHA-256, SHA-384, SHA-512", algorithm)
	}
}

func jsonMerge(_ Scope, a []any) (any, error) {
	first, ok1 := a[0].(map[string]any)
	second, ok2 := a[1].(map[string]any)
	if !ok1 || !ok2 {
		return nil, errors.New("the first two arguments are objects")
	}
	if a[2] != false {
		return nil, errors.New("the third argument is false: AWS does not merge deeply")
	}
	merged := maps.Clone(first)
	maps.Copy(merged, second)
	return merged, nil
}

// mathRandom gives a number from the first argument up to the second, without it. With a seed as its third argument it
// always gives the same.
func mathRandom(s Scope, a []any) (any, error) {
	start, err1 := integerAt(a, 0)
	end, err2 := integerAt(a, 1)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	if start >= end {
		return nil, fmt.Errorf("the start %d is not before the end %d", start, end)
	}
	random := s.Random
	if len(a) == 3 {
		seed, err := integerAt(a, 2)
		if err != nil {
			return nil, err
		}
		random = rand.New(rand.NewPCG(uint64(seed), 0)).Int64N
	}
	return start + random(end-start), nil
}

func mathAdd(_ Scope, a []any) (any, error) {
	x, err1 := integerAt(a, 0)
	y, err2 := integerAt(a, 1)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	return x + y, nil
}

// stringSplit splits at each of the characters of its second argument, and gives no empty strings.
func stringSplit(_ Scope, a []any) (any, error) {
	s, err1 := stringAt(a, 0)
	at, err2 := stringAt(a, 1)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	splits := map[rune]bool{}
	for _, r := range at {
		splits[r] = true
	}
	parts := []any{}
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return splits[r] }) {
		parts = append(parts, part)
	}
	return parts, nil
}

// newUUID makes a UUID of version 4.
func newUUID(s Scope, _ []any) (any, error) {
	var b [16]byte
	for i := range b {
		b[i] = byte(s.Random(256))
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}

func stringAt(a []any, i int) (string, error) {
	s, ok := a[i].(string)
	if !ok {
		return "", fmt.Errorf("argument %d is a string, and not %s", i+1, Encode(a[i]))
	}
	return s, nil
}

// shortAt is a string that is not too long to be encoded, decoded or hashed.
func shortAt(a []any, i int) (string, error) {
	s, err := stringAt(a, i)
	if n := utf8.RuneCountInString(s); n > maxText {
		return "", fmt.Errorf("argument %d has %d characters, and %d are allowed", i+1, n, maxText)
	}
	return s, err
}

func arrayAt(a []any, i int) ([]any, error) {
	array, ok := a[i].([]any)
	if !ok {
		return nil, fmt.Errorf("argument %d is an array, and not %s", i+1, Encode(a[i]))
	}
	return array, nil
}

// integerAt rounds a number, as AWS does, and refuses what does not fit in 32 bits.
func integerAt(a []any, i int) (int64, error) {
	f, ok := float(a[i])
	if !ok {
		return 0, fmt.Errorf("argument %d is a number, and not %s", i+1, Encode(a[i]))
	}
	f = math.Round(f)
	if f < math.MinInt32 || f > math.MaxInt32 {
		return 0, fmt.Errorf("argument %d is between %d and %d, and not %s", i+1, math.MinInt32, math.MaxInt32, Encode(a[i]))
	}
	return int64(f), nil
}
