package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// fakeLake is a fake of S3, Glue and RDS. It records the order of deletions, and lists two items per page.
type fakeLake struct {
	objects map[string]string
	tables  map[string][]gluetypes.Table
	tasks   map[string]string // statuses of export tasks by their identifier

	undeletable map[string]string // error codes by key or by table
	refused     map[string]error  // errors by operation
	onList      func()            // called before the views are listed
	deleted     []string
}

func page[T any](all []T, token *string) (part []T, next *string) {
	n := len(aws.ToString(token))
	end := min(n+2, len(all))
	if end < len(all) {
		next = aws.String(strings.Repeat("x", end))
	}
	return all[n:end], next
}

func (l *fakeLake) ListObjectsV2(_ context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	var keys []string
	for key := range l.objects {
		rest, below := strings.CutPrefix(key, *in.Prefix)
		if !below {
			continue
		}
		if in.Delimiter != nil {
			name, _, isFolder := strings.Cut(rest, *in.Delimiter)
			if !isFolder {
				continue
			}
			key = *in.Prefix + name + *in.Delimiter
		}
		keys = append(keys, key)
	}
	slices.Sort(keys)
	// A deletion between two pages does not move the next page, because the tokens of S3 contain a key.
	keys = slices.DeleteFunc(slices.Compact(keys), func(k string) bool { return k <= aws.ToString(in.ContinuationToken) })
	out := &s3.ListObjectsV2Output{}
	if len(keys) > 2 {
		keys, out.IsTruncated, out.NextContinuationToken = keys[:2], aws.Bool(true), &keys[1]
	}
	for _, key := range keys {
		if in.Delimiter != nil {
			out.CommonPrefixes = append(out.CommonPrefixes, s3types.CommonPrefix{Prefix: &key})
		} else {
			out.Contents = append(out.Contents, s3types.Object{Key: &key})
		}
	}
	return out, nil
}

func (l *fakeLake) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader(l.objects[*in.Key]))}, nil
}

func (l *fakeLake) DeleteObjects(_ context.Context, in *s3.DeleteObjectsInput, _ ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error) {
	if err := l.refused["DeleteObjects"]; err != nil {
		return nil, err
	}
	out := &s3.DeleteObjectsOutput{}
	for _, o := range in.Delete.Objects {
		if code, bad := l.undeletable[*o.Key]; bad {
			out.Errors = append(out.Errors, s3types.Error{Key: o.Key, Code: &code, Message: aws.String("no")})
			continue
		}
		delete(l.objects, *o.Key)
		l.deleted = append(l.deleted, *o.Key)
	}
	return out, nil
}

func (l *fakeLake) GetTables(_ context.Context, in *glue.GetTablesInput, _ ...func(*glue.Options)) (*glue.GetTablesOutput, error) {
	if *in.DatabaseName == "shop" && in.NextToken == nil && l.onList != nil {
		l.onList()
	}
	tables, ok := l.tables[*in.DatabaseName]
	if !ok {
		return nil, &gluetypes.EntityNotFoundException{Message: aws.String("Database not found")}
	}
	out := &glue.GetTablesOutput{}
	out.TableList, out.NextToken = page(tables, in.NextToken)
	return out, nil
}

func (l *fakeLake) BatchDeleteTable(_ context.Context, in *glue.BatchDeleteTableInput, _ ...func(*glue.Options)) (*glue.BatchDeleteTableOutput, error) {
	if len(in.TablesToDelete) > 100 {
		return nil, &gluetypes.InvalidInputException{Message: aws.String("at most 100")}
	}
	out := &glue.BatchDeleteTableOutput{}
	for _, name := range in.TablesToDelete {
		if code, bad := l.undeletable[name]; bad {
			out.Errors = append(out.Errors, gluetypes.TableError{TableName: &name, ErrorDetail: &gluetypes.ErrorDetail{ErrorCode: &code, ErrorMessage: aws.String("no")}})
			continue
		}
		l.deleted = append(l.deleted, name)
		tables := l.tables["snaplake_crawled"]
		l.tables["snaplake_crawled"] = slices.DeleteFunc(slices.Clone(tables), func(t gluetypes.Table) bool { return *t.Name == name })
	}
	return out, nil
}

func (l *fakeLake) DescribeExportTasks(_ context.Context, in *rds.DescribeExportTasksInput, _ ...func(*rds.Options)) (*rds.DescribeExportTasksOutput, error) {
	status, ok := l.tasks[*in.ExportTaskIdentifier]
	if !ok {
		return nil, &rdstypes.ExportTaskNotFoundFault{}
	}
	if in.Marker == nil {
		return &rds.DescribeExportTasksOutput{Marker: aws.String("next")}, nil // an empty page
	}
	if status == "COMPLETE, just now" {
		status = "COMPLETE"
		l.objects["exports/shop/"+*in.ExportTaskIdentifier+"/export_info_"+*in.ExportTaskIdentifier+".json"] = `{"status":"COMPLETE"}`
	}
	return &rds.DescribeExportTasksOutput{ExportTasks: []rdstypes.ExportTask{{Status: &status}}}, nil
}

func newLake() *fakeLake {
	return &fakeLake{
		objects:     map[string]string{},
		tables:      map[string][]gluetypes.Table{"snaplake_crawled": nil, "shop": nil, "crm": nil},
		tasks:       map[string]string{},
		undeletable: map[string]string{},
		refused:     map[string]error{},
	}
}

// add adds an export of one table, and returns the name of the crawled table. A COMPLETE export is published.
func (l *fakeLake) add(id, status string) string {
	folder := "exports/shop/" + id + "/"
	l.objects[folder+"shop/shop.users/1/part-00000.gz.parquet"] = "PAR1"
	l.objects[folder+"shop/shop.users/1/_SUCCESS"] = ""
	if status != "" {
		l.objects[folder+"export_info_"+id+".json"] = fmt.Sprintf(`{"status":%q}`, status)
	}
	if status == "COMPLETE" {
		l.objects[folder+"published.json"] = "{}"
	}
	name := strings.ReplaceAll(id, "-", "_") + "_users"
	l.crawled(name, "s3://lake/"+folder+"shop/shop.users/")
	return name
}

// addUnpublished adds an export that completed at a time and was not published.
func (l *fakeLake) addUnpublished(id, taskEndTime string) {
	l.add(id, "COMPLETE")
	folder := "exports/shop/" + id + "/"
	delete(l.objects, folder+"published.json")
	l.objects[folder+"export_info_"+id+".json"] = fmt.Sprintf(`{"status":"COMPLETE","taskEndTime":%q}`, taskEndTime)
}

func (l *fakeLake) crawled(name, location string) {
	l.tables["snaplake_crawled"] = append(l.tables["snaplake_crawled"],
		gluetypes.Table{Name: &name, StorageDescriptor: &gluetypes.StorageDescriptor{Location: &location}})
}

// view adds a view as Athena stores it.
func (l *fakeLake) view(database, name, sql string) {
	b := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"originalSql":%q,"catalog":"awsdatacatalog"}`, sql))
	l.rawView(database, name, "/* Presto View: "+b+" */")
}

func (l *fakeLake) rawView(database, name, text string) {
	l.tables[database] = append(l.tables[database], gluetypes.Table{Name: &name, TableType: aws.String("VIRTUAL_VIEW"), ViewOriginalText: &text})
}

// exports returns the identifiers of the remaining exports.
func (l *fakeLake) exports() []string {
	ids := map[string]bool{}
	for key := range l.objects {
		ids[strings.Split(key, "/")[2]] = true
	}
	return slices.Sorted(maps.Keys(ids))
}

func (l *fakeLake) GetTableVersions(context.Context, *glue.GetTableVersionsInput, ...func(*glue.Options)) (*glue.GetTableVersionsOutput, error) {
	return nil, &gluetypes.EntityNotFoundException{}
}

func (l *fakeLake) BatchDeleteTableVersion(context.Context, *glue.BatchDeleteTableVersionInput, ...func(*glue.Options)) (*glue.BatchDeleteTableVersionOutput, error) {
	return nil, &gluetypes.EntityNotFoundException{}
}
