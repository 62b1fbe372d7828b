package manifest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"snaplake/functions/internal/awserr"
)

const (
	infoName   = "export_info_"
	tablesName = "export_tables_info_"
)

// listing is what lies in an export's folder.
type listing struct {
	bucket, folder string
	objects        int
	info           string   // key
	tables         []string // keys
	contents       map[string]*contents
	// marked are the folders with a _SUCCESS.
	marked map[string]bool
}

// contents is what lies below one table's folder: of all its batches, or without a batch level as older exports have it.
type contents struct {
	objects, files int
	bytes          int64
	// batches are the folders with Parquet files.
	batches map[string]bool
}

// list lists the objects whose names below folder begin with name.
func list(ctx context.Context, c Client, bucket, folder, name string) (*listing, error) {
	l := &listing{bucket: bucket, folder: folder, contents: map[string]*contents{}, marked: map[string]bool{}}
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
	l.objects++
	database, rest, isTable := strings.Cut(strings.TrimPrefix(key, l.folder), "/")
	if !isTable {
		switch name := database; {
		case !strings.HasSuffix(name, ".json"):
		case strings.HasPrefix(name, infoName):
			l.info = cmp.Or(l.info, key)
		case strings.HasPrefix(name, tablesName):
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
		f = &contents{batches: map[string]bool{}}
		l.contents[folder] = f
	}
	f.objects++
	batch, name := path.Split(folder + object)
	switch {
	case strings.HasSuffix(name, ".parquet"):
		f.files++
		f.bytes += size
		f.batches[batch] = true
	case name == "_SUCCESS":
		l.marked[batch] = true
	}
}

// read gives an object's content to decode.
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
		return fmt.Errorf("read s3://%s/%s: %w: the file is cut short", l.bucket, key, ErrDamaged)
	case err != nil:
		return fmt.Errorf("read s3://%s/%s: %w: %w", l.bucket, key, ErrDamaged, err)
	}
	return nil
}

// body remembers why reading ended: a connection that is lost in the middle and a file that is cut short look alike to who
// decodes.
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

// place notes for each table its folder and what lies there. Nobody can tell the rows of two tables in one folder apart.
func (l *listing) place(tables []Table) {
	taken, shared := map[string]*Table{}, map[string]bool{}
	for i := range tables {
		t := &tables[i]
		t.Folder = folderOf(*t)
		if !t.Complete() {
			continue
		}
		if other := taken[t.Folder]; other != nil {
			t.Warning = fmt.Sprintf("it lies in %s, as %s does; leave one of them out with the source's tables", t.Folder, other)
			other.Warning = fmt.Sprintf("it lies in %s, as %s does; leave one of them out with the source's tables", t.Folder, t)
			shared[t.Folder] = true
			continue
		}
		taken[t.Folder] = t
	}
	for i := range tables {
		if t := &tables[i]; !shared[t.Folder] {
			l.fill(t, taken)
		}
	}
}

func (l *listing) fill(t *Table, taken map[string]*Table) {
	f := l.contents[t.Folder]
	if f == nil {
		folder := l.suffixed(t.Folder, taken)
		if folder == "" {
			return
		}
		t.Folder, f = folder, l.contents[folder]
	}
	t.Objects, t.Files, t.Bytes = f.objects, f.files, f.bytes
	for _, batch := range slices.Sorted(maps.Keys(f.batches)) {
		if len(l.marked) > 0 && !l.marked[batch] {
			t.Unmarked = append(t.Unmarked, batch)
		}
	}
}

// hashed is the ending that AWS's own example of an export shows on a table's folder: DataInsert_7ADB5D19965123A2.
var hashed = regexp.MustCompile(`^_[0-9A-F]{16}/$`)

// suffixed returns the one folder that is named like the given one with a hash at its end and is no other table's, or "".
func (l *listing) suffixed(folder string, taken map[string]*Table) string {
	var found []string
	for candidate := range l.contents {
		ending, ok := strings.CutPrefix(candidate, strings.TrimSuffix(folder, "/"))
		if _, other := taken[candidate]; ok && !other && hashed.MatchString(ending) {
			found = append(found, candidate)
		}
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

// folderOf is where RDS writes a table. Four characters of its name become underscores ("File naming convention", RDS guide).
func folderOf(t Table) string {
	clean := strings.NewReplacer(`\`, "_", "`", "_", `"`, "_", " ", "_")
	return clean.Replace(t.Database + "/" + t.Schema + "." + t.Name + "/")
}
