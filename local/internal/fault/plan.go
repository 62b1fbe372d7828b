package fault

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
)

// Plan determines what fails, and how. A nil Plan injects no faults. A Plan is safe for concurrent use.
type Plan struct {
	seed uint64

	mu       sync.Mutex
	faults   []Fault
	counts   map[string]int        // occurrences by target, in lower case
	chance   map[string]*rand.Rand // one generator per target, so that targets do not affect each other
	injected []Fault
}

// New returns a plan with the given faults. If a fault has a percentage, the seed determines which occurrences it affects.
func New(seed uint64, faults ...Fault) *Plan {
	p := &Plan{seed: seed, chance: map[string]*rand.Rand{}}
	p.Set(faults...)
	return p
}

// Set replaces the faults and resets the counts. It does not reset the random generators.
func (p *Plan) Set(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults, p.counts, p.injected = slices.Clone(faults), map[string]int{}, nil
}

// Injected returns the faults that were injected since [New] or the last call to [Plan.Set], in order. Each is limited to one occurrence.
func (p *Plan) Injected() []Fault {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.injected)
}

// Plans reports whether the plan contains a fault of the given kind for the operation.
func (p *Plan) Plans(kind Kind, service, operation string) bool {
	if p == nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.faults, func(f Fault) bool {
		return f.Kind == kind && strings.EqualFold(f.Target, service+"."+operation)
	})
}

// Call counts a call to an operation and returns how the call fails, or None. The parameter service is a signing name, for example "rds".
func (p *Plan) Call(service, operation string) Kind { return p.next(service + "." + operation) }

// Invocation counts an invocation of a function, for example "checkexport", and returns the fault for the invocation, or None.
func (p *Plan) Invocation(function string) Kind { return p.next("lambda." + function) }

// Export counts an export task and returns how it fails, or None.
func (p *Plan) Export() Kind { return p.next(export) }

// Crawl counts a crawl and returns how it fails, or None.
func (p *Plan) Crawl() Kind { return p.next(crawl) }

// View counts a statement that creates a view and returns how it fails, or None. The view's name must not include the database.
func (p *Plan) View(name string) Kind { return p.next(view + name) }

// Columns counts a query that reads information_schema.columns and returns the fault for the query, or None.
func (p *Plan) Columns() Kind { return p.next(informationColumns) }

// next counts an occurrence of a target and returns the kind of the first fault that affects this occurrence, or None.
func (p *Plan) next(target string) Kind {
	if p == nil {
		return None
	}
	target = strings.ToLower(target)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts[target]++
	n := p.counts[target]
	for _, f := range p.faults {
		if strings.ToLower(f.Target) == target && p.affects(f, target, n) {
			p.injected = append(p.injected, Fault{Target: f.Target, From: n, To: n, Kind: f.Kind})
			return f.Kind
		}
	}
	return None
}

// affects reports whether the fault affects occurrence n of the target.
func (p *Plan) affects(f Fault, target string, n int) bool {
	switch {
	case f.Percent > 0:
		return p.draw(target) < f.Percent/100
	case f.From == 0:
		return true
	default:
		return f.From <= n && n <= f.To
	}
}

func (p *Plan) draw(target string) float64 {
	r := p.chance[target]
	if r == nil {
		h := fnv.New64a()
		_, _ = h.Write([]byte(target)) // never fails
		r = rand.New(rand.NewPCG(p.seed, h.Sum64()))
		p.chance[target] = r
	}
	return r.Float64()
}
