package athena

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// goFunction is a function of the engine that is written in Go. It is not called for a NULL.
type goFunction struct {
	in  []duckdb.Type
	out duckdb.Type
	// list makes the result an array of out.
	list bool
	call func(v []driver.Value) (any, error)
	// bind, if set, may refuse what is known of the arguments before the query runs; what is not known is nil.
	bind func(known []driver.Value) error
}

// Config describes the function to the engine.
func (f goFunction) Config() duckdb.ScalarFuncConfig {
	config := duckdb.ScalarFuncConfig{ResultTypeInfo: typeInfo(f.out)}
	if f.list {
		config.ResultTypeInfo, _ = duckdb.NewListInfo(config.ResultTypeInfo) // fails without a type only
	}
	for _, t := range f.in {
		config.InputTypeInfos = append(config.InputTypeInfos, typeInfo(t))
	}
	return config
}

// typeInfo is for the types of this file, none of which needs more than a name.
func typeInfo(t duckdb.Type) duckdb.TypeInfo {
	info, err := duckdb.NewTypeInfo(t)
	if err != nil {
		panic(fmt.Sprintf("the engine's type %v: %v", t, err))
	}
	return info
}

// Executor is how the engine calls the function.
func (f goFunction) Executor() duckdb.ScalarFuncExecutor {
	executor := duckdb.ScalarFuncExecutor{RowExecutor: f.call}
	if f.bind != nil {
		executor.ScalarBinder = func(ctx context.Context, arguments []duckdb.ScalarUDFArg) (context.Context, error) {
			known := make([]driver.Value, len(arguments))
			for i, a := range arguments {
				known[i] = a.Value
			}
			return ctx, f.bind(known)
		}
	}
	return executor
}

// textFunction is a function of texts that has a text, or nothing, for a result.
func textFunction(arguments int, call func(s []string) (any, error)) goFunction {
	in := make([]duckdb.Type, arguments)
	for i := range in {
		in[i] = duckdb.TYPE_VARCHAR
	}
	return goFunction{in: in, out: duckdb.TYPE_VARCHAR, call: func(v []driver.Value) (any, error) {
		s := make([]string, len(v))
		for i := range v {
			s[i] = v[i].(string)
		}
		return call(s)
	}}
}

// bytesFunction is a function of varbinaries that has one for a result.
func bytesFunction(arguments int, call func(b [][]byte) []byte) goFunction {
	in := make([]duckdb.Type, arguments)
	for i := range in {
		in[i] = duckdb.TYPE_BLOB
	}
	return goFunction{in: in, out: duckdb.TYPE_BLOB, call: func(v []driver.Value) (any, error) {
		b := make([][]byte, len(v))
		for i := range v {
			b[i] = v[i].([]byte)
		}
		return call(b), nil
	}}
}

// momentTypes are the engine's types of dates and timestamps.
var momentTypes = [...]duckdb.Type{
	duckdb.TYPE_DATE, duckdb.TYPE_TIMESTAMP_S, duckdb.TYPE_TIMESTAMP_MS, duckdb.TYPE_TIMESTAMP, duckdb.TYPE_TIMESTAMP_TZ,
}

// ofMoments is a function of a date or a timestamp, the last argument, whose result is of the same type.
func ofMoments(before []duckdb.Type, call func(v []driver.Value, at time.Time) (time.Time, error)) []goFunction {
	var set []goFunction
	for _, t := range momentTypes {
		set = append(set, goFunction{in: append(before[:len(before):len(before)], t), out: t, call: func(v []driver.Value) (any, error) {
			return call(v, v[len(v)-1].(time.Time))
		}})
	}
	return set
}

// registerFunctions gives the engine the functions that its macros and the translated queries call.
func registerFunctions(conn *sql.Conn) error {
	for name, set := range goFunctions() {
		var functions []duckdb.ScalarFunc
		for _, f := range set {
			functions = append(functions, f)
		}
		if err := duckdb.RegisterScalarUDFSet(conn, name, functions...); err != nil {
			return fmt.Errorf("register %s: %w", name, err)
		}
	}
	return nil
}

// goFunctions are the functions by their names. One of them may be there for several types.
func goFunctions() map[string][]goFunction {
	all := map[string][]goFunction{"athena_text": {castFunction()}, "athena_refuse": {refuseFunction()}}
	for _, some := range []map[string][]goFunction{timeFunctions(), textFunctions(), hashFunctions()} {
		for name, set := range some {
			all[name] = set
		}
	}
	return all
}

// castFunction is castText with the arguments text, from, to, try and place.
func castFunction() goFunction {
	text := duckdb.TYPE_VARCHAR
	return goFunction{
		in: []duckdb.Type{text, text, text, duckdb.TYPE_BOOLEAN, text}, out: text,
		call: func(v []driver.Value) (any, error) {
			out, err := castText(v[0].(string), v[1].(string), v[2].(string))
			if err != nil && v[3].(bool) {
				return nil, nil
			}
			return out, err
		},
		bind: func(known []driver.Value) error {
			from, ok1 := known[1].(string)
			to, ok2 := known[2].(string)
			if !ok1 || !ok2 || castable(from, to) {
				return nil
			}
			return fmt.Errorf("TYPE_MISMATCH: %v: Cannot cast %s to %s", known[4], trinoType(from), to)
		},
	}
}

// refuseFunction fails with its argument.
func refuseFunction() goFunction {
	return goFunction{in: []duckdb.Type{duckdb.TYPE_VARCHAR}, out: duckdb.TYPE_BOOLEAN, call: func(v []driver.Value) (any, error) {
		return nil, fmt.Errorf("%s", v[0])
	}}
}
