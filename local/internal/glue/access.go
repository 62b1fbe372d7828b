package glue

import (
	"context"
	"strings"
	"sync/atomic"

	"snaplake/local/internal/iam"
)

// principal is what Glue is called in trust policies and in iam:PassedToService.
const principal = "glue.amazonaws.com"

// access asks whether the caller of a context may do something, as Glue asks IAM.
type access struct {
	guard           *iam.Guard
	region, account string
	lake            *DataLake
	// key is the ARN of the key that encrypts the catalog, or nil.
	key *atomic.Pointer[string]
}

// arn is that of a resource of Glue: "catalog", "database/shop", "crawler/snaplake-shop".
func (a access) arn(resource string) string {
	return "arn:aws:glue:" + a.region + ":" + a.account + ":" + resource
}

// onCatalog asks for an action on things in the catalog. What is done to a table is done to its database and to the catalog too,
// and must be allowed on all of them (Glue Developer Guide, "Specifying AWS Glue resource ARNs").
func (a access) onCatalog(ctx context.Context, action string, resources ...string) error {
	calls := []iam.Call{{Action: action, Resource: a.arn("catalog")}}
	for _, r := range resources {
		calls = append(calls, iam.Call{Action: action, Resource: a.arn(r)})
	}
	if key := a.key.Load(); key != nil { // whoever calls needs it (Glue Developer Guide, "Encrypting your Data Catalog")
		for _, use := range []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"} {
			calls = append(calls, iam.Call{Action: use, Resource: *key})
		}
	}
	return a.guard.Check(ctx, calls...)
}

func (a access) onDatabase(ctx context.Context, action, database string) error {
	database = strings.ToLower(database)
	if err := a.onCatalog(ctx, action, "database/"+database); err != nil {
		return err
	}
	return a.lake.check(ctx, action, database, "")
}

// onTables asks for an action on tables of one database; "*" stands for all of them.
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
		if err := a.lake.check(ctx, action, database, strings.ToLower(t)); err != nil {
			return err
		}
	}
	return nil
}

func (a access) onCrawler(ctx context.Context, action, name string) error {
	return a.guard.Check(ctx, iam.Call{Action: action, Resource: a.arn("crawler/" + name)})
}

// pass asks whether the caller may give Glue a role.
func (a access) pass(ctx context.Context, role string) error {
	return a.guard.Check(ctx, iam.Call{
		Action: "iam:PassRole", Resource: a.role(role), Keys: map[string]string{"iam:PassedToService": principal},
	})
}

// role is the ARN of a crawler's role, which is given as an ARN or by its name.
func (a access) role(role string) string {
	if strings.HasPrefix(role, "arn:") {
		return role
	}
	return "arn:aws:iam::" + a.account + ":role/" + role
}
