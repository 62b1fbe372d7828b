package workflow

import (
	"slices"
	"strings"
)

// The names of views that are not the tables' nor the user's: of the age of all of a source's, and after the view of a table.
const (
	FreshnessView = "snaplake_freshness"
	HistorySuffix = "_history"
	ChangesSuffix = "_changes"
)

// TableName is the name of a table. MySQL and MariaDB have no schemas: there Schema equals Database.
type TableName struct{ Database, Schema, Table string }

// ParseTableName parses database.schema.table, or database.table of MySQL, as RDS and pipeline.yaml write it. What follows the
// schema is the table's name, dots included. It reports false for a name without a dot, which is a database's.
func ParseTableName(s string) (TableName, bool) {
	database, rest, isTable := strings.Cut(s, ".")
	schema, table, hasSchema := strings.Cut(rest, ".")
	if !hasSchema {
		schema, table = database, rest
	}
	return TableName{Database: database, Schema: schema, Table: table}, isTable
}

// String returns the name as pipeline.yaml has it: "shop.users", "app.public.users".
func (t TableName) String() string {
	if t.Schema == t.Database {
		return t.Database + "." + t.Table
	}
	return t.full()
}

// full returns the name with its schema, also for MySQL: "shop.shop.users".
func (t TableName) full() string { return t.Database + "." + t.Schema + "." + t.Table }

// ViewName returns the name of a table's view: the one in Names, or else the template's, in lower case and with underscores for
// everything but letters and digits.
func (s Source) ViewName(t TableName) string {
	for _, name := range []string{t.full(), t.String()} {
		if view, ok := s.Names[name]; ok {
			return view
		}
	}
	name := strings.NewReplacer("{database}", t.Database, "{schema}", t.Schema, "{table}", t.Table).Replace(s.ViewTemplate)
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_':
			return r
		case r >= 'A' && r <= 'Z':
			return r + ('a' - 'A')
		default:
			return '_'
		}
	}, name)
}

// ExportOnly returns what RDS is asked to export. RDS knows no patterns: in place of one stands the database, or the schema of
// PostgreSQL, that contains it. Empty means everything.
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
	return slices.DeleteFunc(only, func(entry string) bool { // what lies in a database or a schema that is exported whole
		for i := range entry {
			if entry[i] == '.' && seen[entry[:i]] {
				return true
			}
		}
		return false
	})
}

// Selects reports whether a table is among Tables. System databases and schemas are selected only by an entry that names them.
func (s Source) Selects(t TableName) bool {
	if len(s.Tables) == 0 {
		return !t.IsSystem()
	}
	return slices.ContainsFunc(s.Tables, func(pattern string) bool {
		return t.MatchedBy(pattern) && (!t.IsSystem() || namesSystem(pattern, t))
	})
}

// SelectsFrom reports whether Tables may select a table of a database.
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

// The databases and schemas that a server has for itself. RDS exports or mentions them with everything else.
var (
	systemDatabases = []string{"mysql", "sys", "performance_schema", "information_schema", "rdsadmin", "postgres"}
	systemSchemas   = []string{"information_schema", "pg_catalog"}
)

// IsSystem reports whether the table's database or schema is the server's own.
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

// MatchedBy reports whether an entry of Tables, or of ExportOnly, covers the table: a database, a schema of PostgreSQL, a table, or
// a pattern. A * stands for any characters of the database, of the schema or of the table, but not for a dot between them. The
// entry shop.shop may be a table of MySQL or a schema of PostgreSQL: it covers both.
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
	default: // a table of MySQL may have a dot in its name
		return MatchGlob(part[1], t.Schema) && MatchGlob(part[2], t.Table) || isMySQL && MatchGlob(part[1]+"."+part[2], t.Table)
	}
}

// MatchGlob reports whether a pattern, in which * stands for any characters, matches a whole name. It is case-sensitive.
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
