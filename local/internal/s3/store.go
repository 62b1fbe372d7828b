// Package s3 implements S3 for the local AWS. Objects are plain files, so that DuckDB, the crawler and users can read them directly.
//
// The library gofakes3 implements most of the protocol. Operations that are not in the table operations, and headers that would be ignored,
// are refused with an error that names them. An object's ETag is the MD5 of its content. Objects are not encrypted, but the permissions on
// a bucket's KMS key are checked.
package s3

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/johannesboyne/gofakes3"

	"snaplake/local/internal/iam"
)

// Store stores buckets in a local folder.
type Store struct {
	// Region is the Region of all buckets, or "". It must not change while the store serves requests.
	Region string

	dir     string
	backend *backend
	http    http.Handler
	guard   *iam.Guard

	keys     sync.Map // from buckets to the ARNs of their KMS keys, or ""
	policies sync.Map // from buckets to their policies
}

// Object is one entry of a listing.
type Object struct {
	Key  string
	Size int64
}

// Open opens the store in dir, which must exist. guard authorizes each request. If guard is nil, every request is allowed.
func Open(dir string, guard *iam.Guard) (*Store, error) {
	b := &backend{dir: filepath.Join(dir, "buckets"), uploads: dir, known: map[string]description{}}
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return nil, fmt.Errorf("open the object store %s: %w", dir, err)
	}
	// The time of a signature is not checked: clients use the real time, but the clock of the local AWS may be days ahead.
	server := gofakes3.New(b, gofakes3.WithTimeSkewLimit(0), gofakes3.WithUnimplementedPageError())
	return &Store{dir: dir, backend: b, http: server.Server(), guard: guard}, nil
}

// CreateBucket creates a bucket if it does not exist. Unless keyARN is empty, access to its objects requires permissions on the KMS key.
func (s *Store) CreateBucket(name, keyARN string) error {
	if keyARN != "" && !strings.HasPrefix(keyARN, "arn:aws:kms:") {
		return fmt.Errorf("create bucket %s: the KMS key %q is not an ARN", name, keyARN)
	}
	s.keys.Store(name, keyARN)
	if err := os.Mkdir(filepath.Join(s.backend.dir, name), 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return nil
}

// TempPrefix begins the names of temporary folders, which are beside the folder with the buckets.
const TempPrefix = "tmp-"

// TempDir creates a folder outside the buckets, for files that will be moved into a bucket.
func (s *Store) TempDir() (string, error) { return os.MkdirTemp(s.dir, TempPrefix) }

// TempPath returns the path of a temporary folder that does not exist yet.
func (s *Store) TempPath() string { return filepath.Join(s.dir, TempPrefix+rand.Text()) }

// Exists reports whether the bucket exists.
func (s *Store) Exists(bucket string) bool {
	ok, err := s.backend.BucketExists(bucket)
	return ok && err == nil
}

// Put stores an object.
func (s *Store) Put(bucket, key string, content []byte) error {
	_, err := s.backend.PutObject(bucket, key, nil, bytes.NewReader(content), int64(len(content)), nil)
	if err != nil {
		return fmt.Errorf("put s3://%s/%s: %w", bucket, key, err)
	}
	return nil
}

// MoveFile moves a file into a bucket. The file must be on the store's file system, for example in a folder that [Store.TempDir] created.
func (s *Store) MoveFile(bucket, key, file string) error {
	if err := s.backend.place(bucket, key, file); err != nil {
		return fmt.Errorf("put s3://%s/%s: %w", bucket, key, err)
	}
	return nil
}

// List returns the objects whose keys begin with prefix, in the order of their keys.
func (s *Store) List(bucket, prefix string) ([]Object, error) {
	var objects []Object
	w := walk{backend: s.backend, bucket: bucket, prefix: prefix}
	for key, err := range w.keys {
		if err != nil {
			return nil, err
		}
		info, err := os.Stat(s.Path(bucket, key))
		if errors.Is(err, os.ErrNotExist) {
			continue // deleted during the listing
		}
		if err != nil {
			return nil, err
		}
		objects = append(objects, Object{Key: key, Size: info.Size()})
	}
	return objects, nil
}

// Path returns the path of an object's file, whether or not the object exists.
func (s *Store) Path(bucket, key string) string {
	return s.backend.path(bucket, key)
}
