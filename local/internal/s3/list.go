package s3

import (
	"cmp"
	"os"
	"strings"

	"github.com/johannesboyne/gofakes3"
)

// maxKeys is the maximum number of keys on a page, as in S3.
const maxKeys = 1000

// above is a byte that sorts after any UTF-8 text that can follow a folder's name in a key.
const above = "\xff"

// ListBucket returns one page of a listing.
func (b *backend) ListBucket(bucket string, prefix *gofakes3.Prefix, page gofakes3.ListBucketPage) (*gofakes3.ObjectList, error) {
	if prefix == nil {
		prefix = &gofakes3.Prefix{}
	}
	limit := min(int(page.MaxKeys), maxKeys)
	if limit == 0 {
		return gofakes3.NewObjectList(), nil
	}
	w := &walk{backend: b, bucket: bucket, prefix: prefix.Prefix}
	if page.HasMarker {
		w.after = page.Marker
	}
	list := gofakes3.NewObjectList()
	n, last := 0, ""
	for key, err := range w.keys {
		if err != nil {
			return nil, err
		}
		folder := folderOf(key, prefix)
		if folder != "" {
			w.after = folder + above
			if page.HasMarker && folder <= page.Marker {
				continue // listed on the previous page
			}
		}
		if n == limit {
			list.IsTruncated, list.NextMarker = true, last
			break
		}
		if last = cmp.Or(folder, key); folder != "" {
			list.AddPrefix(folder)
		} else if err := b.add(list, bucket, key); os.IsNotExist(err) {
			continue // deleted during the listing
		} else if err != nil {
			return nil, err
		}
		n++
	}
	return list, nil
}

// folderOf returns the common prefix that the listing shows instead of the key, or "" if it shows the key itself.
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

// add adds an object to a listing.
func (b *backend) add(list *gofakes3.ObjectList, bucket, key string) error {
	path := b.path(bucket, key)
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	d, err := b.describe(path, info)
	if err != nil {
		return err
	}
	list.Add(&gofakes3.Content{
		Key: key, LastModified: gofakes3.NewContentTime(info.ModTime()), ETag: gofakes3.FormatETag(d.hash), Size: info.Size(),
	})
	return nil
}
