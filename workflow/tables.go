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

// ViewOf names the view of a table: as Names has it, or else by the template ViewName in lower case, letters, digits and
// underscores, whatever the table is called.
func (s Source) ViewOf(database, schema, table string) string {
	for _, full := range fullNames(database, schema, table) {
		if name, ok := s.Names[full]; ok {
			return name
		}
	}
	name := strings.NewReplacer("{database}", database, "{schema}", schema, "{table}", table).Replace(s.ViewName)
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

// ExportOnly is what RDS is asked for. RDS knows no patterns: of one, it is asked for the database, or the schema of
// PostgreSQL, that the pattern lies in. Empty means everything.
func (s Source) ExportOnly() []string {
	var all []string
	for _, entry := range s.Tables {
		if before, _, isPattern := strings.Cut(entry, "*"); isPattern {
			i := strings.LastIndex(before, ".")
			if i < 0 {
				return nil
			}
			entry = entry[:i]
		}
		all = append(all, entry)
	}
	var only []string
	for _, entry := range all {
		if !isCovered(entry, all) && !slices.Contains(only, entry) {
			only = append(only, entry)
		}
	}
	return only
}

// isCovered tells whether another entry asks for all of the database or schema that one lies in.
func isCovered(entry string, all []string) bool {
	for _, other := range all {
		if strings.HasPrefix(entry, other+".") {
			return true
		}
	}
	return false
}

// Wants reports whether a table is among Tables. What a database server has for itself is wanted only where an entry names it.
func (s Source) Wants(database, schema, table string) bool {
	if len(s.Tables) == 0 {
		return !IsSystem(database, schema)
	}
	return slices.ContainsFunc(s.Tables, func(entry string) bool {
		return IsPartOf(entry, database, schema, table) && (!IsSystem(database, schema) || namesSystem(entry, database, schema))
	})
}

// The databases and schemas that a server has for itself. RDS exports or mentions them with everything else.
var (
	systemDatabases = []string{"mysql", "sys", "performance_schema", "information_schema", "rdsadmin", "postgres"}
	systemSchemas   = []string{"information_schema", "pg_catalog"}
)

// IsSystem reports whether a database or a schema is the server's own.
func IsSystem(database, schema string) bool {
	return slices.Contains(systemDatabases, database) || slices.Contains(systemSchemas, schema)
}

func namesSystem(entry, database, schema string) bool {
	own := database
	if !slices.Contains(systemDatabases, database) {
		own = schema
	}
	return slices.Contains(strings.Split(entry, "."), own)
}

// IsPartOf reports whether a table belongs to an entry of Tables or of ExportOnly: to a database, a schema of PostgreSQL, or to
// what a pattern matches. A * stands for any characters of the database, of the schema or of the table. Of shop.shop nobody can tell
// whether it is a table of MySQL or a schema of PostgreSQL: it is taken for both.
func IsPartOf(entry, database, schema, table string) bool {
	part := strings.SplitN(entry, ".", 3)
	isMySQL := schema == database
	switch {
	case !Match(part[0], database):
		return false
	case len(part) == 1, len(part) == 2 && part[1] == schema:
		return true
	case len(part) == 2:
		return isMySQL && Match(part[1], table) || !isMySQL && Match(part[1], schema)
	default: // a table of MySQL may have a point in its name
		return Match(part[1], schema) && Match(part[2], table) || isMySQL && Match(part[1]+"."+part[2], table)
	}
}

// fullNames are how a table can be written. MySQL has no schemas: an export has its database in their place.
func fullNames(database, schema, table string) []string {
	names := []string{database + "." + schema + "." + table}
	if schema == database {
		names = append(names, database+"."+table)
	}
	return names
}

// Match tells whether a pattern, in which * stands for any characters, matches a whole name. Upper case matters.
func Match(pattern, name string) bool {
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
