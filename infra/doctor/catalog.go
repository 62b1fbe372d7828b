package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation/types"
)

// notInCatalog is the error code that Glue and Lake Formation return if a resource does not exist.
const notInCatalog = "EntityNotFoundException"

// checkDatabases reports databases that the stack must create but that already exist. They would make the deployment fail.
func (d *doctor) checkDatabases(ctx context.Context) []finding {
	const s subject = "Athena databases"
	names := []string{d.config.CrawledDatabase()}
	for _, source := range d.config.Sources {
		names = append(names, source.Database())
	}
	var problems []finding
	owned := slices.Collect(maps.Values(d.stack.physical))
	for _, name := range names {
		_, err := glue.NewFromConfig(d.aws).GetDatabase(ctx, &glue.GetDatabaseInput{Name: &name})
		switch {
		case codeOf(err) == notInCatalog: // the next deployment creates the database
		case err != nil:
			problems = append(problems, d.checkFailed(s, err)...)
		case !slices.Contains(owned, name):
			problems = append(problems, s.problem("database %s exists and does not belong to the stack %s; "+
				"set a different database for the source, or rename the stack", name, d.config.Name)...)
		}
	}
	return s.okUnless(problems, "%d databases, including %s for the crawled tables", len(names), names[0])
}

// grant is a set of permissions that a principal needs on a database, or on the catalog if database is "". Tables need no grants.
type grant struct{ principal, database, permissions string }

// grants returns the Lake Formation grants that CloudFormation's role and the stack's roles need.
func (d *doctor) grants() []grant {
	c := d.config
	roles := fmt.Sprintf("arn:%s:iam::%s:role/", c.Partition(), c.Account)
	grants := []grant{{roles + "cdk-hnb659fds-cfn-exec-role-" + c.Account + "-" + c.Region, "", "CREATE_DATABASE"}}
	for _, user := range []struct{ role, crawled, views string }{
		{"CrawlerRole", "CREATE_TABLE DESCRIBE", ""},
		{"CheckCrawlerFunctionRole", "DESCRIBE", ""},
		{"CreateViewsFunctionRole", "DESCRIBE", "CREATE_TABLE DESCRIBE"},
		{"PruneFunctionRole", "DESCRIBE", "DESCRIBE"},
		{"RedashRole", "DESCRIBE", "DESCRIBE"}, // does not exist if analysts.access is policy
	} {
		name, exists := d.stack.physical[user.role]
		if !exists {
			continue
		}
		grants = append(grants, grant{roles + name, c.CrawledDatabase(), user.crawled})
		for _, source := range c.Sources {
			grants = append(grants, grant{roles + name, source.Database(), user.views})
		}
	}
	return slices.DeleteFunc(grants, func(g grant) bool { return g.permissions == "" })
}

// checkLakeFormation checks for missing grants if Lake Formation governs new databases. Without the grants, CloudFormation cannot create
// databases, and the crawler cannot create tables (Lake Formation guide, "Changing the default settings for your data lake").
func (d *doctor) checkLakeFormation(ctx context.Context) []finding {
	const s subject = "Lake Formation"
	out, err := lakeformation.NewFromConfig(d.aws).GetDataLakeSettings(ctx, &lakeformation.GetDataLakeSettingsInput{})
	if err != nil {
		return d.checkFailed(s, err)
	}
	if len(out.DataLakeSettings.CreateDatabaseDefaultPermissions) > 0 { // always ALL for IAM_ALLOWED_PRINCIPALS
		return s.ok("new databases use only IAM access control")
	}
	var findings []finding
	for _, g := range d.grants() {
		isAdmin := func(p types.DataLakePrincipal) bool {
			return aws.ToString(p.DataLakePrincipalIdentifier) == g.principal
		}
		if g.database == "" && slices.ContainsFunc(out.DataLakeSettings.DataLakeAdmins, isAdmin) { // administrators may create databases
			continue
		}
		granted, err := d.isGranted(ctx, g)
		switch {
		case codeOf(err) == notInCatalog: // the next deployment creates the database
		case err != nil:
			findings = append(findings, d.checkFailed(s, err)...)
		case !granted:
			findings = append(findings, s.problem("governs new databases; grant %s on %s to %s, as docs/deploy.md shows",
				g.permissions, cmp.Or(g.database, "the catalog"), g.principal)...)
		}
	}
	if !d.stack.deployed {
		return append(findings, s.note("governs new databases; after make deploy, run make doctor again to check the roles' grants")...)
	}
	return s.okUnless(findings, "governs new databases, and the stack's roles have the required grants")
}

// isGranted reports whether Lake Formation lists the grant, either for the principal or for IAM_ALLOWED_PRINCIPALS. Only administrators can
// list all grants.
func (d *doctor) isGranted(ctx context.Context, g grant) (bool, error) {
	in := lakeformation.ListPermissionsInput{Resource: &types.Resource{Catalog: &types.CatalogResource{}}}
	if g.database != "" {
		in.Resource = &types.Resource{Database: &types.DatabaseResource{Name: &g.database}}
	}
	missing := strings.Fields(g.permissions)
	for _, principal := range []string{g.principal, "IAM_ALLOWED_PRINCIPALS"} {
		in.Principal = &types.DataLakePrincipal{DataLakePrincipalIdentifier: &principal}
		out, err := lakeformation.NewFromConfig(d.aws).ListPermissions(ctx, &in)
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
