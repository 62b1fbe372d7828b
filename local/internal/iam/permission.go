package iam

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// Permission is one action on one resource that a policy of a role allows.
type Permission struct {
	// Role is an ARN.
	Role string
	// Action and Resource are as they stand in the policy, and can be patterns.
	Action, Resource string
	// Condition is "", or what must hold: "StringLike s3:prefix exports/*".
	Condition string
}

func (p Permission) String() string {
	s := path.Base(p.Role) + " may " + p.Action + " on " + p.Resource
	if p.Condition != "" {
		s += " if " + p.Condition
	}
	return s
}

// permission is what the statement allows the role that it is attached to.
func (s statement) permission(role string) Permission {
	conditions := make([]string, len(s.conditions))
	for i, c := range s.conditions {
		conditions[i] = c.String()
	}
	return Permission{role, s.action, s.resource, strings.Join(conditions, " and ")}
}

// Allowed is all that the roles' policies allow, in the order of the text.
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

// Without is the same account, but for one permission of a role. One that has no Resource takes the action away on all resources.
// The new Guard tells nobody what it decides.
func (g *Guard) Without(p Permission) *Guard {
	less := &Guard{account: g.account, region: g.region, roles: maps.Clone(g.roles), attached: g.attached}
	role := less.roles[p.Role]
	role.identity = slices.DeleteFunc(slices.Clone(role.identity), func(s statement) bool {
		has := s.permission(p.Role)
		return !s.deny && (has == p || p.Resource == "" && strings.EqualFold(has.Action, p.Action))
	})
	less.roles[p.Role] = role
	return less
}
