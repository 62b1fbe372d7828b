package fault

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
)

// Plan plans failures. A nil Plan has none. It is safe for concurrent use.
type Plan struct {
	seed uint64

	mu       sync.Mutex
	faults   []Fault
	counts   map[string]int        // occurrences by target, in lower case
	chance   map[string]*rand.Rand // a generator per target, so that other targets do not change its draws
	injected []Injection
}

// New returns a plan of faults. The seed determines the occurrences of those with a share.
func New(seed uint64, faults ...Fault) *Plan {
	p := &Plan{seed: seed, chance: map[string]*rand.Rand{}}
	p.Set(faults...)
	return p
}

// Set replaces the faults and restarts the counts. It does not restart the random draws.
func (p *Plan) Set(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults, p.counts, p.injected = slices.Clone(faults), map[string]int{}, nil
}

// Injected returns what has failed since the faults were set, in order.
func (p *Plan) Injected() []Injection {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.injected)
}

// Plans reports whether a call of an operation may fail in this way.
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

// Call returns what happens to the next call of an operation, given the service's signing name, for example "rds", "DescribeExportTasks".
func (p *Plan) Call(service, operation string) Kind { return p.next(service + "." + operation) }

// Invocation returns what happens to the next invocation of a function, given its name without the pipeline's, for example "checkexport".
func (p *Plan) Invocation(function string) Kind { return p.next("lambda." + function) }

// Export returns what happens to the next export task.
func (p *Plan) Export() Kind { return p.next(export) }

// Crawl returns what happens to the next crawl.
func (p *Plan) Crawl() Kind { return p.next(crawl) }

// View returns what happens to the next statement that creates a view, given its name without the database.
func (p *Plan) View(name string) Kind { return p.next(view + name) }

// next counts an occurrence of a target and returns the first matching fault.
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
		if strings.ToLower(f.Target) == target && p.strikes(f, target, n) {
			p.injected = append(p.injected, Injection{f, n})
			return f.Kind
		}
	}
	return None
}

func (p *Plan) strikes(f Fault, target string, n int) bool {
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
