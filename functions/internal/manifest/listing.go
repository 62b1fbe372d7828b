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

// listing describes the contents of an export's folder.
type listing struct {
	bucket, folder string
	objects        int
	info           string   // key of the first info manifest
	tables         []string // keys of the table manifests
	contents       map[string]*contents
	// nonEmpty is the number of table folders with a Parquet file.
	nonEmpty int
	// marked holds the folders that contain a _SUCCESS object.
	marked map[string]bool
}

// contents describes the objects in a table's folder.
type contents struct {
	objects, files int
	bytes          int64
	// batches holds the folders of the Parquet files. In older exports, the table's folder itself is the only one.
	batches []string
}

// list returns a listing of the folder's objects whose names begin with the given prefix.
func list(ctx context.Context, c Client, bucket, folder, prefix string) (*listing, error) {
	l := &listing{bucket: bucket, folder: folder, contents: map[string]*contents{}, marked: map[string]bool{}}
	pages := s3.NewListObjectsV2Paginator(c, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: aws.String(folder + prefix)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list s3://%s/%s%s: %w", bucket, folder, prefix, err)
		}
		for _, o := range page.Contents {
			l.add(aws.ToString(o.Key), aws.ToInt64(o.Size))
		}
	}
	return l, nil
}

func (l *listing) add(key string, size int64) {
	name := strings.TrimPrefix(key, l.folder)
	if name == workflow.PublishedFile || name == workflow.PublishingFile {
		return // Snaplake writes these; counting them would hide that another object is missing
	}
	l.objects++
	database, rest, isInFolder := strings.Cut(name, "/")
	table, object, _ := strings.Cut(rest, "/")
	switch {
	case isInFolder && object != "":
		l.addTo(database+"/"+table+"/", object, size)
	case isInFolder, !strings.HasSuffix(name, ".json"):
	case strings.HasPrefix(name, workflow.InfoManifest):
		l.info = cmp.Or(l.info, key)
	case strings.HasPrefix(name, workflow.TablesManifest):
		l.tables = append(l.tables, key)
	}
}

func (l *listing) addTo(folder, object string, size int64) {
	f := l.contents[folder]
	if f == nil {
		f = &contents{}
		l.contents[folder] = f
	}
	f.objects++
	batch, name := path.Split(folder + object)
	switch {
	case strings.HasSuffix(name, ".parquet"):
		if f.files == 0 {
			l.nonEmpty++
		}
		f.files++
		f.bytes += size
		if len(f.batches) == 0 || f.batches[len(f.batches)-1] != batch {
			f.batches = append(f.batches, batch)
		}
	case name == workflow.SuccessMarker:
		l.marked[batch] = true
	}
}

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

// body is a reader that stores the error that interrupted it. A JSON decoder does not distinguish a lost connection from a truncated file.
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

// place sets each table's folder and the contents of that folder. Complete tables that share a folder get a warning instead.
func (l *listing) place(tables []Table) {
	owners := map[string][]*Table{}
	for i := range tables {
		t := &tables[i]
		t.Folder = workflow.TableFolder(t.TableName)
		if t.Complete() {
			owners[t.Folder] = append(owners[t.Folder], t)
		}
	}
	suffixed := l.suffixed(owners)
	for i := range tables {
		t := &tables[i]
		if len(owners[t.Folder]) < 2 {
			l.fill(t, suffixed[t.Folder])
			continue
		}
		for _, other := range owners[t.Folder] {
			if t.Complete() && other != t {
				t.Warning = fmt.Sprintf("its folder %s is also the folder of %s; select only one of them under \"tables\"", t.Folder, other)
			}
		}
	}
}

// fill sets the contents of the table's folder. If there is no such folder, fill looks for a single folder with the same name plus a hash.
func (l *listing) fill(t *Table, suffixed []string) {
	f := l.contents[t.Folder]
	if f == nil {
		if len(suffixed) != 1 {
			return
		}
		t.Folder, f = suffixed[0], l.contents[suffixed[0]]
	}
	t.Objects, t.Files, t.Bytes = f.objects, f.files, f.bytes
	for _, batch := range f.batches {
		if len(l.marked) > 0 && !l.marked[batch] {
			t.Unmarked = append(t.Unmarked, batch)
		}
	}
	slices.Sort(t.Unmarked)
	t.Unmarked = slices.Compact(t.Unmarked)
}

// hashed matches the suffix of a table's folder in an AWS example: DataInsert_7ADB5D19965123A2.
var hashed = regexp.MustCompile(`_[0-9A-F]{16}/$`)

// suffixed maps each folder name without a hash to the folders with that name plus a hash. It omits folders that belong to another table.
func (l *listing) suffixed(owners map[string][]*Table) map[string][]string {
	found := map[string][]string{}
	for folder := range l.contents {
		if at := hashed.FindStringIndex(folder); at != nil && owners[folder] == nil {
			bare := folder[:at[0]] + "/"
			found[bare] = append(found[bare], folder)
		}
	}
	return found
}
