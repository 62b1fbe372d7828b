// Package runs contains tests of complete runs of the product in the local AWS, on a virtual clock: the matrix of all faults, concurrent
// runs, rollbacks, corrected configuration mistakes, and a soak test.
package runs
