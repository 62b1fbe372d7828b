package glue

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2"
)

// footer selects the columns of a Parquet file: the name, whether the column is nested, and the converted type or else the physical type.
// The first row of parquet_schema is the root. A column that has only a logical type gets a type that is not in hiveTypes.
const footer = `SELECT lower(name), type IS NULL OR repetition_type = 'REPEATED',
		CASE WHEN converted_type = 'DECIMAL' AND precision BETWEEN 1 AND 38 AND scale BETWEEN 0 AND precision
				THEN format('decimal({},{})', precision, scale)
			ELSE coalesce(converted_type, logical_type, type, '') END
	FROM parquet_schema(?) OFFSET 1`

// hiveTypes maps Parquet types to the types that Glue infers.
var hiveTypes = map[string]string{
	"UTF8": "string", "ENUM": "string", "JSON": "string", "DATE": "date", "TIMESTAMP_MILLIS": "timestamp", "TIMESTAMP_MICROS": "timestamp",
	"INT_8": "tinyint", "INT_16": "smallint", "INT_32": "int", "INT_64": "bigint",
	"BOOLEAN": "boolean", "INT32": "int", "INT64": "bigint", "INT96": "timestamp", "FLOAT": "float", "DOUBLE": "double",
	"BYTE_ARRAY": "binary", "FIXED_LEN_BYTE_ARRAY": "binary",
}

// readColumns returns the columns of a Parquet file. DuckDB reads the footer.
func readColumns(ctx context.Context, db *sql.DB, file string) (columns []Column, err error) {
	rows, err := db.QueryContext(ctx, footer, file)
	if err != nil {
		return nil, notParquet(err)
	}
	defer rows.Close()
	for rows.Next() {
		var c Column
		var nested bool
		if err := rows.Scan(&c.Name, &nested, &c.Type); err != nil {
			return nil, notParquet(err)
		}
		if nested {
			return nil, fmt.Errorf("column %q: the local AWS does not support nested columns", c.Name)
		}
		if hive, known := hiveTypes[c.Type]; known {
			c.Type = hive
		} else if !strings.HasPrefix(c.Type, "decimal(") {
			return nil, fmt.Errorf("column %q: the local AWS does not support the type %s, which RDS exports do not use", c.Name, c.Type)
		}
		if c.Name == "" || len(c.Name) > 255 {
			return nil, fmt.Errorf("%.300q is not a valid column name in Glue", c.Name)
		}
		if slices.ContainsFunc(columns, func(other Column) bool { return c.Name == other.Name }) {
			continue // Glue's treatment of names that differ only in case is not documented
		}
		columns = append(columns, c)
	}
	if err := rows.Err(); err != nil || len(columns) == 0 {
		return nil, notParquet(cmp.Or(err, errors.New("it has no columns")))
	}
	return columns, nil
}

func notParquet(cause error) error {
	return fmt.Errorf("not a complete Parquet file: %w; the local AWS crawls only Parquet files, so exclude or replace this file", cause)
}
