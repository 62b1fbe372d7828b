package rds

import (
	"context"
	"strings"

	"snaplake/local/internal/iam"
)

// may asks whether the caller may do an action on all of the resources, which are those of the Service Authorization Reference.
func (s *Service) may(ctx context.Context, action string, resources ...string) error {
	calls := make([]iam.Call, len(resources))
	for i, resource := range resources {
		calls[i] = iam.Call{Action: "rds:" + action, Resource: resource}
	}
	return s.guard.Check(ctx, calls...)
}

// resource is what a parameter names, as policies see it: an ARN, and for "" that of all of a kind. A Describe call is checked
// against all when it filters, and when it asks for an unchanging resource identifier.
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
