package s3

import (
	"cmp"
	"crypto/md5"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/johannesboyne/gofakes3"
)

// backend stores objects as files. It does not store metadata files, since an export of 10,000 tables has tens of thousands of small
// objects, and opening additional files would take most of the time.
type backend struct {
	gofakes3.Backend // nil: no supported operation calls a method that backend does not define

	// dir contains a folder per bucket. uploads is the folder to which new objects are first written.
	dir, uploads string

	mu sync.Mutex
	// known caches the descriptions of files by path. A missing description is computed from the file.
	known map[string]description
}

// description holds the properties of an object besides its content. It is valid until the file's size or modification time changes.
type description struct {
	size    int64
	modTime time.Time
	hash    []byte
	headers map[string]string
}

func (b *backend) path(bucket, key string) string {
	return filepath.Join(b.dir, bucket, filepath.FromSlash(key))
}

// isKey reports whether the local S3 supports a key. Unlike S3, it does not support keys that have an empty, "." or ".." segment. The file
// of an object is therefore always inside the bucket's folder.
func isKey(key string) bool { return key != "." && fs.ValidPath(key) }

// BucketExists reports whether the bucket exists.
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

// mustExist returns S3's error if the bucket does not exist. The error is not wrapped, since gofakes3 does not unwrap errors.
func (b *backend) mustExist(name string) error {
	exists, err := b.BucketExists(name)
	if err == nil && !exists {
		err = gofakes3.BucketNotFound(name)
	}
	return err
}

// isMissing reports whether err means that a file or its folder does not exist.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// open opens an object's file. If the path is a folder, the object does not exist.
func (b *backend) open(bucket, key string) (*os.File, fs.FileInfo, error) {
	if !isKey(key) {
		return nil, nil, noSuchKey()
	}
	f, err := os.Open(b.path(bucket, key))
	if isMissing(err) {
		return nil, nil, noSuchKey()
	}
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = noSuchKey()
	}
	if err != nil {
		_ = f.Close() // nothing was written
		return nil, nil, err
	}
	return f, info, nil
}

// describe returns the description of a file. It reads the file if the description is not cached.
func (b *backend) describe(path string, info fs.FileInfo) (description, error) {
	b.mu.Lock()
	d, found := b.known[path]
	b.mu.Unlock()
	if found && d.hash != nil && d.size == info.Size() && d.modTime.Equal(info.ModTime()) {
		return d, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return description{}, err
	}
	defer f.Close()
	hash := md5.New()
	if _, err := io.Copy(hash, f); err != nil {
		return description{}, err
	}
	d = description{size: info.Size(), modTime: info.ModTime(), hash: hash.Sum(nil)}
	b.note(path, d)
	return d, nil
}

func (b *backend) note(path string, d description) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.known[path] = d
}

// PutObject writes an object to a file outside the buckets, then moves the complete file into the bucket. It ignores conditions, since
// ServeHTTP rejects conditional requests (such as those with If-Match).
func (b *backend) PutObject(
	bucket, key string, headers map[string]string, content io.Reader, _ int64, _ *gofakes3.PutConditions,
) (result gofakes3.PutObjectResult, err error) {
	if err := b.mustExist(bucket); err != nil {
		return result, err
	}
	f, err := os.CreateTemp(b.uploads, "put-")
	if err != nil {
		return result, err
	}
	hash := md5.New()
	_, err = io.Copy(io.MultiWriter(f, hash), content)
	info, e := f.Stat()
	if err = cmp.Or(err, e, f.Close()); err == nil { // not joined: gofakes3 does not unwrap errors
		err = b.place(bucket, key, f.Name())
	}
	if err != nil {
		_ = os.Remove(f.Name()) // if this fails, the file is deleted with the store's folder
		return result, err
	}
	maps.DeleteFunc(headers, func(name, value string) bool {
		return value == "" || !strings.HasPrefix(name, "Content-") && !strings.HasPrefix(name, "X-Amz-Meta-")
	})
	b.note(b.path(bucket, key), description{info.Size(), info.ModTime(), hash.Sum(nil), headers})
	return result, nil
}

// place moves a file to the path of an object.
func (b *backend) place(bucket, key, file string) error {
	if !isKey(key) { // not wrapped: gofakes3 does not unwrap errors
		return gofakes3.ErrorMessage(gofakes3.ErrInvalidArgument,
			"the local S3 does not support the key "+strconv.Quote(key)+`; a key must not have an empty, "." or ".." segment`)
	}
	path := b.path(bucket, key)
	err := os.Rename(file, path)
	if errors.Is(err, fs.ErrNotExist) { // the first object in its folder
		if err = os.MkdirAll(filepath.Dir(path), 0o700); err == nil {
			err = os.Rename(file, path)
		}
	}
	return err
}

// DeleteObject deletes an object. As in S3, a missing object is not an error.
func (b *backend) DeleteObject(bucket, key string) (result gofakes3.ObjectDeleteResult, err error) {
	if !isKey(key) {
		return result, nil
	}
	path := b.path(bucket, key)
	b.mu.Lock()
	delete(b.known, path)
	b.mu.Unlock()
	info, err := os.Lstat(path)
	if err == nil && !info.IsDir() {
		err = os.Remove(path)
	}
	if isMissing(err) {
		err = nil
	}
	return result, err
}
