package glue

import (
	"context"
	"strings"

	"snaplake/local/internal/iam"
)

// principal is the service principal of Glue, as it appears in trust policies and in iam:PassedToService.
const principal = "glue.amazonaws.com"

// The type access checks that the caller in a context has the permissions that Glue requires.
type access struct {
	guard           *iam.Guard
	region, account string
	lakeFormation   *DataLake
}

// arn returns the ARN of a Glue resource. The resource is, for example, "catalog", "database/shop" or "crawler/snaplake-shop".
func (a access) arn(resource string) string {
	return "arn:aws:glue:" + a.region + ":" + a.account + ":" + resource
}

// onCatalog checks that the caller may perform an action on the resources and on the catalog. For a table, Glue requires permission for the
// table, its database and the catalog (Glue Developer Guide, "Specifying AWS Glue resource ARNs").
func (a access) onCatalog(ctx context.Context, action string, resources ...string) error {
	calls := []iam.Call{{Action: action, Resource: a.arn("catalog")}}
	for _, r := range resources {
		calls = append(calls, iam.Call{Action: action, Resource: a.arn(r)})
	}
	return a.guard.Check(ctx, calls...)
}

func (a access) onDatabase(ctx context.Context, action, database string) error {
	database = strings.ToLower(database)
	if err := a.onCatalog(ctx, action, "database/"+database); err != nil {
		return err
	}
	return a.lakeFormation.check(ctx, action, database, "")
}

// onTables checks that the caller may perform an action on tables of a database. The table "*" stands for all tables.
func (a access) onTables(ctx context.Context, action, database string, tables ...string) error {
	database = strings.ToLower(database)
	resources := []string{"database/" + database}
	for _, t := range tables {
		resources = append(resources, "table/"+database+"/"+strings.ToLower(t))
	}
	if err := a.onCatalog(ctx, action, resources...); err != nil {
		return err
	}
	for _, t := range tables {
		if err := a.lakeFormation.check(ctx, action, database, strings.ToLower(t)); err != nil {
			return err
		}
	}
	return nil
}
