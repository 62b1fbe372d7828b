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

// lakeFormationAPI describes what Lake Formation governs, and its grants.
type lakeFormationAPI interface {
	GetDataLakeSettings(context.Context, *lakeformation.GetDataLakeSettingsInput, ...func(*lakeformation.Options)) (*lakeformation.GetDataLakeSettingsOutput, error)
	ListPermissions(context.Context, *lakeformation.ListPermissionsInput, ...func(*lakeformation.Options)) (*lakeformation.ListPermissionsOutput, error)
}

// grant is what a principal needs on a database; "" is the catalog. Tables need none: the stack's databases leave them to IAM.
type grant struct{ principal, database, permissions string }

// grants are those of the deployment, and of each role of the stack that calls the Data Catalog.
func (d *doctor) grants() []grant {
	deployer := fmt.Sprintf("arn:%s:iam::%s:role/cdk-hnb659fds-cfn-exec-role-%[2]s-%s", d.config.Partition(), d.config.Account, d.config.Region)
	grants := []grant{{deployer, "", "CREATE_DATABASE"}}
	for _, user := range []struct{ role, crawled, views string }{
		{"CrawlerRole", "CREATE_TABLE DESCRIBE", ""},
		{"CheckCrawlerFunctionRole", "DESCRIBE", ""},
		{"CreateViewsFunctionRole", "DESCRIBE", "CREATE_TABLE DESCRIBE"},
		{"PruneFunctionRole", "DESCRIBE", "DESCRIBE"},
		{"RedashRole", "DESCRIBE", "DESCRIBE"}, // not there when Redash gets a policy instead
	} {
		role := d.roleARN(user.role)
		grants = append(grants, grant{role, d.config.CrawledDatabase(), user.crawled})
		for _, source := range d.config.Sources {
			grants = append(grants, grant{role, source.Database(), user.views})
		}
	}
	return slices.DeleteFunc(grants, func(g grant) bool { return g.principal == "" || g.permissions == "" })
}

// checkLakeFormation looks for the grants without which, where Lake Formation governs new databases, CloudFormation cannot make them
// and the crawler no tables in them (Lake Formation guide, "Changing the default settings for your data lake").
func (d *doctor) checkLakeFormation(ctx context.Context) []line {
	const part = "Lake Formation"
	out, err := d.aws.lakeFormation.GetDataLakeSettings(ctx, &lakeformation.GetDataLakeSettingsInput{})
	if err != nil {
		return []line{d.couldNotLook(part, err)}
	}
	if len(out.DataLakeSettings.CreateDatabaseDefaultPermissions) > 0 { // only ALL for IAM_ALLOWED_PRINCIPALS can be there
		return []line{ok.says(part, "it leaves new databases to IAM")}
	}
	var lines []line
	for _, g := range d.grants() {
		isAdmin := func(p types.DataLakePrincipal) bool {
			return aws.ToString(p.DataLakePrincipalIdentifier) == g.principal
		}
		if g.database == "" && slices.ContainsFunc(out.DataLakeSettings.DataLakeAdmins, isAdmin) { // who may make databases
			continue
		}
		granted, err := d.isGranted(ctx, g)
		switch {
		case codeOf(err) == unknownToGlue: // checkDatabases looks for it
		case err != nil:
			lines = append(lines, d.couldNotLook(part, err))
		case !granted:
			lines = append(lines, fault.says(part, "it governs new databases; grant %s on %s to %s, as docs/deploy.md shows", g.permissions, cmp.Or(g.database, "the catalog"), g.principal))
		}
	}
	if !d.stack.deployed {
		return append(lines, note.says(part, "it governs new databases; run make doctor again after make deploy, before the first run, for the grants of the stack's roles"))
	}
	return orElse(lines, part, "it governs new databases, and has granted what the stack's roles need")
}

// isGranted reports whether Lake Formation shows the grant, to the principal or to all whom IAM allows. It shows administrators all grants.
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
