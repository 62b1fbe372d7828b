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

// predicateToken matches a token. The first group matches a name or a keyword, and the second group matches a character that is not
// allowed.
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
	columns := make([]string, len(keys))
	for i, k := range keys {
		columns[i] = "?::VARCHAR AS " + strconv.Quote(k.Name)
	}
	query, err := db.PrepareContext(ctx, "SELECT count(*) FROM (SELECT "+strings.Join(columns, ", ")+") WHERE ("+expression+")")
	if err != nil {
		return nil, fail(err.Error())
	}
	var selected []Partition
	for _, p := range partitions {
		values := make([]any, len(p.Values))
		for i, v := range p.Values {
			values[i] = v
		}
		var matches int
		if err := query.QueryRowContext(ctx, values...).Scan(&matches); err != nil {
			return nil, fail(err.Error())
		}
		if matches > 0 {
			selected = append(selected, p)
		}
	}
	return selected, nil
}
