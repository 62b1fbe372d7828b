package lambda

import (
	"context"
	"net/http"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// configuration holds the supported members of Lambda's FunctionConfiguration.
type configuration struct {
	FunctionName, FunctionArn, Role, State, LastUpdateStatus string
	Timeout, MemorySize                                      int
	Layers                                                   []layerReference
}

type layerReference struct{ Arn string }

func (s *Service) serveConfiguration(w http.ResponseWriter, r *http.Request) {
	c, err := s.configuration(r.Context(), nameOf(r.PathValue("function")))
	wire.AnswerREST(w, c, err)
}

// configuration handles GetFunctionConfiguration.
func (s *Service) configuration(ctx context.Context, name string) (configuration, error) {
	if err := s.checkCalls(ctx, iam.Call{Action: "lambda:GetFunctionConfiguration", Resource: s.ARN(name)}); err != nil {
		return configuration{}, err
	}
	f, err := s.Function(name)
	if err != nil {
		return configuration{}, err
	}
	c := configuration{
		FunctionName: f.Name, FunctionArn: s.ARN(f.Name), Role: f.RoleARN, State: "Active", LastUpdateStatus: "Successful",
		Timeout: int(f.Timeout.Seconds()), MemorySize: f.MemorySize, Layers: []layerReference{},
	}
	for _, arn := range f.Layers {
		c.Layers = append(c.Layers, layerReference{arn})
	}
	return c, nil
}
