package lambda

import (
	"encoding/json"
	"errors"
	"net/http"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// configuration is Lambda's FunctionConfiguration, with the members that mean something here.
type configuration struct {
	FunctionName, FunctionArn, Role, State string
	Timeout, MemorySize                    int
	Layers                                 []layerVersion
}

type layerVersion struct{ Arn string }

// serveConfiguration answers the operation GetFunctionConfiguration.
func (s *Service) serveConfiguration(w http.ResponseWriter, r *http.Request, function string) {
	name := nameOf(function)
	err := s.options.Guard.Check(r.Context(), iam.Call{Action: "lambda:GetFunctionConfiguration", Resource: s.ARN(name)})
	if d, denied := errors.AsType[*iam.Denied](err); denied {
		refuse(w, &wire.Error{Code: "AccessDeniedException", Message: d.Error(), Status: http.StatusForbidden})
		return
	}
	s.mu.Lock()
	f, err := s.function(name)
	s.mu.Unlock()
	if err != nil {
		refuse(w, wire.AsError(err))
		return
	}
	c := configuration{
		FunctionName: name, FunctionArn: s.ARN(name), Role: f.RoleARN, State: "Active",
		Timeout: int(f.Timeout.Seconds()), MemorySize: f.MemorySize, Layers: []layerVersion{},
	}
	for _, arn := range f.Layers {
		c.Layers = append(c.Layers, layerVersion{arn})
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-RequestId", wire.NewRequestID())
	_ = json.NewEncoder(w).Encode(c) // fails only when the client has gone
}
