package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	athenatypes "github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
)

// quotasAPI tells an account's quotas.
type quotasAPI interface {
	GetServiceQuota(context.Context, *servicequotas.GetServiceQuotaInput, ...func(*servicequotas.Options)) (*servicequotas.GetServiceQuotaOutput, error)
}

// quota is one of Service Quotas, with AWS's default (AWS General Reference, "AWS Glue endpoints and quotas" and "Amazon Athena
// endpoints and quotas").
type quota struct {
	service, code string
	standard      int
}

var (
	crawlerQuota = quota{"glue", "L-11FA2C1A", 1000} // crawlers of an account
	ddlQuota     = quota{"athena", "L-3CE0BBA0", 20} // active DDL queries, which the making of views is
)

// exportTaskQuota is fixed (Aurora guide, "Creating snapshot export tasks").
const exportTaskQuota = 5

func (d *doctor) checkQuotas(ctx context.Context) []line {
	var lines []line
	for _, count := range []struct {
		part string
		used func(context.Context) (int, error)
		of   func(context.Context) (int, error)
		fix  string
	}{
		{"export tasks", d.runningExports, func(context.Context) (int, error) { return exportTaskQuota, nil }, "wait until one is over; a night waits by itself, for 12 hours"},
		{"crawlers", d.crawlers, crawlerQuota.of(d), "delete some, or ask Service Quotas for more"},
		{"Athena DDL", d.activeDDL, ddlQuota.of(d), "wait until some are over, or ask Service Quotas for more"},
	} {
		lines = append(lines, d.compare(ctx, count.part, count.used, count.of, count.fix))
	}
	return lines
}

func (d *doctor) compare(ctx context.Context, part string, used, of func(context.Context) (int, error), fix string) line {
	n, err := used(ctx)
	if err != nil {
		return d.couldNotLook(part, err)
	}
	most, err := of(ctx)
	if err != nil {
		return d.couldNotLook(part, err)
	}
	if n >= most {
		return fault.says(part, "all %d of %d are in use; %s", n, most, fix)
	}
	return ok.says(part, "%d of %d in use", n, most)
}

// of asks for the account's value. Service Quotas has none where the default was never changed.
func (q quota) of(d *doctor) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		out, err := d.aws.quotas.GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{ServiceCode: &q.service, QuotaCode: &q.code})
		if codeOf(err) == "NoSuchResourceException" || err == nil && (out.Quota == nil || out.Quota.Value == nil) {
			return q.standard, nil
		}
		if err != nil {
			return 0, err
		}
		return int(*out.Quota.Value), nil
	}
}

// runningExports are those that RDS counts.
func (d *doctor) runningExports(ctx context.Context) (n int, err error) {
	for _, status := range []string{"starting", "in_progress", "canceling"} {
		pages := rds.NewDescribeExportTasksPaginator(d.aws.rds, &rds.DescribeExportTasksInput{
			Filters: []rdstypes.Filter{{Name: aws.String("status"), Values: []string{status}}},
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return 0, err
			}
			n += len(page.ExportTasks)
		}
	}
	return n, nil
}

func (d *doctor) crawlers(ctx context.Context) (n int, err error) {
	pages := glue.NewListCrawlersPaginator(d.aws.glue, &glue.ListCrawlersInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		n += len(page.CrawlerNames)
	}
	return n, nil
}

// activeDDL counts the active DDL queries of the stack's own workgroups, among the newest 50 of each: more than that are never
// active at a time.
func (d *doctor) activeDDL(ctx context.Context) (n int, err error) {
	if !d.stack.deployed {
		return 0, nil
	}
	for _, group := range []string{d.config.Name, d.config.AnalystsWorkGroup()} {
		ids, err := d.aws.athena.ListQueryExecutions(ctx, &athena.ListQueryExecutionsInput{WorkGroup: &group})
		if isUnknownWorkGroup(err) || err == nil && len(ids.QueryExecutionIds) == 0 {
			continue
		}
		if err != nil {
			return 0, err
		}
		out, err := d.aws.athena.BatchGetQueryExecution(ctx, &athena.BatchGetQueryExecutionInput{QueryExecutionIds: ids.QueryExecutionIds})
		if err != nil {
			return 0, err
		}
		for _, q := range out.QueryExecutions {
			if q.StatementType == athenatypes.StatementTypeDdl && q.Status != nil &&
				(q.Status.State == athenatypes.QueryExecutionStateQueued || q.Status.State == athenatypes.QueryExecutionStateRunning) {
				n++
			}
		}
	}
	return n, nil
}
