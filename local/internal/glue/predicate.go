package glue

import (
	"context"
	"database/sql"
	"regexp"
	"slices"
	"strconv"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2" // the database/sql driver

	"snaplake/local/internal/wire"
)

// predicateToken matches a token of an Expression of GetPartitions. The first group matches a name or a keyword, the second anything that
// is not allowed, for example a number.
var predicateToken = regexp.MustCompile(`'(?:[^']|'')*'|"?([A-Za-z_]\w*)"?|<>|!=|<=|>=|[=<>(),\s]|(.)`)

// predicateWords lists the keywords of an Expression (API reference, GetPartitions).
var predicateWords = []string{"and", "or", "not", "in", "between", "like", "is", "null"}

// selectPartitions returns the partitions that satisfy an Expression of GetPartitions, a condition on the partition keys. DuckDB evaluates
// it. Only partition keys of the type string are supported, because a crawler of exports creates no others.
func selectPartitions(ctx context.Context, expression string, keys []Column, partitions []Partition) ([]Partition, error) {
	fail := func(why string) error {
		return wire.Errorf("InvalidInputException", "Unsupported expression '%s': %s", expression, why)
	}
	for _, token := range predicateToken.FindAllStringSubmatch(expression, -1) {
		word := strings.ToLower(token[1])
		i := slices.IndexFunc(keys, func(k Column) bool { return strings.ToLower(k.Name) == word })
		switch {
		case token[2] != "":
			return nil, fail("unexpected " + token[2])
		case word != "" && i < 0 && !slices.Contains(predicateWords, word):
			return nil, fail(token[1] + " is not a partition key")
		case word != "" && i >= 0 && keys[i].Type != "string":
			return nil, fail("the local AWS supports only partition keys of the type string, not " + keys[i].Type)
		}
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	names, rows := []string{"partition"}, []string{}
	for _, k := range keys {
		names = append(names, strconv.Quote(k.Name))
	}
	for i, p := range partitions {
		row := strconv.Itoa(i)
		for _, v := range p.Values {
			row += ", '" + strings.ReplaceAll(v, "'", "''") + "'"
		}
		rows = append(rows, "("+row+")")
	}
	if len(rows) == 0 {
		return nil, nil
	}
	query := "SELECT partition FROM (VALUES " + strings.Join(rows, ", ") + ") AS t(" + strings.Join(names, ", ") + ") WHERE (" + expression +
		") ORDER BY partition"
	found, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, fail(err.Error())
	}
	defer found.Close()
	var list []Partition
	for found.Next() {
		var i int
		if err := found.Scan(&i); err != nil {
			return nil, err
		}
		list = append(list, partitions[i])
	}
	return list, found.Err()
}
