package glue

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// iamPrincipals is Lake Formation's name for all principals to whom IAM policies grant access.
const iamPrincipals = "IAM_ALLOWED_PRINCIPALS"

// DataLake implements Lake Formation and holds its grants on the catalog. The operator of the local AWS is a data lake administrator.
type DataLake struct {
	guard *iam.Guard

	mu sync.Mutex
	// grants maps a resource ("" for the catalog, DATABASE or DATABASE.TABLE) and a principal to permissions. IAM controls all other
	// resources. If it has the catalog, Lake Formation controls access to new databases.
	grants map[string]map[string][]string
	// governed is the set of databases in which Lake Formation controls access to new tables.
	governed map[string]bool
}

// Govern makes Lake Formation control new databases (Lake Formation guide, "Changing the default settings for your data lake").
func (l *DataLake) Govern() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.grants[""] = map[string][]string{}
}

// Grant grants permissions on a database, or on the catalog if database is "", to the principal with the given ARN.
func (l *DataLake) Grant(principal, database string, permissions ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.grants[database] != nil {
		l.grants[database][principal] = append(l.grants[database][principal], permissions...)
	}
}

// needs returns the permission that an action requires, or "", and the resource. List actions return only what the caller may see.
func needs(action, database, table string) (permission, on string) {
	switch action {
	case "glue:CreateDatabase":
		return "Create Database", ""
	case "glue:GetDatabase":
		return "Describe", database
	case "glue:CreateTable":
		return "Create Table", database
	case "glue:GetTable":
		return "Describe", database + "." + table
	case "glue:UpdateTable":
		return "Alter", database + "." + table
	case "glue:DeleteTable", "glue:BatchDeleteTable":
		return "Drop", database + "." + table
	}
	return "", ""
}

// check checks that the context's caller has the permission for an action. It grants the creator of a table all permissions on it.
func (l *DataLake) check(ctx context.Context, action, database, table string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	caller := iam.CallerOf(ctx).Role
	permission, on := needs(action, database, table)
	granted := l.grants[on]
	covers := func(p string) bool {
		return p == "ALL" || p == strings.ToUpper(strings.ReplaceAll(permission, " ", "_"))
	}
	isGranted := slices.ContainsFunc(slices.Concat(granted[caller], granted[iamPrincipals]), covers)
	if permission != "" && granted != nil && caller != "" && !isGranted {
		if on == "" {
			on = "Catalog"
		}
		return wire.Errorf("AccessDeniedException", "Insufficient Lake Formation permission(s): Required %s on %s", permission, on)
	}
	if action == "glue:CreateTable" && l.governed[database] && l.grants[database+"."+table] == nil {
		l.grants[database+"."+table] = map[string][]string{caller: {"ALL"}}
	}
	return nil
}

// grantCreator grants the creator of a database all permissions on it (Lake Formation guide, "Implicit Lake Formation permissions").
func (l *DataLake) grantCreator(ctx context.Context, in DatabaseInput) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.grants[""] != nil {
		l.grants[in.Name] = map[string][]string{iam.CallerOf(ctx).Role: {"ALL"}}
		l.governed[in.Name] = len(in.CreateTableDefaultPermissions) == 0
	}
}

// PrincipalPermissions holds the permissions of a principal.
type PrincipalPermissions struct {
	Principal   dataLakePrincipal
	Permissions []string
}

type dataLakePrincipal struct{ DataLakePrincipalIdentifier string }

func (l *DataLake) settings(context.Context, struct{}) (any, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	defaults := []PrincipalPermissions{}
	if l.grants[""] == nil {
		defaults = append(defaults, PrincipalPermissions{dataLakePrincipal{iamPrincipals}, []string{"ALL"}})
	}
	settings := map[string]any{"CreateDatabaseDefaultPermissions": defaults, "CreateTableDefaultPermissions": defaults}
	return map[string]any{"DataLakeSettings": settings}, nil
}

func (l *DataLake) listPermissions(_ context.Context, in struct {
	Principal dataLakePrincipal
	Resource  struct {
		Catalog  *struct{}
		Database struct{ Name string }
	}
}) (any, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	granted := l.grants[in.Resource.Database.Name]
	if granted == nil {
		granted = map[string][]string{iamPrincipals: {"ALL"}}
	}
	list := []PrincipalPermissions{}
	for id, permissions := range granted {
		if filter := in.Principal.DataLakePrincipalIdentifier; filter == "" || filter == id {
			list = append(list, PrincipalPermissions{dataLakePrincipal{id}, permissions})
		}
	}
	return map[string]any{"PrincipalResourcePermissions": list}, nil
}

// ServeHTTP serves Lake Formation's REST-JSON protocol. The signing name is "lakeformation".
func (l *DataLake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var out any
	action := strings.TrimPrefix(r.URL.Path, "/")
	operation := map[string]wire.Operation{
		"GetDataLakeSettings": wire.JSON(l.settings), "ListPermissions": wire.JSON(l.listPermissions),
	}[action]
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err == nil && operation == nil {
		err = wire.Errorf("UnknownOperationException", "the local AWS does not support the operation %s of Lake Formation", action)
	}
	if err == nil {
		err = l.guard.Check(r.Context(), iam.Call{Action: "lakeformation:" + action, Resource: "*"})
	}
	if err == nil {
		out, err = operation(r.Context(), body)
	}
	wire.AnswerREST(w, out, err)
}
