package fault

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
)

// Plan says what goes wrong. A nil Plan is that nothing does. It may be used by several goroutines at once.
type Plan struct {
	seed uint64

	mu     sync.Mutex
	faults []Fault
	counts map[string]int        // how often each target has occurred; the keys are in lower case
	chance map[string]*rand.Rand // a generator a target, so that what happens elsewhere at the same time does not change its draws
	struck []Strike
}

// New makes a plan of faults. The seed decides what those strike that strike a share.
func New(seed uint64, faults ...Fault) *Plan {
	p := &Plan{seed: seed, chance: map[string]*rand.Rand{}}
	p.Set(faults...)
	return p
}

// Set replaces the faults, and begins to count anew. The shares go on drawing where they were.
func (p *Plan) Set(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults, p.counts, p.struck = slices.Clone(faults), map[string]int{}, nil
}

// Struck is what went wrong since the faults were set, in that order.
func (p *Plan) Struck() []Strike {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.struck)
}

// Plans tells whether a kind may happen to some call of an operation.
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

// Call is what happens to the next call of an operation, by the service's signing name: "rds", "DescribeExportTasks".
func (p *Plan) Call(service, operation string) Kind { return p.next(service + "." + operation) }

// Invocation is what happens to the next invocation of a function, by its name without the pipeline's: "checkexport".
func (p *Plan) Invocation(function string) Kind { return p.next("lambda." + function) }

// Export is what becomes of the next export task that is started.
func (p *Plan) Export() Kind { return p.next(export) }

// Crawl is what becomes of the next crawl that is started.
func (p *Plan) Crawl() Kind { return p.next(crawl) }

// View is what happens to the next statement that makes a view of this name, without its database.
func (p *Plan) View(name string) Kind { return p.next(view + name) }

// next counts an occurrence of a target and finds the first fault that strikes it.
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
			p.struck = append(p.struck, Strike{f, n})
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
