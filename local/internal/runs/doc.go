// Package nights proves, by nights of the whole local AWS on a virtual clock, that every failure redrives and that nothing is
// lost. It holds tests only: the matrix of all faults, nights that meet and that go back, mistakes that are corrected, and a long run.
package runs
