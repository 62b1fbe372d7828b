package s3

import (
	"crypto/md5"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/johannesboyne/gofakes3"
)

// backend keeps objects as files, without a file of metadata for each: an export of 10,000 tables has tens of thousands of small
// objects, and opening files is what takes the time.
type backend struct {
	gofakes3.Backend // nil: no operation here calls the other methods

	// dir has a folder per bucket. New objects are first written to uploads.
	dir, uploads string

	mu sync.Mutex
	// known has descriptions by path. It is a cache: a missing description is computed from the file.
	known map[string]description
}

// description is what a file's object has besides content. It is valid for the file's size and time.
type description struct {
	size    int64
	modTime time.Time
	hash    []byte
	headers map[string]string
}

func (b *backend) path(bucket, key string) string {
	return filepath.Join(b.dir, bucket, filepath.FromSlash(key))
}

// isKey reports whether a file can have this name. S3 also has keys with an empty part, or with the part . or ..; so no key leads out
// of its bucket.
func isKey(key string) bool { return key != "." && fs.ValidPath(key) }

// BucketExists reports whether there is a folder of that name.
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

// mustExist returns S3's error for a missing bucket. It is not wrapped: gofakes3 does not unwrap errors.
func (b *backend) mustExist(name string) error {
	exists, err := b.BucketExists(name)
	if err == nil && !exists {
		err = gofakes3.BucketNotFound(name)
	}
	return err
}

// isMissing reports whether err says that a file, or a folder above it, does not exist.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// open opens an object's file. A folder is not an object.
func (b *backend) open(bucket, key string) (*os.File, fs.FileInfo, error) {
	if err := b.mustExist(bucket); err != nil {
		return nil, nil, err
	}
	if !isKey(key) {
		return nil, nil, gofakes3.KeyNotFound(key)
	}
	f, err := os.Open(b.path(bucket, key))
	if isMissing(err) {
		return nil, nil, gofakes3.KeyNotFound(key)
	}
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = gofakes3.KeyNotFound(key)
	}
	if err != nil {
		_ = f.Close() // it was only read
		return nil, nil, err
	}
	return f, info, nil
}

// describe returns the description of a file, and reads the file if there is none.
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

// GetObject opens an object, or a range of its bytes.
func (b *backend) GetObject(bucket, key string, bytes *gofakes3.ObjectRangeRequest) (*gofakes3.Object, error) {
	f, info, err := b.open(bucket, key)
	if err != nil {
		return nil, err
	}
	o, err := b.object(f, key, info, bytes)
	if err != nil {
		_ = f.Close() // it was only read
		return nil, err
	}
	return o, nil
}

func (b *backend) object(f *os.File, key string, info fs.FileInfo, bytes *gofakes3.ObjectRangeRequest) (*gofakes3.Object, error) {
	d, err := b.describe(f.Name(), info)
	if err != nil {
		return nil, err
	}
	part, err := bytes.Range(info.Size())
	if err != nil {
		return nil, err
	}
	o := &gofakes3.Object{Name: key, Hash: d.hash, Metadata: d.headers, Size: info.Size(), Range: part, Contents: f}
	if part != nil {
		o.Contents = struct {
			io.Reader
			io.Closer
		}{io.NewSectionReader(f, part.Start, part.Length), f}
	}
	return o, nil
}

// HeadObject is GetObject without the content.
func (b *backend) HeadObject(bucket, key string) (*gofakes3.Object, error) {
	o, err := b.GetObject(bucket, key, nil)
	if err != nil {
		return nil, err
	}
	err = o.Contents.Close()
	o.Contents = io.NopCloser(strings.NewReader(""))
	return o, err
}

// PutObject writes an object beside the buckets, and moves it into its bucket when it is whole. Requests with conditions are refused
// before.
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
	if err = errors.Join(err, e, f.Close()); err == nil {
		err = b.place(bucket, key, f.Name())
	}
	if err != nil {
		_ = os.Remove(f.Name()) // err is the error that matters; the store's folder is deleted later
		return result, err
	}
	b.note(b.path(bucket, key), description{info.Size(), info.ModTime(), hash.Sum(nil), headers})
	return result, nil
}

// place moves a file to the path of an object.
func (b *backend) place(bucket, key, file string) error {
	if !isKey(key) { // not wrapped: gofakes3 does not unwrap errors
		return gofakes3.ErrorMessage(gofakes3.ErrInvalidArgument,
			"the local S3 keeps objects as files, and cannot have the key "+strconv.Quote(key)+": no part of a key may be empty, . or ..")
	}
	path := b.path(bucket, key)
	err := os.Rename(file, path)
	if errors.Is(err, fs.ErrNotExist) { // the first object of its folder
		if err = os.MkdirAll(filepath.Dir(path), 0o700); err == nil {
			err = os.Rename(file, path)
		}
	}
	return err
}

// DeleteObject deletes an object. As in S3, a missing object is not an error.
func (b *backend) DeleteObject(bucket, key string) (result gofakes3.ObjectDeleteResult, err error) {
	if err := b.mustExist(bucket); err != nil {
		return result, err
	}
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
