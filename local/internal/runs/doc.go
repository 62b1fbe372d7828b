// Package runs tests whole runs of the product in the local AWS, on a virtual clock: every failure redrives and nothing is lost. It has
// tests only: the matrix of all faults, concurrent runs, rollbacks, corrected mistakes, and a soak test.
package runs
