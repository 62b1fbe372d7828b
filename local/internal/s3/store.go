// Package s3 is the local AWS's S3: buckets whose objects are plain files, so that DuckDB, the crawler and a person can read
// them where they lie.
package s3

import (
	"bytes"
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

// Store holds buckets in a folder.
type Store struct {
	dir     string
	backend *backend
	http    http.Handler
	guard   *iam.Guard

	mu   sync.Mutex
	keys map[string]string // the KMS key's ARN, by bucket
	// region is that of all buckets, "" when nobody has said; policies are JSON, by bucket.
	region   string
	policies map[string]string
	// versions are the lifecycle rules, in XML, of the buckets that keep versions.
	versions map[string]string
}

// Object is one entry of a listing.
type Object struct {
	Key  string
	Size int64
}

// Open uses dir, which must exist. guard decides about each request; nil lets everybody do everything.
func Open(dir string, guard *iam.Guard) (*Store, error) {
	b := &backend{dir: filepath.Join(dir, "buckets"), uploads: dir, known: map[string]description{}}
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return nil, fmt.Errorf("open the object store %s: %w", dir, err)
	}
	// A request is signed with the real time, and the clock here may be days ahead.
	server := gofakes3.New(b, gofakes3.WithTimeSkewLimit(0), gofakes3.WithUnimplementedPageError())
	return &Store{dir: dir, backend: b, http: server.Server(), guard: guard, keys: map[string]string{}, policies: map[string]string{}, versions: map[string]string{}}, nil
}

// CreateBucket makes a bucket whose objects are encrypted with the KMS key of that ARN: who reads or writes one needs the key
// as well. "" stands for a key of S3's own, which everybody may use. A bucket that is there already is no error.
func (s *Store) CreateBucket(name, keyARN string) error {
	if keyARN != "" && !strings.HasPrefix(keyARN, "arn:aws:kms:") {
		return fmt.Errorf("create bucket %s: its KMS key is %q, and should be the ARN of one", name, keyARN)
	}
	s.mu.Lock()
	s.keys[name] = keyARN
	s.mu.Unlock()
	err := s.backend.CreateBucket(name)
	if gofakes3.HasErrorCode(err, gofakes3.ErrBucketAlreadyExists) {
		return nil
	}
	return err
}

func (s *Store) keyOf(bucket string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys[bucket]
}

// TempDir makes a folder beside the buckets, for files on their way into one. It goes with the store, also when a process is
// killed that would have deleted it.
func (s *Store) TempDir() (string, error) { return os.MkdirTemp(s.dir, "tmp-") }

// Exists tells whether there is such a bucket.
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

// MoveFile makes a file an object. It is moved: a file of a folder that [Store.TempDir] has made is not copied.
func (s *Store) MoveFile(bucket, key, file string) error {
	if err := s.backend.place(bucket, key, file); err != nil {
		return fmt.Errorf("put s3://%s/%s: %w", bucket, key, err)
	}
	return nil
}

// List returns the objects whose keys begin with prefix, in the order of their keys.
func (s *Store) List(bucket, prefix string) ([]Object, error) {
	var objects []Object
	for key, err := range s.backend.walk(bucket, prefix).keys {
		if err != nil {
			return nil, err
		}
		info, err := os.Stat(s.Path(bucket, key))
		if errors.Is(err, os.ErrNotExist) {
			continue // deleted meanwhile
		}
		if err != nil {
			return nil, err
		}
		objects = append(objects, Object{Key: key, Size: info.Size()})
	}
	return objects, nil
}

// Path is the file that holds an object, whether it exists or not.
func (s *Store) Path(bucket, key string) string {
	return s.backend.path(bucket, key)
}
