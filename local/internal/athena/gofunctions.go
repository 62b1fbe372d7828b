package athena

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/big"
	"strconv"

	"github.com/duckdb/duckdb-go/v2"
)

// goFunction is a DuckDB function written in Go. DuckDB does not call it if an argument is NULL.
type goFunction struct {
	in   []duckdb.Type
	out  duckdb.Type
	call func(v []driver.Value) (any, error)
}

// Config describes the function to DuckDB.
func (f goFunction) Config() duckdb.ScalarFuncConfig {
	config := duckdb.ScalarFuncConfig{ResultTypeInfo: typeInfo(f.out)}
	for _, t := range f.in {
		config.InputTypeInfos = append(config.InputTypeInfos, typeInfo(t))
	}
	return config
}

// typeInfo returns DuckDB's description of a type without parameters.
func typeInfo(t duckdb.Type) duckdb.TypeInfo {
	info, _ := duckdb.NewTypeInfo(t) // fails only for a type with parameters
	return info
}

// Executor returns the callbacks that DuckDB uses to run the function.
func (f goFunction) Executor() duckdb.ScalarFuncExecutor {
	return duckdb.ScalarFuncExecutor{RowExecutor: f.call}
}

// registerFunctions makes Go functions available in DuckDB. Macros and translated queries call these functions.
func (s *session) registerFunctions(conn *sql.Conn) error {
	text, number := duckdb.TYPE_VARCHAR, duckdb.TYPE_BIGINT
	for name, f := range map[string]goFunction{
		"athena_text":      castFunction(),
		"athena_refuse":    {in: []duckdb.Type{text}, out: duckdb.TYPE_BOOLEAN, call: refuse},
		"athena_from_base": {in: []duckdb.Type{text, number}, out: number, call: fromBase},
		"athena_from_utf8": {in: []duckdb.Type{duckdb.TYPE_BLOB}, out: text, call: func(v []driver.Value) (any, error) {
			return fromUTF8(v[0].([]byte)), nil
		}},
		"athena_decimal_divide": {in: []duckdb.Type{text, text, duckdb.TYPE_INTEGER, text}, out: text, call: divideDecimals},
		"athena_upper": {in: []duckdb.Type{text}, out: text, call: func(v []driver.Value) (any, error) {
			return upper(v[0].(string)), nil
		}},
		"athena_print_real":   printFunction(duckdb.TYPE_FLOAT),
		"athena_print_double": printFunction(duckdb.TYPE_DOUBLE),
	} {
		if err := duckdb.RegisterScalarUDF(conn, name, f); err != nil {
			return fmt.Errorf("register %s: %w", name, err)
		}
	}
	return nil
}

// castFunction returns the DuckDB function athena_text. Its arguments are those of castText, and true for TRY_CAST.
func castFunction() goFunction {
	text := duckdb.TYPE_VARCHAR
	return goFunction{
		in: []duckdb.Type{text, text, text, duckdb.TYPE_BOOLEAN}, out: text,
		call: func(v []driver.Value) (any, error) {
			out, err := castText(v[0].(string), v[1].(string), v[2].(string))
			if err != nil && v[3].(bool) {
				return nil, nil
			}
			return out, err
		},
	}
}

// divideDecimals divides two decimals, and rounds half away from zero to a scale. For the operator %, it returns the remainder.
func divideDecimals(v []driver.Value) (any, error) {
	a, ok1 := new(big.Rat).SetString(v[0].(string))
	b, ok2 := new(big.Rat).SetString(v[1].(string))
	if !ok1 || !ok2 {
		return nil, fmt.Errorf("INVALID_FUNCTION_ARGUMENT: not decimals: %v, %v", v[0], v[1])
	}
	if b.Sign() == 0 {
		return nil, errors.New("DIVISION_BY_ZERO: Division by zero")
	}
	scale := int(v[2].(int32))
	quotient := new(big.Rat).Quo(a, b)
	if v[3] == "/" {
		return quotient.FloatString(scale), nil
	}
	whole := new(big.Rat).SetInt(new(big.Int).Quo(quotient.Num(), quotient.Denom()))
	return a.Sub(a, whole.Mul(whole, b)).FloatString(scale), nil
}

// refuse fails with its argument as the error message.
func refuse(v []driver.Value) (any, error) { return nil, errors.New(v[0].(string)) }

// fromBase parses a number in the given base.
func fromBase(v []driver.Value) (any, error) {
	base := v[1].(int64)
	if base < 2 || base > 36 {
		return nil, errors.New("INVALID_FUNCTION_ARGUMENT: Radix must be between 2 and 36")
	}
	n, err := strconv.ParseInt(v[0].(string), int(base), 64)
	if err != nil {
		return nil, fmt.Errorf("INVALID_FUNCTION_ARGUMENT: Not a valid base-%d number: %s", v[1], v[0])
	}
	return n, nil
}
