package rds

import (
	"encoding/base64"
	"slices"
	"sort"
	"strconv"
	"strings"

	"snaplake/local/internal/wire"
)

// readStatusFilter reads the status filter of DescribeExportTasks, the only supported filter. RDS accepts only lower-case values.
func readStatusFilter(p *wire.Parameters) []string {
	const first = "Filters.Filter.1"
	p.EmptyList("Filters")
	name, values := p.Text(first+".Name"), p.List(first+".Values.Value")
	if name != "" && name != "status" || name == "" && values != nil {
		p.Fail("InvalidParameterValue", "Unrecognized filter name: %s. The local AWS supports only the status filter for %s", name, p.Action)
	}
	if name != "" && len(values) == 0 {
		p.Fail("InvalidParameterValue", "the filter %s has no values", name)
	}
	known := []string{"canceled", "canceling", "complete", "failed", "in_progress", "starting"}
	for _, v := range values {
		if !slices.Contains(known, v) {
			p.Fail("InvalidParameterValue", "the status filter has the invalid value %s; valid values: %s", v, strings.Join(known, ", "))
		}
	}
	return values
}

// page selects one page of a list that is sorted by name. A page begins after the last name on the previous page, so adding or removing
// rows between two requests does not cause other rows to be omitted or repeated.
type page struct {
	after string
	size  int
}

// readPage reads the parameters Marker and MaxRecords.
func readPage(p *wire.Parameters) page {
	pg := page{size: 100}
	if v := p.Text("MaxRecords"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 20 || n > 100 {
			p.Fail("InvalidParameterValue", "Invalid value %s for MaxRecords. Must be between 20 and 100", v)
		}
		pg.size = n
	}
	marker := p.Text("Marker")
	after, err := base64.RawURLEncoding.DecodeString(marker)
	if err != nil {
		p.Fail("InvalidParameterValue", "The Marker %s is not a marker that RDS returned", marker)
	}
	pg.after = string(after)
	return pg
}

// cut sorts the rows by name. It returns the rows on the page and the marker of the next page, or "" if there is no next page.
func cut[T any](pg page, rows []T, name func(T) string) (on []T, marker string) {
	slices.SortFunc(rows, func(a, b T) int { return strings.Compare(name(a), name(b)) })
	rows = rows[sort.Search(len(rows), func(i int) bool { return name(rows[i]) > pg.after }):]
	if len(rows) <= pg.size {
		return rows, ""
	}
	rows = rows[:pg.size]
	return rows, base64.RawURLEncoding.EncodeToString([]byte(name(rows[pg.size-1])))
}
