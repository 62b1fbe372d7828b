package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
)

// exportTaskQuota is the limit on concurrent export tasks. It cannot be raised (Aurora guide, "Creating snapshot export tasks").
const exportTaskQuota = 5

func (d *doctor) checkExportTasks(ctx context.Context) []finding {
	const s subject = "export tasks"
	n := 0
	for _, status := range []string{"starting", "in_progress", "canceling"} {
		pages := rds.NewDescribeExportTasksPaginator(rds.NewFromConfig(d.aws), &rds.DescribeExportTasksInput{
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
	return s.inUse(n, exportTaskQuota, "wait for an export to end, or start a run anyway; the run waits up to 12 hours")
}

func (d *doctor) checkCrawlers(ctx context.Context) []finding {
	const s subject = "crawlers"
	n := 0
	pages := glue.NewListCrawlersPaginator(glue.NewFromConfig(d.aws), &glue.ListCrawlersInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return d.checkFailed(s, err)
		}
		n += len(page.CrawlerNames)
	}
	quota := 1000 // the default (AWS General Reference, "AWS Glue endpoints and quotas")
	in := servicequotas.GetServiceQuotaInput{ServiceCode: aws.String("glue"), QuotaCode: aws.String("L-11FA2C1A")}
	out, err := servicequotas.NewFromConfig(d.aws).GetServiceQuota(ctx, &in)
	switch {
	case codeOf(err) == "NoSuchResourceException": // the account has the default quota
	case err != nil:
		return d.checkFailed(s, err)
	case out.Quota != nil && out.Quota.Value != nil:
		quota = int(*out.Quota.Value)
	}
	return s.inUse(n, quota, "delete unused crawlers, or request a quota increase")
}

func (s subject) inUse(n, quota int, fix string) []finding {
	if n >= quota {
		return s.problem("%d of %d in use; %s", n, quota, fix)
	}
	return s.ok("%d of %d in use", n, quota)
}
