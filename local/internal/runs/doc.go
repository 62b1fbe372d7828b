// Package runs tests complete runs of the product in the local AWS, on a virtual clock. It contains only tests: the matrix of all faults,
// concurrent runs, rollbacks, corrected configuration mistakes, and a soak test.
package runs
