package workflow

import (
	"regexp"
	"slices"
	"strings"
)

// FreshnessView is the view that shows the age of a source's views. The other constants are suffixes of view names.
const (
	FreshnessView = "snaplake_freshness"
	HistorySuffix = "_history"
	ChangesSuffix = "_changes"
)

// TableName is the name of a table. MySQL and MariaDB have no schemas, so Schema equals Database.
type TableName struct{ Database, Schema, Table string }

// ParseTableName parses database.schema.table, or MySQL's database.table, as written in RDS and pipeline.yaml. The table's name may contain
// dots. It reports false for a name without a dot, which is the name of a database.
func ParseTableName(s string) (TableName, bool) {
	database, rest, isTable := strings.Cut(s, ".")
	schema, table, hasSchema := strings.Cut(rest, ".")
	if !hasSchema {
		schema, table = database, rest
	}
	return TableName{Database: database, Schema: schema, Table: table}, isTable
}

// String returns the name as written in pipeline.yaml: "shop.users", "app.public.users".
func (t TableName) String() string {
	if t.Schema == t.Database {
		return t.Database + "." + t.Table
	}
	return t.full()
}

// full returns the name with its schema, even for MySQL: "shop.shop.users".
func (t TableName) full() string { return t.Database + "." + t.Schema + "." + t.Table }

// ViewName returns the name of a table's view, either from Names or from the template. A name from the template is in lower case, with an
// underscore in place of each character that is not an ASCII letter or digit.
func (s Source) ViewName(t TableName) string {
	for _, name := range []string{t.full(), t.String()} {
		if view, ok := s.Names[name]; ok {
			return view
		}
	}
	name := strings.NewReplacer("{database}", t.Database, "{schema}", t.Schema, "{table}", t.Table).Replace(s.ViewTemplate)
	return strings.ToLower(notInViewName.ReplaceAllString(name, "_"))
}

var notInViewName = regexp.MustCompile(`[^a-zA-Z0-9_]`)

// ExportOnly returns the ExportOnly parameter of the export task; if it is empty, RDS exports everything. RDS does not support patterns, so
// a pattern is replaced by the database, or the PostgreSQL schema, that contains its tables.
func (s Source) ExportOnly() []string {
	var only []string
	seen := map[string]bool{}
	for _, entry := range s.Tables {
		if before, _, isPattern := strings.Cut(entry, "*"); isPattern {
			i := strings.LastIndex(before, ".")
			if i < 0 {
				return nil
			}
			entry = entry[:i]
		}
		if !seen[entry] {
			only, seen[entry] = append(only, entry), true
		}
	}
	return slices.DeleteFunc(only, func(entry string) bool { // delete an entry if its database or schema is exported completely
		for i := range entry {
			if entry[i] == '.' && seen[entry[:i]] {
				return true
			}
		}
		return false
	})
}

// Selects reports whether the Tables setting selects a table. A system database or schema is selected only by an entry that names it.
func (s Source) Selects(t TableName) bool {
	if len(s.Tables) == 0 {
		return !t.IsSystem()
	}
	return slices.ContainsFunc(s.Tables, func(pattern string) bool {
		return t.MatchedBy(pattern) && (!t.IsSystem() || namesSystem(pattern, t))
	})
}

// AllowsGone reports whether AllowGone covers a view.
func (s Source) AllowsGone(view string) bool {
	return slices.ContainsFunc(s.AllowGone, func(pattern string) bool { return MatchGlob(pattern, view) })
}

// AllowsSkipped reports whether AllowSkipped covers a table, a database, or a name from an error message. A MySQL table can be written as
// shop.users or shop.shop.users.
func (s Source) AllowsSkipped(name string) bool {
	t, _ := ParseTableName(name)
	return slices.ContainsFunc(s.AllowSkipped, func(allowed string) bool {
		other, _ := ParseTableName(allowed)
		return other == t
	})
}

// SelectsFrom reports whether the Tables setting can select tables of the given database.
func (s Source) SelectsFrom(database string) bool {
	isSystem := TableName{Database: database}.IsSystem()
	if len(s.Tables) == 0 {
		return !isSystem
	}
	return slices.ContainsFunc(s.Tables, func(pattern string) bool {
		pattern, _, _ = strings.Cut(pattern, ".")
		return pattern == database || MatchGlob(pattern, database) && !isSystem
	})
}

// These databases and schemas belong to the database server itself. A complete RDS export can include them.
var (
	systemDatabases = []string{"mysql", "sys", "performance_schema", "information_schema", "rdsadmin", "postgres"}
	systemSchemas   = []string{"information_schema", "pg_catalog"}
)

// IsSystem reports whether the table is in a system database or schema.
func (t TableName) IsSystem() bool {
	return slices.Contains(systemDatabases, t.Database) || slices.Contains(systemSchemas, t.Schema)
}

func namesSystem(pattern string, t TableName) bool {
	own := t.Database
	if !slices.Contains(systemDatabases, t.Database) {
		own = t.Schema
	}
	return slices.Contains(strings.Split(pattern, "."), own)
}

// MatchedBy reports whether an entry of Tables or ExportOnly covers the table. The entry is a database, a PostgreSQL schema, a table or a
// pattern. A * matches any characters within a part of the name, but not the dots between the parts. The entry shop.shop covers both the
// MySQL table and the PostgreSQL schema of that name.
func (t TableName) MatchedBy(pattern string) bool {
	part := strings.SplitN(pattern, ".", 3)
	isMySQL := t.Schema == t.Database
	switch {
	case !MatchGlob(part[0], t.Database):
		return false
	case len(part) == 1, len(part) == 2 && part[1] == t.Schema:
		return true
	case len(part) == 2:
		return isMySQL && MatchGlob(part[1], t.Table) || !isMySQL && MatchGlob(part[1], t.Schema)
	default: // the name of a MySQL table may contain a dot
		return MatchGlob(part[1], t.Schema) && MatchGlob(part[2], t.Table) || isMySQL && MatchGlob(part[1]+"."+part[2], t.Table)
	}
}

// MatchGlob reports whether a pattern matches a whole name, case-sensitively. A * matches any characters, or none.
func MatchGlob(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	name, ok := strings.CutPrefix(name, parts[0])
	if len(parts) == 1 {
		return ok && name == ""
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		i := strings.Index(name, part)
		if i < 0 {
			return false
		}
		name = name[i+len(part):]
	}
	return ok && strings.HasSuffix(name, parts[last])
}
