// Package viewplan decides which views a run creates, keeps and drops, before the first of them changes. A problem with any view fails
// the whole plan.
//
// [Make] adds the views of tables (tables.go), then those that derive from them: history, changes, the user's own and the freshness. It
// verifies names and settings, and compares the result with the existing views (dropped.go, hidden.go, schemadiff.go). Athena answers the
// rest by queries ([Plan.Queries]: rowchecks.go, uniquekeys.go, dryrun.go), which [Plan.Verify] evaluates.
//
// The tests are those of createviews, which compare the statements and the errors of whole runs.
package viewplan
