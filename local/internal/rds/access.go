package rds

import (
	"context"
	"strings"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// allowed checks the parameters, and then that the caller may perform the operation on each of the resources.
func (s *Service) allowed(ctx context.Context, p *wire.Parameters, resources ...string) error {
	if err := p.Err(); err != nil {
		return err
	}
	calls := make([]iam.Call, len(resources))
	for i, resource := range resources {
		calls[i] = iam.Call{Action: "rds:" + p.Action, Resource: resource}
	}
	return s.options.Guard.Check(ctx, calls...)
}

// resource returns the ARN to match against policies. The name is a resource's identifier or ARN, or "" for all resources of the kind.
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
