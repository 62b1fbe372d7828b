package cloud

import "snaplake/local/internal/fault"

// Call is one call of an AWS service.
type Call struct {
	// Service is the signing name: "rds". Operation as the API names it: "DescribeExportTasks".
	Service, Operation string
	// Role is the name of the role that makes the call; "" is the operator.
	Role string
	// Fault is what went wrong with it by plan.
	Fault fault.Kind
	// Status is that of the answer; 0 means that there was none.
	Status int
}
