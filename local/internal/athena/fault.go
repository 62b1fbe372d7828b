package athena

import "snaplake/local/internal/fault"

// injected returns the error that a fault injects into CREATE VIEW, or nil.
func injected(kind fault.Kind) error {
	switch kind {
	case fault.Failed:
		return &failure{
			kind: ddlFailed,
			text: "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask",
		}
	case fault.Retryable:
		return &failure{
			kind: internalError, retryable: true,
			text: "[ErrorCode: INTERNAL_ERROR_QUERY_ENGINE] Amazon Athena experienced an internal error while executing this query. " +
				"Please try submitting the query again.",
		}
	case fault.Cancelled:
		return errStopped
	}
	return nil
}

// hidesViews counts a query on information_schema.columns and reports whether a fault hides the columns of views from it.
func (s *Service) hidesViews() bool { return s.options.Faults.Columns() == fault.NoViews }
