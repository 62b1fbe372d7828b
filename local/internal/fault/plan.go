package fault

// Plan says what goes wrong. A nil Plan is that nothing does. It may be used by several goroutines at once.
type Plan struct{}

// Call is what happens to the next call of an operation, by the service's signing name: "rds", "DescribeExportTasks".
func (p *Plan) Call(service, operation string) Kind { return None }

// Invocation is what happens to the next invocation of a function, by its name without the pipeline's: "checkexport".
func (p *Plan) Invocation(function string) Kind { return None }

// Export is what becomes of the next export task that is started.
func (p *Plan) Export() Kind { return None }

// Crawl is what becomes of the next crawl that is started.
func (p *Plan) Crawl() Kind { return None }

// View is what happens to the next statement that makes a view of this name, without its database.
func (p *Plan) View(name string) Kind { return None }
