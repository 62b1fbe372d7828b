package athena

// supportedFunctions lists the functions that the views and the documentation use, and others that return the same results in DuckDB as in
// Trino.
const supportedFunctions = `
	abs avg bool_and bool_or coalesce concat count count_if date day dense_rank first_value from_base from_utf8 hour lag last_value lead
	length lower max min minute month now nullif quarter rank regexp_replace row_number second sha256 substr sum to_hex to_utf8 try upper year
`
