package iam

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// Permission is an action on a resource, as allowed by a policy of a role.
type Permission struct {
	// Role is the ARN of the role.
	Role string
	// Action and Resource are copied from the policy and may be patterns.
	Action, Resource string
	// Condition is the condition that must hold, for example "StringLike s3:prefix exports/*", or "".
	Condition string
}

func (p Permission) String() string {
	s := path.Base(p.Role) + " may " + p.Action + " on " + p.Resource
	if p.Condition != "" {
		s += " if " + p.Condition
	}
	return s
}

// permission returns the permission that the statement grants to a role.
func (s statement) permission(role string) Permission {
	conditions := make([]string, len(s.conditions))
	for i, c := range s.conditions {
		conditions[i] = c.String()
	}
	return Permission{role, s.action, s.resource, strings.Join(conditions, " and ")}
}

// Allowed returns all permissions that the policies of the roles grant, sorted.
func (g *Guard) Allowed() []Permission {
	all := map[Permission]bool{}
	for arn, role := range g.roles {
		for _, s := range role.identity {
			if !s.deny {
				all[s.permission(arn)] = true
			}
		}
	}
	return slices.SortedFunc(maps.Keys(all), func(a, b Permission) int { return strings.Compare(a.String(), b.String()) })
}

// Without returns a copy in which the role does not have the permission. If p.Resource is empty, the role does not have p.Action on any
// resource. The copy has no observer.
func (g *Guard) Without(p Permission) *Guard {
	less := &Guard{account: g.account, roles: maps.Clone(g.roles), attached: g.attached}
	role := less.roles[p.Role]
	role.identity = slices.DeleteFunc(slices.Clone(role.identity), func(s statement) bool {
		has := s.permission(p.Role)
		return !s.deny && (has == p || p.Resource == "" && strings.EqualFold(has.Action, p.Action))
	})
	less.roles[p.Role] = role
	return less
}
