package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
)

const (
	// exportTaskQuota is fixed (Aurora guide, "Creating snapshot export tasks").
	exportTaskQuota = 5
	// crawlerQuotaCode is that of the crawlers of an account, and crawlerQuotaDefault its default (AWS General Reference, "AWS Glue endpoints
	// and quotas").
	crawlerQuotaCode    = "L-11FA2C1A"
	crawlerQuotaDefault = 1000
)

func (d *doctor) checkQuotas(ctx context.Context) []finding {
	return append(d.checkExportTasks(ctx), d.checkCrawlers(ctx)...)
}

func (d *doctor) checkExportTasks(ctx context.Context) []finding {
	const s subject = "export tasks"
	n := 0
	for _, status := range []string{"starting", "in_progress", "canceling"} {
		pages := rds.NewDescribeExportTasksPaginator(d.aws.rds, &rds.DescribeExportTasksInput{
			Filters: []rdstypes.Filter{{Name: aws.String("status"), Values: []string{status}}},
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return d.checkFailed(s, err)
			}
			n += len(page.ExportTasks)
		}
	}
	return inUse(s, n, exportTaskQuota, "wait until one ends; a run itself waits up to 12 hours")
}

func (d *doctor) checkCrawlers(ctx context.Context) []finding {
	const s subject = "crawlers"
	n := 0
	pages := glue.NewListCrawlersPaginator(d.aws.glue, &glue.ListCrawlersInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return d.checkFailed(s, err)
		}
		n += len(page.CrawlerNames)
	}
	quota := crawlerQuotaDefault
	in := servicequotas.GetServiceQuotaInput{ServiceCode: aws.String("glue"), QuotaCode: aws.String(crawlerQuotaCode)}
	out, err := d.aws.quotas.GetServiceQuota(ctx, &in)
	switch {
	case codeOf(err) == "NoSuchResourceException": // the default was never changed
	case err != nil:
		return d.checkFailed(s, err)
	case out.Quota != nil && out.Quota.Value != nil:
		quota = int(*out.Quota.Value)
	}
	return inUse(s, n, quota, "delete some, or request a quota increase")
}

func inUse(s subject, n, quota int, fix string) []finding {
	if n >= quota {
		return s.problem("%d of %d in use; %s", n, quota, fix)
	}
	return s.ok("%d of %d in use", n, quota)
}
