package s3

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/johannesboyne/gofakes3"
)

// ListBuckets lists the folders that are buckets.
func (b *backend) ListBuckets() ([]gofakes3.BucketInfo, error) {
	entries, err := os.ReadDir(b.dir)
	if err != nil {
		return nil, err
	}
	var buckets []gofakes3.BucketInfo
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		buckets = append(buckets, gofakes3.BucketInfo{Name: e.Name(), CreationDate: gofakes3.NewContentTime(info.ModTime())})
	}
	return buckets, nil
}

// CreateBucket makes a folder.
func (b *backend) CreateBucket(name string) error {
	err := os.Mkdir(filepath.Join(b.dir, name), 0o700)
	if errors.Is(err, fs.ErrExist) {
		return gofakes3.ResourceError(gofakes3.ErrBucketAlreadyExists, name)
	}
	return err
}

// BucketExists looks for a folder.
func (b *backend) BucketExists(name string) (bool, error) {
	if !isKey(name) || strings.Contains(name, "/") {
		return false, nil
	}
	_, err := os.Stat(filepath.Join(b.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// mustExist is S3's error about a bucket that does not. It leaves as it is: gofakes3 does not look into wrapped ones.
func (b *backend) mustExist(name string) error {
	there, err := b.BucketExists(name)
	if err == nil && !there {
		err = gofakes3.BucketNotFound(name)
	}
	return err
}

// DeleteBucket deletes a bucket without objects.
func (b *backend) DeleteBucket(name string) error {
	for _, err := range b.walk(name, "").keys {
		if err != nil {
			return err
		}
		return gofakes3.ResourceError(gofakes3.ErrBucketNotEmpty, name)
	}
	return b.ForceDeleteBucket(name)
}

// ForceDeleteBucket deletes a bucket with its objects.
func (b *backend) ForceDeleteBucket(name string) error {
	if err := b.mustExist(name); err != nil {
		return err
	}
	return os.RemoveAll(filepath.Join(b.dir, name))
}
