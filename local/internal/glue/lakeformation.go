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

// iamPrincipals is Lake Formation's name for all principals that IAM allows a call.
const iamPrincipals = "IAM_ALLOWED_PRINCIPALS"

// DataLake is Lake Formation, with its grants on the catalog. The operator is a data lake administrator.
type DataLake struct {
	guard *iam.Guard

	mu sync.Mutex
	// governs is set when Lake Formation governs new databases, instead of IAM.
	governs bool
	// grants are permissions by resource and principal. A resource is the catalog (""), DATABASE or DATABASE.TABLE. IAM governs a resource
	// without an entry.
	grants map[string]map[string][]string
	// tables has the databases in which Lake Formation governs new tables.
	tables map[string]bool
}

// Govern lets Lake Formation govern new databases, and revokes CREATE_DATABASE from IAM_ALLOWED_PRINCIPALS (Lake Formation guide,
// "Changing the default settings for your data lake").
func (l *DataLake) Govern() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.governs, l.grants[""] = true, map[string][]string{}
}

// Grant grants a principal, given by ARN, permissions on a database, or on the catalog (""). IAM keeps what it governs.
func (l *DataLake) Grant(principal, database string, permissions ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.grants[database] != nil {
		l.grants[database][principal] = append(l.grants[database][principal], permissions...)
	}
}

// needs returns the permission that an action needs, and on which resource; "" means none. Lists show only what the caller may see.
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

// check checks the permission for an action.
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
	if action == "glue:CreateTable" && l.tables[database] && l.grants[database+"."+table] == nil {
		l.grants[database+"."+table] = map[string][]string{caller: {"ALL"}}
	}
	return nil
}

// created records a new database. Its creator has all permissions on it (Lake Formation guide, "Implicit Lake Formation permissions").
func (l *DataLake) created(ctx context.Context, in DatabaseInput) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if name := strings.ToLower(in.Name); l.governs {
		l.grants[name] = map[string][]string{iam.CallerOf(ctx).Role: {"ALL"}}
		l.tables[name] = len(in.CreateTableDefaultPermissions) == 0
	}
}

// PrincipalPermissions are the permissions of a principal.
type PrincipalPermissions struct {
	Principal   dataLakePrincipal
	Permissions []string
}

type dataLakePrincipal struct{ DataLakePrincipalIdentifier string }

type dataLakeSettings struct {
	DataLakeSettings struct {
		CreateDatabaseDefaultPermissions, CreateTableDefaultPermissions []PrincipalPermissions
	}
}

func (l *DataLake) settings(context.Context, struct{}) (out dataLakeSettings, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.governs {
		open := []PrincipalPermissions{{dataLakePrincipal{iamPrincipals}, []string{"ALL"}}}
		out.DataLakeSettings.CreateDatabaseDefaultPermissions, out.DataLakeSettings.CreateTableDefaultPermissions = open, open
	}
	return out, nil
}

type listPermissionsInput struct {
	Principal dataLakePrincipal
	Resource  struct {
		Catalog  *struct{}
		Database struct{ Name string }
	}
}

type permissionList struct{ PrincipalResourcePermissions []PrincipalPermissions }

func (l *DataLake) listPermissions(_ context.Context, in listPermissionsInput) (out permissionList, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	granted := l.grants[in.Resource.Database.Name]
	if granted == nil {
		granted = map[string][]string{iamPrincipals: {"ALL"}}
	}
	for who, permissions := range granted {
		if asked := in.Principal.DataLakePrincipalIdentifier; asked == "" || asked == who {
			out.PrincipalResourcePermissions = append(out.PrincipalResourcePermissions, PrincipalPermissions{dataLakePrincipal{who}, permissions})
		}
	}
	return out, nil
}

// ServeHTTP speaks Lake Formation's protocol, REST with JSON: signing name "lakeformation".
func (l *DataLake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var out any
	action := strings.TrimPrefix(r.URL.Path, "/")
	operation := map[string]wire.Operation{
		"GetDataLakeSettings": wire.JSON(l.settings), "ListPermissions": wire.JSON(l.listPermissions),
	}[action]
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	switch {
	case err != nil:
	case operation == nil:
		err = wire.Errorf("UnknownOperationException", "the local AWS does not support the operation %s of Lake Formation", action)
	default:
		if err = l.guard.Check(r.Context(), iam.Call{Action: "lakeformation:" + action, Resource: "*"}); err == nil {
			out, err = operation(r.Context(), body)
		}
	}
	wire.AnswerREST(w, out, err)
}
