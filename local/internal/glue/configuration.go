package glue

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// configuration is a crawler's Configuration, as far as the local AWS knows it.
type configuration struct {
	// tableLevel is the absolute level of the folders that are tables: the bucket is 1. 0 when it is not given.
	tableLevel int
	// mergeNewColumns adds columns that a table in the catalog does not have.
	mergeNewColumns bool
	// inheritFromTable gives a partition the columns of its table, not those of its own files.
	inheritFromTable bool
	// noPartitionIndex keeps the crawler from making an index of a new table's partitions, as it does by default (Glue guide,
	// "Generating partition indexes").
	noPartitionIndex bool
}

// parseConfiguration reads the JSON that the Glue guide describes under "Setting crawler configuration options". A key that
// is not known here is refused, as Glue refuses one that it does not know.
func parseConfiguration(text string) (configuration, error) {
	var c configuration
	top, err := object("Configuration", []byte(text), "Version", "CreatePartitionIndex", "Grouping", "CrawlerOutput")
	if err != nil {
		return c, err
	}
	var version float64
	if err := json.Unmarshal(top["Version"], &version); err != nil || version != 1 {
		return c, fmt.Errorf("the Version must be 1.0")
	}
	if b, ok := top["CreatePartitionIndex"]; ok {
		var wanted bool
		if err := json.Unmarshal(b, &wanted); err != nil {
			return c, fmt.Errorf("CreatePartitionIndex must be true or false, not %s", b)
		}
		c.noPartitionIndex = !wanted
	}
	grouping, err := object("Grouping", top["Grouping"], "TableGroupingPolicy", "TableLevelConfiguration")
	if err != nil {
		return c, err
	}
	// The policy is about folders that would be grouped by what they contain. With a table level none is.
	if _, err := choice("Grouping.TableGroupingPolicy", grouping["TableGroupingPolicy"], "CombineCompatibleSchemas"); err != nil {
		return c, err
	}
	if b, ok := grouping["TableLevelConfiguration"]; ok {
		if err := json.Unmarshal(b, &c.tableLevel); err != nil || c.tableLevel < 1 {
			return c, fmt.Errorf("Grouping.TableLevelConfiguration must be a whole number above 0, not %s", b)
		}
	}
	output, err := object("CrawlerOutput", top["CrawlerOutput"], "Tables", "Partitions")
	if err != nil {
		return c, err
	}
	tables, err := object("CrawlerOutput.Tables", output["Tables"], "AddOrUpdateBehavior")
	if err != nil {
		return c, err
	}
	if c.mergeNewColumns, err = choice("CrawlerOutput.Tables.AddOrUpdateBehavior", tables["AddOrUpdateBehavior"], "MergeNewColumns"); err != nil {
		return c, err
	}
	partitions, err := object("CrawlerOutput.Partitions", output["Partitions"], "AddOrUpdateBehavior")
	if err != nil {
		return c, err
	}
	c.inheritFromTable, err = choice("CrawlerOutput.Partitions.AddOrUpdateBehavior", partitions["AddOrUpdateBehavior"], "InheritFromTable")
	return c, err
}

// object reads a JSON object that has none but these keys. No JSON at all is an object without keys.
func object(path string, b []byte, keys ...string) (map[string]json.RawMessage, error) {
	var members map[string]json.RawMessage
	if b == nil {
		return nil, nil
	}
	if err := json.Unmarshal(b, &members); err != nil {
		return nil, fmt.Errorf("%s is not a JSON object: %v", path, err)
	}
	unknown := slices.DeleteFunc(slices.Sorted(maps.Keys(members)), func(k string) bool { return slices.Contains(keys, k) })
	if len(unknown) > 0 {
		return nil, fmt.Errorf("%s contains unsupported keys: %s", path, strings.Join(unknown, ", "))
	}
	return members, nil
}

// choice tells whether a member is given. Only one value is allowed.
func choice(path string, b []byte, value string) (bool, error) {
	if b == nil {
		return false, nil
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil || s != value {
		return false, fmt.Errorf("%s must be %q, not %s", path, value, b)
	}
	return true, nil
}

// target is an S3Target that can be crawled.
type target struct {
	bucket string
	// prefix ends with a slash, or is empty.
	prefix     string
	exclusions []*regexp.Regexp
}

func newTarget(t S3Target) (target, error) {
	rest, ok := strings.CutPrefix(t.Path, "s3://")
	bucket, prefix, _ := strings.Cut(rest, "/")
	if !ok || bucket == "" {
		return target{}, fmt.Errorf("the path %q is not like s3://BUCKET/FOLDER", t.Path)
	}
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	out := target{bucket: bucket, prefix: prefix}
	for _, e := range t.Exclusions {
		re, err := glob(e)
		if err != nil {
			return target{}, fmt.Errorf("the exclusion %q: %v", e, err)
		}
		out.exclusions = append(out.exclusions, re)
	}
	return out, nil
}

// excludes tells whether a key is left out.
func (t target) excludes(key string) bool {
	relative := key[len(t.prefix):]
	return slices.ContainsFunc(t.exclusions, func(e *regexp.Regexp) bool { return e.MatchString(relative) })
}

// glob makes a regular expression of an exclusion, as the Glue guide describes it: * and ? stay in a folder, ** does not,
// [a-z] and [!a-z] are one character, {a,b} is one of several, a backslash takes a character as it is.
func glob(pattern string) (*regexp.Regexp, error) {
	var b strings.Builder
	braces := 0
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case strings.HasPrefix(pattern[i:], "**"):
			b.WriteString(".*")
			i++
		case c == '*':
			b.WriteString("[^/]*")
		case c == '?':
			b.WriteString("[^/]")
		case strings.HasPrefix(pattern[i:], "[!"):
			b.WriteString("[^")
			i++
		case c == '[' || c == ']':
			b.WriteByte(c)
		case c == '{':
			braces++
			b.WriteString("(?:")
		case c == '}' && braces > 0:
			braces--
			b.WriteByte(')')
		case c == ',' && braces > 0:
			b.WriteByte('|')
		case c == '\\' && i+1 < len(pattern):
			i++
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		case c == '-':
			b.WriteByte(c) // means itself, and between brackets a range
		default:
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		}
	}
	return regexp.Compile("(?s)^" + b.String() + "$")
}
