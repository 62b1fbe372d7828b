package glue

import (
	"fmt"
	"slices"
	"strings"
)

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
