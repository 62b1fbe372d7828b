package cloud

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/johannesboyne/gofakes3"

	"snaplake/local/internal/wire"
)

// afterEmpty is the prefix of the page token in an injected empty page. The rest of the token is the service's own token for the next page.
// No protocol escapes these characters.
const afterEmpty = "after-an-empty-page-"

// resume removes afterEmpty from the page token of a request, and reports whether the token had this prefix.
func resume(r *http.Request) (resumed bool) {
	body, query := bodyOf(r), r.URL.RawQuery
	if !strings.Contains(query, afterEmpty) && !bytes.Contains(body, []byte(afterEmpty)) {
		return false
	}
	r.URL.RawQuery = strings.Replace(query, afterEmpty, "", 1)
	setBody(r, bytes.Replace(body, []byte(afterEmpty), nil, 1))
	return true
}

// pageToken returns the page token of a list request, or "" if there is none.
func pageToken(service string, r *http.Request) string {
	switch service {
	case "s3":
		return r.URL.Query().Get("continuation-token")
	case "rds":
		return formOf(r).Get("Marker")
	}
	var in struct{ NextToken string }  // also matches nextToken
	_ = json.Unmarshal(bodyOf(r), &in) // the service rejects invalid JSON
	return in.NextToken
}

// jsonTokens maps services to the names of their page tokens. jsonEntries maps operations to the names of the lists in their responses.
var (
	jsonTokens  = map[string]string{"glue": "NextToken", "states": "nextToken"}
	jsonEntries = map[string]string{"GetTables": "TableList", "GetTableVersions": "TableVersions", "GetExecutionHistory": "events"}
)

// emptyList returns the response of a list operation that finds no entries. next is the token of the next page, or "".
func emptyList(c Call, r *http.Request, next string) *answer {
	a := &answer{httptest.NewRecorder()}
	switch c.Service {
	case "s3":
		writeXML(a, emptyBucket(r, next))
	case "rds":
		result := emptyResult{Marker: next}
		result.Entries.XMLName.Local = strings.TrimPrefix(c.Operation, "Describe")
		wire.AnswerQuery(a, "http://rds.amazonaws.com/doc/2014-10-31/", c.Operation, result)
	default:
		a.Header().Set("Content-Type", r.Header.Get("Content-Type")) // the response has the same protocol version
		out := map[string]any{jsonEntries[c.Operation]: []any{}}
		if next != "" {
			out[jsonTokens[c.Service]] = next
		}
		a.replace(encode(out))
	}
	return a
}

// emptyResult is the result of a list operation of RDS, for example <ExportTasks/>.
type emptyResult struct {
	Entries struct{ XMLName xml.Name }
	Marker  string `xml:",omitempty"`
}

func emptyBucket(r *http.Request, next string) any {
	bucket, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	query := r.URL.Query()
	return gofakes3.ListBucketResultV2{
		ListBucketResultBase: gofakes3.ListBucketResultBase{
			Xmlns: "http://s3.amazonaws.com/doc/2006-03-01/", Name: bucket, Prefix: query.Get("prefix"), Delimiter: query.Get("delimiter"),
			MaxKeys: 1000, IsTruncated: next != "",
		},
		NextContinuationToken: next,
	}
}
