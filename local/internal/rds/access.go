package rds

import (
	"context"
	"strings"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// allowed returns the first error in the parameters, or else an error if the caller may not call the operation on all of the resources.
// The types of the resources are those in the Service Authorization Reference.
func (s *Service) allowed(ctx context.Context, p *wire.Parameters, resources ...string) error {
	if err := p.Err(); err != nil {
		return err
	}
	calls := make([]iam.Call, len(resources))
	for i, resource := range resources {
		calls[i] = iam.Call{Action: "rds:" + p.Action, Resource: resource}
	}
	return s.guard.Check(ctx, calls...)
}

// resource returns the ARN that policies must match. name is a resource's identifier or ARN, or "" for all resources of the kind.
func (s *Service) resource(kind, name string) string {
	switch {
	case name == "":
		return s.arn(kind, "*")
	case strings.HasPrefix(name, "arn:"):
		return name
	default:
		return s.arn(kind, strings.ToLower(name))
	}
}
