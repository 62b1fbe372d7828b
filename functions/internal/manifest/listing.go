package manifest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const (
	infoName   = "export_info_"
	tablesName = "export_tables_info_"
)

// listing is what lies in an export's folder.
type listing struct {
	bucket, folder string
	info           string   // key
	tables         []string // keys
	contents       map[string]contents
}

// contents is what lies below one table's folder: of all its batches, or without a batch level as older exports have it.
type contents struct {
	objects, files int
	bytes          int64
}

// list lists the objects whose names below folder begin with name.
func list(ctx context.Context, c Client, bucket, folder, name string) (*listing, error) {
	l := &listing{bucket: bucket, folder: folder, contents: map[string]contents{}}
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
	f.objects++
	if strings.HasSuffix(object, ".parquet") {
		f.files++
		f.bytes += size
	}
	l.contents[folder] = f
}

// read gives an object's content to decode.
func (l *listing) read(ctx context.Context, c Client, key string, decode func(io.Reader) error) error {
	out, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: &l.bucket, Key: &key})
	if err != nil {
		return fmt.Errorf("read s3://%s/%s: %w", l.bucket, key, err)
	}
	defer out.Body.Close()
	err = decode(out.Body)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("read s3://%s/%s: the file is cut short", l.bucket, key)
	}
	if err != nil {
		return fmt.Errorf("read s3://%s/%s: %w", l.bucket, key, err)
	}
	return nil
}

// place notes for each table its folder and what lies there.
func (l *listing) place(tables []Table) error {
	taken := map[string]Table{}
	for i := range tables {
		t := &tables[i]
		t.Folder = folderOf(*t)
		if other, ok := taken[t.Folder]; ok {
			return fmt.Errorf("s3://%s/%s%s: both %s and %s are to lie in this folder; leave one of them out with the source's tables", l.bucket, l.folder, t.Folder, other, t)
		}
		taken[t.Folder] = *t
	}
	for i := range tables {
		t := &tables[i]
		f, ok := l.contents[t.Folder]
		if !ok {
			if folder := l.suffixed(t.Folder, taken); folder != "" {
				t.Folder, f = folder, l.contents[folder]
			}
		}
		t.Objects, t.Files, t.Bytes = f.objects, f.files, f.bytes
	}
	return nil
}

// hashed is the ending that AWS's own example of an export shows on a table's folder: DataInsert_7ADB5D19965123A2.
var hashed = regexp.MustCompile(`^_[0-9A-F]{16}/$`)

// suffixed returns the one folder that is named like the given one with a hash at its end and is no other table's, or "".
func (l *listing) suffixed(folder string, taken map[string]Table) string {
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
