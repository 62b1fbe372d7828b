package glue

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"snaplake/workflow"
)

// configuration is the JSON content of a crawler's Configuration (Glue guide, "Setting crawler configuration options").
type configuration struct {
	Version              float64
	CreatePartitionIndex bool
	Grouping             struct {
		TableGroupingPolicy string
		// TableLevelConfiguration is the absolute level of the folders that become tables. The bucket is level 1.
		TableLevelConfiguration int
	}
	CrawlerOutput struct {
		Tables, Partitions struct{ AddOrUpdateBehavior string }
	}
}

// parseConfiguration accepts only the configuration that the pipeline's crawlers have. The table level may have any value.
func parseConfiguration(text string) (c configuration, err error) {
	c.CreatePartitionIndex = true // Glue's default
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return c, err
	}
	var supported configuration
	if err := json.Unmarshal([]byte(workflow.CrawlerConfiguration), &supported); err != nil {
		return c, err
	}
	supported.Grouping.TableLevelConfiguration = max(c.Grouping.TableLevelConfiguration, 1)
	if c != supported {
		return c, errors.New("the local AWS supports only " + workflow.CrawlerConfiguration + ", with any table level")
	}
	return c, nil
}

// target is the folder to crawl.
type target struct {
	bucket string
	// prefix ends with a slash, or is empty.
	prefix string
	// exclusions holds the key suffixes of excluded objects.
	exclusions []string
}

func newTarget(t S3Target) (target, error) {
	rest, ok := strings.CutPrefix(t.Path, "s3://")
	bucket, prefix, _ := strings.Cut(rest, "/")
	if !ok || bucket == "" {
		return target{}, fmt.Errorf("the path must be s3://BUCKET/FOLDER, not %q", t.Path)
	}
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	out := target{bucket: bucket, prefix: prefix}
	for _, e := range t.Exclusions {
		suffix, ok := strings.CutPrefix(e, "**")
		if !ok || strings.ContainsAny(suffix, `*?[]{}\`) {
			return target{}, fmt.Errorf("exclusion %q: the local AWS supports only ** and a suffix, for example **.json", e)
		}
		out.exclusions = append(out.exclusions, suffix)
	}
	return out, nil
}

// excludes reports whether an exclusion matches the key.
func (t target) excludes(key string) bool {
	relative := key[len(t.prefix):]
	return slices.ContainsFunc(t.exclusions, func(suffix string) bool { return strings.HasSuffix(relative, suffix) })
}
