package s3

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3afero"
)

// backend is gofakes3's file backend with S3's listing: in pages, in the order of the keys, and empty for a prefix that no
// object has. The original lists everything at once and calls an unknown prefix an unknown bucket.
type backend struct {
	*s3afero.MultiBucketBackend
	dir string
}

// maxKeys is S3's own limit of a page.
const maxKeys = 1000

// ListBucket lists one page.
func (b *backend) ListBucket(bucket string, prefix *gofakes3.Prefix, page gofakes3.ListBucketPage) (*gofakes3.ObjectList, error) {
	if prefix == nil {
		prefix = &gofakes3.Prefix{}
	}
	keys, err := b.keys(bucket, prefix.Prefix)
	if err != nil {
		return nil, err
	}
	limit := maxKeys
	if page.MaxKeys > 0 && page.MaxKeys < maxKeys {
		limit = int(page.MaxKeys)
	}
	if page.HasMarker {
		keys = keys[sort.Search(len(keys), func(i int) bool { return keys[i] > page.Marker }):]
	}
	list := gofakes3.NewObjectList()
	for n, last := 0, ""; len(keys) > 0; {
		key := keys[0]
		folder := folderOf(key, prefix)
		if folder != "" && page.HasMarker && folder <= page.Marker {
			keys = keys[1:] // listed on the page before
			continue
		}
		if n == limit {
			list.IsTruncated, list.NextMarker = true, last
			break
		}
		if folder != "" {
			list.AddPrefix(folder)
			for len(keys) > 0 && strings.HasPrefix(keys[0], folder) {
				keys = keys[1:]
			}
			last = folder
		} else {
			if err := b.add(list, bucket, key); err != nil {
				return nil, err
			}
			keys, last = keys[1:], key
		}
		n++
	}
	return list, nil
}

// folderOf is the common prefix that stands for a key in a listing with a delimiter, or "".
func folderOf(key string, prefix *gofakes3.Prefix) string {
	if !prefix.HasDelimiter || prefix.Delimiter == "" {
		return ""
	}
	head, _, found := strings.Cut(key[len(prefix.Prefix):], prefix.Delimiter)
	if !found {
		return ""
	}
	return prefix.Prefix + head + prefix.Delimiter
}

func (b *backend) add(list *gofakes3.ObjectList, bucket, key string) error {
	o, err := b.HeadObject(bucket, key)
	if gofakes3.HasErrorCode(err, gofakes3.ErrNoSuchKey) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	info, err := os.Stat(filepath.Join(b.dir, bucket, filepath.FromSlash(key)))
	if err != nil {
		return err
	}
	list.Add(&gofakes3.Content{
		Key:          key,
		LastModified: gofakes3.NewContentTime(info.ModTime()),
		ETag:         gofakes3.FormatETag(o.Hash),
		Size:         o.Size,
	})
	return nil
}

// keys returns the keys that begin with prefix, sorted as S3 sorts: by their bytes.
func (b *backend) keys(bucket, prefix string) ([]string, error) {
	root := filepath.Join(b.dir, bucket)
	if _, err := os.Stat(root); err != nil {
		return nil, gofakes3.BucketNotFound(bucket)
	}
	start := filepath.Join(root, filepath.FromSlash(prefix[:strings.LastIndex(prefix, "/")+1]))
	var keys []string
	err := filepath.WalkDir(start, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if key := filepath.ToSlash(rel); strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
		return nil
	})
	slices.Sort(keys)
	return keys, err
}
