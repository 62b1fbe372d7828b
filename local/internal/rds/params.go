package rds

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"snaplake/local/internal/wire"
)

// readStatusFilter reads the status filter of DescribeExportTasks, the only supported filter. RDS accepts only lower-case values.
func readStatusFilter(p *wire.Parameters) []string {
	const first = "Filters.Filter.1"
	p.EmptyList("Filters")
	name, values := p.Text(first+".Name"), p.List(first+".Values.Value")
	if name != "" && name != "status" {
		p.Fail("InvalidParameterValue", "Unrecognized filter name: %s. The local AWS supports only the status filter for %s", name, p.Action)
	}
	known := []string{"canceled", "canceling", "complete", "failed", "in_progress", "starting"}
	for _, v := range values {
		if !slices.Contains(known, v) {
			p.Fail("InvalidParameterValue", "the status filter has the invalid value %s; valid values: %s", v, strings.Join(known, ", "))
		}
	}
	return values
}

// page holds the parameters of a request for one page of a list.
type page struct {
	marker string
	size   int
}

// readPage reads the parameters Marker and MaxRecords.
func readPage(p *wire.Parameters) page {
	size, err := strconv.Atoi(cmp.Or(p.Text("MaxRecords"), "100"))
	if err != nil || size < 20 || size > 100 {
		p.Fail("InvalidParameterValue", "Invalid value %s for MaxRecords. Must be between 20 and 100", p.Text("MaxRecords"))
	}
	return page{p.Text("Marker"), size}
}

// cut sorts the rows by name. It returns the rows on the page and the marker of the next page, or "" if there is no next page.
func cut[T any](pg page, rows []T, name func(T) string) (on []T, marker string, err error) {
	slices.SortFunc(rows, func(a, b T) int { return strings.Compare(name(a), name(b)) })
	on, marker, err = wire.Page(rows, name, pg.size, pg.marker)
	if err != nil {
		return nil, "", wire.Errorf("InvalidParameterValue", "The Marker %v", err)
	}
	return on, marker, nil
}
