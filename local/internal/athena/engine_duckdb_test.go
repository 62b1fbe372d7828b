//go:build !trino

package athena_test

import "snaplake/local/internal/athena"

// useEngine makes the service of an environment use the engine of these tests: DuckDB or, with the build tag trino, Trino.
func (env *testEnv) useEngine(*athena.Options) (started func(*athena.Service)) {
	return func(*athena.Service) {}
}
