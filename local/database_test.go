package main

import "testing"

func TestWithPassword_AddsMissingPasswordFromEnvironment(t *testing.T) {
	t.Setenv("SNAPLAKE_PASSWORD", "p/a:s@s")
	for spec, want := range map[string]string{
		"mysql://me@[::1]:3307/my%20shop?sslmode=require": "mysql://me:p%2Fa%3As%40s@[::1]:3307/my%20shop?sslmode=require",
		"postgres://me@db.example/shop":                   "postgres://me:p%2Fa%3As%40s@db.example/shop",
		"postgres://me:own@db.example/shop":               "postgres://me:own@db.example/shop",
		"postgres://me:@db.example/shop":                  "postgres://me:@db.example/shop",
		"mysql://me:%zz@db.example/shop":                  "mysql://me:%zz@db.example/shop",
		"export:me@home":                                  "export:me@home",
		"sample":                                          "sample",
	} {
		if got, err := withPassword(t.Context(), spec); got != want || err != nil {
			t.Errorf("%s: got %s, %v", spec, got, err)
		}
	}
}
