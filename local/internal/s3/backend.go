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

// backend keeps objects as files, and nothing else beside them: an export of ten thousand tables is tens of thousands of small
// objects, whose time goes into the files that are opened.
type backend struct {
	// dir has a folder a bucket, uploads what is on its way into one.
	dir, uploads string

	mu sync.Mutex
	// known is what the files do not tell, by their paths. It does not outlive the process: what is missing is found out.
	known map[string]description
}

// description is of a file of that size and time.
type description struct {
	size    int64
	modTime time.Time
	hash    []byte
	headers map[string]string
}

func (b *backend) path(bucket, key string) string {
	return filepath.Join(b.dir, bucket, filepath.FromSlash(key))
}

// isKey is false of keys that no file has, which S3 takes: with an empty part, or one of dots alone. So none leads out of its bucket.
func isKey(key string) bool { return key != "." && fs.ValidPath(key) }

// open opens an object's file. A folder is no object.
func (b *backend) open(bucket, key string) (*os.File, fs.FileInfo, error) {
	if err := b.mustExist(bucket); err != nil {
		return nil, nil, err
	}
	if !isKey(key) {
		return nil, nil, gofakes3.KeyNotFound(key)
	}
	f, err := os.Open(b.path(bucket, key))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
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

// describe tells what is known of a file, and reads it where nothing is.
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

// GetObject opens an object, or a part of one.
func (b *backend) GetObject(bucket, key string, asked *gofakes3.ObjectRangeRequest) (*gofakes3.Object, error) {
	f, info, err := b.open(bucket, key)
	if err != nil {
		return nil, err
	}
	o, err := b.object(f, key, info, asked)
	if err != nil {
		_ = f.Close() // it was only read
		return nil, err
	}
	return o, nil
}

func (b *backend) object(f *os.File, key string, info fs.FileInfo, asked *gofakes3.ObjectRangeRequest) (*gofakes3.Object, error) {
	d, err := b.describe(f.Name(), info)
	if err != nil {
		return nil, err
	}
	part, err := asked.Range(info.Size())
	if err != nil {
		return nil, err
	}
	o := &gofakes3.Object{Name: key, Hash: d.hash, Metadata: d.headers, Size: info.Size(), Range: part, Contents: f}
	if part != nil {
		o.Contents = section{io.NewSectionReader(f, part.Start, part.Length), f}
	}
	return o, nil
}

// section is a part of a file.
type section struct {
	io.Reader
	io.Closer
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

// PutObject writes an object beside the buckets, and moves it into its own when it is whole.
func (b *backend) PutObject(bucket, key string, headers map[string]string, content io.Reader, _ int64, conditions *gofakes3.PutConditions) (gofakes3.PutObjectResult, error) {
	var result gofakes3.PutObjectResult
	if err := b.mayPut(bucket, key, conditions); err != nil {
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
		return result, errors.Join(err, os.Remove(f.Name()))
	}
	b.note(b.path(bucket, key), description{info.Size(), info.ModTime(), hash.Sum(nil), headers})
	return result, nil
}

func (b *backend) mayPut(bucket, key string, conditions *gofakes3.PutConditions) error {
	if err := b.mustExist(bucket); err != nil {
		return err
	}
	if !isKey(key) {
		return noFile(key)
	}
	if conditions == nil {
		return nil
	}
	o, err := b.HeadObject(bucket, key)
	if err != nil && !gofakes3.HasErrorCode(err, gofakes3.ErrNoSuchKey) {
		return err
	}
	there := &gofakes3.ConditionalObjectInfo{Exists: err == nil}
	if there.Exists {
		there.Hash = o.Hash
	}
	return gofakes3.CheckPutConditions(conditions, there)
}

// noFile refuses a key. It leaves as it is: gofakes3 does not look into wrapped errors.
func noFile(key string) error {
	return gofakes3.ErrorMessage(gofakes3.ErrInvalidArgument,
		"the local S3 keeps objects as files, and has none for the key "+strconv.Quote(key)+": no part of a key may be empty, . or ..")
}

// place moves a file to where an object's lies.
func (b *backend) place(bucket, key, file string) error {
	if !isKey(key) {
		return noFile(key)
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

// CopyObject copies the content.
func (b *backend) CopyObject(fromBucket, fromKey, bucket, key string, headers map[string]string) (gofakes3.CopyObjectResult, error) {
	return gofakes3.CopyObject(b, fromBucket, fromKey, bucket, key, headers)
}

// DeleteObject deletes an object. That there is none is no error, as in S3.
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
	if info, err := os.Lstat(path); err != nil || info.IsDir() {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || err == nil {
			return result, nil
		}
		return result, err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return result, err
	}
	return result, nil
}

// DeleteMulti deletes some objects, and tells which of them it could not.
func (b *backend) DeleteMulti(bucket string, keys ...string) (result gofakes3.MultiDeleteResult, err error) {
	if err := b.mustExist(bucket); err != nil {
		return result, err
	}
	for _, key := range keys {
		if _, err := b.DeleteObject(bucket, key); err != nil {
			result.Error = append(result.Error, gofakes3.ErrorResult{Key: key, Code: gofakes3.ErrInternal, Message: err.Error()})
			continue
		}
		result.Deleted = append(result.Deleted, gofakes3.ObjectID{Key: key})
	}
	return result, nil
}
