package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation/types"
)

// grant is what a principal needs on a database, or on the catalog if database is "". Tables need none: the stack leaves them to IAM.
type grant struct{ principal, database, permissions string }

// grants returns those of CloudFormation's role, and those of each role of the stack that calls the Data Catalog.
func (d *doctor) grants() []grant {
	c := d.config
	deployer := fmt.Sprintf("arn:%s:iam::%s:role/cdk-hnb659fds-cfn-exec-role-%[2]s-%s", c.Partition(), c.Account, c.Region)
	grants := []grant{{deployer, "", "CREATE_DATABASE"}}
	for _, user := range []struct{ role, crawled, views string }{
		{"CrawlerRole", "CREATE_TABLE DESCRIBE", ""},
		{"CheckCrawlerFunctionRole", "DESCRIBE", ""},
		{"CreateViewsFunctionRole", "DESCRIBE", "CREATE_TABLE DESCRIBE"},
		{"PruneFunctionRole", "DESCRIBE", "DESCRIBE"},
		{"RedashRole", "DESCRIBE", "DESCRIBE"}, // absent if Redash uses a policy instead
	} {
		role := d.roleARN(user.role)
		grants = append(grants, grant{role, d.config.CrawledDatabase(), user.crawled})
		for _, source := range d.config.Sources {
			grants = append(grants, grant{role, source.Database(), user.views})
		}
	}
	return slices.DeleteFunc(grants, func(g grant) bool { return g.principal == "" || g.permissions == "" })
}

// checkLakeFormation looks for missing grants where Lake Formation governs new databases. Without them CloudFormation cannot create the
// databases, nor the crawler tables in them (Lake Formation guide, "Changing the default settings for your data lake").
func (d *doctor) checkLakeFormation(ctx context.Context) []finding {
	const s subject = "Lake Formation"
	out, err := d.aws.lakeFormation.GetDataLakeSettings(ctx, &lakeformation.GetDataLakeSettingsInput{})
	if err != nil {
		return d.checkFailed(s, err)
	}
	if len(out.DataLakeSettings.CreateDatabaseDefaultPermissions) > 0 { // always ALL for IAM_ALLOWED_PRINCIPALS
		return s.ok("leaves new databases to IAM")
	}
	var findings []finding
	for _, g := range d.grants() {
		isAdmin := func(p types.DataLakePrincipal) bool {
			return aws.ToString(p.DataLakePrincipalIdentifier) == g.principal
		}
		if g.database == "" && slices.ContainsFunc(out.DataLakeSettings.DataLakeAdmins, isAdmin) { // who may create databases
			continue
		}
		granted, err := d.isGranted(ctx, g)
		switch {
		case codeOf(err) == unknownToGlue: // the next deployment creates the database
		case err != nil:
			findings = append(findings, d.checkFailed(s, err)...)
		case !granted:
			findings = append(findings, s.problem("governs new databases; grant %s on %s to %s, as docs/deploy.md shows",
				g.permissions, cmp.Or(g.database, "the catalog"), g.principal)...)
		}
	}
	if !d.stack.deployed {
		return append(findings, s.note("governs new databases; after make deploy, run make doctor again for the grants of the stack's roles")...)
	}
	return s.okUnless(findings, "governs new databases; the stack's roles have the grants they need")
}

// isGranted reports whether Lake Formation shows the grant, either to the principal or to IAM_ALLOWED_PRINCIPALS. Only administrators see
// all grants.
func (d *doctor) isGranted(ctx context.Context, g grant) (bool, error) {
	in := lakeformation.ListPermissionsInput{Resource: &types.Resource{Catalog: &types.CatalogResource{}}}
	if g.database != "" {
		in.Resource = &types.Resource{Database: &types.DatabaseResource{Name: &g.database}}
	}
	missing := strings.Fields(g.permissions)
	for _, principal := range []string{g.principal, "IAM_ALLOWED_PRINCIPALS"} {
		in.Principal = &types.DataLakePrincipal{DataLakePrincipalIdentifier: &principal}
		out, err := d.aws.lakeFormation.ListPermissions(ctx, &in)
		if err != nil {
			return false, err
		}
		for _, p := range out.PrincipalResourcePermissions {
			missing = slices.DeleteFunc(missing, func(m string) bool {
				return slices.Contains(p.Permissions, types.PermissionAll) || slices.Contains(p.Permissions, types.Permission(m))
			})
		}
	}
	return len(missing) == 0, nil
}
