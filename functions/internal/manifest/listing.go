package manifest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"snaplake/functions/internal/awserr"
	"snaplake/workflow"
)

// listing is the content of an export's folder.
type listing struct {
	bucket, folder string
	objects        int
	info           string   // key
	tables         []string // keys
	contents       map[string]*contents
	// isMarked is true if there is any _SUCCESS.
	isMarked bool
}

// contents are the objects in the folder of a table, in all its batches. Older exports have no folders for batches.
type contents struct {
	objects, files int
	bytes          int64
	batches        []batch
}

// batch is a folder of Parquet files, a _SUCCESS, or both.
type batch struct {
	folder           string
	isFull, isMarked bool
}

// batch returns the batch of a folder. It searches backwards, because a listing is sorted.
func (c *contents) batch(folder string) *batch {
	for i := len(c.batches) - 1; i >= 0; i-- {
		if c.batches[i].folder == folder {
			return &c.batches[i]
		}
	}
	c.batches = append(c.batches, batch{folder: folder})
	return &c.batches[len(c.batches)-1]
}

// list lists the objects whose names below folder begin with name.
func list(ctx context.Context, c Client, bucket, folder, name string) (*listing, error) {
	l := &listing{bucket: bucket, folder: folder, contents: map[string]*contents{}}
	pages := s3.NewListObjectsV2Paginator(c, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: aws.String(folder + name)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list s3://%s/%s%s: %w", bucket, folder, name, err)
		}
		for _, o := range page.Contents {
			l.add(aws.ToString(o.Key), aws.ToInt64(o.Size))
		}
	}
	return l, nil
}

func (l *listing) add(key string, size int64) {
	if name := strings.TrimPrefix(key, l.folder); name == workflow.PublishedFile || name == workflow.PublishingFile {
		return // not of RDS: they come and go, and would hide that another object is missing
	}
	l.objects++
	database, rest, isTable := strings.Cut(strings.TrimPrefix(key, l.folder), "/")
	if !isTable {
		switch name := database; {
		case !strings.HasSuffix(name, ".json"):
		case strings.HasPrefix(name, workflow.InfoManifest):
			l.info = cmp.Or(l.info, key)
		case strings.HasPrefix(name, workflow.TablesManifest):
			l.tables = append(l.tables, key)
		}
		return
	}
	table, object, ok := strings.Cut(rest, "/")
	if !ok || object == "" {
		return
	}
	folder := database + "/" + table + "/"
	f := l.contents[folder]
	if f == nil {
		f = &contents{}
		l.contents[folder] = f
	}
	f.objects++
	in, name := path.Split(folder + object)
	switch {
	case strings.HasSuffix(name, ".parquet"):
		f.files++
		f.bytes += size
		f.batch(in).isFull = true
	case name == workflow.SuccessMarker:
		f.batch(in).isMarked, l.isMarked = true, true
	}
}

// full returns the number of table folders with a Parquet file.
func (l *listing) full() (n int) {
	for _, f := range l.contents {
		if f.files > 0 {
			n++
		}
	}
	return n
}

// read decodes an object.
func (l *listing) read(ctx context.Context, c Client, key string, decode func(io.Reader) error) error {
	out, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: &l.bucket, Key: &key})
	if awserr.Code(err) == "NoSuchKey" { // deleted since it was listed
		return fmt.Errorf("s3://%s/%s: %w", l.bucket, key, ErrMissing)
	}
	if err != nil {
		return fmt.Errorf("read s3://%s/%s: %w", l.bucket, key, err)
	}
	defer out.Body.Close()
	b := body{r: out.Body}
	err = decode(&b)
	switch {
	case b.err != nil:
		return fmt.Errorf("read s3://%s/%s: %w", l.bucket, key, b.err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("read s3://%s/%s: %w: the file is truncated", l.bucket, key, ErrDamaged)
	case err != nil:
		return fmt.Errorf("read s3://%s/%s: %w: %w", l.bucket, key, ErrDamaged, workflow.PlainJSON(err))
	}
	return nil
}

// body remembers why reading ended. A decoder does not distinguish a lost connection from a truncated file.
type body struct {
	r   io.Reader
	err error
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}

// place sets the folder of each table and its content. Two tables in the same folder cannot be told apart.
func (l *listing) place(tables []Table) {
	taken, shared := map[string]*Table{}, map[string]bool{}
	for i := range tables {
		t := &tables[i]
		t.Folder = workflow.TableFolder(t.TableName)
		if !t.Complete() {
			continue
		}
		if other := taken[t.Folder]; other != nil {
			t.Warning = fmt.Sprintf("its folder %s is also that of %s; select only one of them under tables", t.Folder, other)
			other.Warning = fmt.Sprintf("its folder %s is also that of %s; select only one of them under tables", t.Folder, t)
			shared[t.Folder] = true
			continue
		}
		taken[t.Folder] = t
	}
	suffixed := l.suffixed(taken)
	for i := range tables {
		if t := &tables[i]; !shared[t.Folder] {
			l.fill(t, suffixed[t.Folder])
		}
	}
}

// fill sets the content of the table's folder, or else of the only one with a suffix.
func (l *listing) fill(t *Table, suffixed []string) {
	f := l.contents[t.Folder]
	if f == nil {
		if len(suffixed) != 1 {
			return
		}
		t.Folder, f = suffixed[0], l.contents[suffixed[0]]
	}
	t.Objects, t.Files, t.Bytes = f.objects, f.files, f.bytes
	for _, b := range f.batches {
		if l.isMarked && b.isFull && !b.isMarked {
			t.Unmarked = append(t.Unmarked, b.folder)
		}
	}
	slices.Sort(t.Unmarked)
}

// hashed matches the suffix of a table's folder in AWS's example of an export: DataInsert_7ADB5D19965123A2.
var hashed = regexp.MustCompile(`_[0-9A-F]{16}/$`)

// suffixed returns the folders with a hash as a suffix that belong to no other table, by their names without it.
func (l *listing) suffixed(taken map[string]*Table) map[string][]string {
	found := map[string][]string{}
	for folder := range l.contents {
		if at := hashed.FindStringIndex(folder); at != nil && taken[folder] == nil {
			bare := folder[:at[0]] + "/"
			found[bare] = append(found[bare], folder)
		}
	}
	return found
}
