package lambda

import (
	"context"
	"net/http"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// configuration is Lambda's FunctionConfiguration, with the members that mean something here.
type configuration struct {
	FunctionName, FunctionArn, Role, State, LastUpdateStatus string
	Timeout, MemorySize                                      int
	Layers                                                   []layerReference
}

type layerReference struct{ Arn string }

func (s *Service) configuration(f *Function) configuration {
	c := configuration{
		FunctionName: f.Name, FunctionArn: s.ARN(f.Name), Role: f.RoleARN, State: "Active", LastUpdateStatus: "Successful",
		Timeout: int(f.Timeout.Seconds()), MemorySize: f.MemorySize, Layers: []layerReference{},
	}
	for _, arn := range f.Layers {
		c.Layers = append(c.Layers, layerReference{arn})
	}
	return c
}

func (s *Service) getFunctionConfiguration(r *http.Request) wire.Operation {
	name := nameOf(r.PathValue("function"))
	return wire.JSON(func(ctx context.Context, _ struct{}) (configuration, error) {
		if err := s.may(ctx, iam.Call{Action: "lambda:GetFunctionConfiguration", Resource: s.ARN(name)}); err != nil {
			return configuration{}, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		f, err := s.function(name)
		if err != nil {
			return configuration{}, err
		}
		return s.configuration(f), nil
	})
}

// update is what can be updated of a function: its layers, which takes a new configuration to it. A nil list leaves them as they
// are, an empty one takes them away.
type update struct{ Layers []string }

func (s *Service) updateFunctionConfiguration(r *http.Request) wire.Operation {
	name := nameOf(r.PathValue("function"))
	return wire.JSON(func(ctx context.Context, in update) (configuration, error) {
		if err := s.may(ctx, s.updateCalls(name, in.Layers)...); err != nil {
			return configuration{}, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		f, err := s.function(name)
		if err != nil {
			return configuration{}, err
		}
		if in.Layers == nil {
			return s.configuration(f), nil
		}
		if err := s.checkLayers(in.Layers); err != nil {
			return configuration{}, err
		}
		updated := *f
		updated.Layers = in.Layers
		s.deploy(&updated)
		return s.configuration(&updated), nil
	})
}

// updateCalls are what IAM is asked about an update: the function, with its layers as a condition, and the use of each layer,
// which is what lambda:GetLayerVersion stands for (Lambda guide, "Granting layer access to other accounts").
func (s *Service) updateCalls(function string, layers []string) []iam.Call {
	on := iam.Call{Action: "lambda:UpdateFunctionConfiguration", Resource: s.ARN(function), Keys: map[string]string{}}
	calls := make([]iam.Call, 0, 1+len(layers))
	for _, arn := range layers {
		on.Keys["lambda:Layer"] = arn
		calls = append(calls, iam.Call{Action: "lambda:GetLayerVersion", Resource: arn})
	}
	return append(calls, on)
}
