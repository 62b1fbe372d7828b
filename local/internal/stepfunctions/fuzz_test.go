package stepfunctions_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"snaplake/local/internal/stepfunctions"
	"snaplake/local/internal/wire"
)

func FuzzStartExecutionInput(f *testing.F) {
	for _, input := range []string{
		`{"source": "shop"}`, `{"source": "shop", "exportId": "shop-20261120-1705-0"}`,
		``, `{}`, `null`, `[1, 1.0, -0, 1e400, 12345678901234567890]`, `"\u0000\ud800"`, `{"a": 1, "a": 2}`, `{}{}`, "\"\xff\"", `{"a`,
		strings.Repeat("[", 20000), strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
	} {
		f.Add("e", input)
	}
	f.Add("a b", `{}`)
	f.Add(strings.Repeat("é", 80), `{}`)
	f.Fuzz(func(t *testing.T, name, input string) {
		s := newService(t, answers(`{}`))
		s.create(invokeTask)
		arn, err := s.StartExecution(machineARN, name, input)
		if err != nil {
			if e, ok := errors.AsType[*wire.Error](err); !ok || e.Message == "" {
				t.Errorf("error without a message: %#v", err)
			}
			return
		}
		e := s.wait(arn)
		if e.Status == stepfunctions.Succeeded && !json.Valid([]byte(e.Output)) {
			t.Errorf("the output is not JSON: %s", e.Output)
		}
		if _, err := s.StartExecution(machineARN, e.Name, e.Input); err == nil {
			t.Error("the name of a finished execution was reused")
		}
	})
}
