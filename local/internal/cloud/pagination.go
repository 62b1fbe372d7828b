package cloud

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"

	"snaplake/local/internal/wire"
)

// afterEmpty is the prefix of the page token in an injected empty page. The rest of the token is the service's own token for the next page.
const afterEmpty = "after-an-empty-page:"

// resume replaces the token of an injected empty page with the service's own token, and returns that. For other tokens, resumed is false.
func resume(service string, r *http.Request) (token string, resumed bool) {
	given, set := pageToken(service, r)
	if token, resumed = strings.CutPrefix(given, afterEmpty); resumed {
		set(token)
	}
	return token, resumed
}

// pageToken returns the page token of a list request ("" if there is none), and a function that replaces the token.
func pageToken(service string, r *http.Request) (token string, set func(string)) {
	switch service {
	case "s3":
		const name = "continuation-token"
		query := r.URL.Query()
		return query.Get(name), func(token string) { r.URL.RawQuery = with(query, name, token) }
	case "rds":
		const name = "Marker"
		form := formOf(r)
		return form.Get(name), func(token string) { setBody(r, []byte(with(form, name, token))) }
	default:
		name := jsonTokens[service]
		var in map[string]any
		_ = json.Unmarshal(bodyOf(r), &in) // the service rejects invalid JSON
		token, _ = in[name].(string)
		return token, func(token string) {
			in[name] = token
			if token == "" {
				delete(in, name)
			}
			setBody(r, encode(in))
		}
	}
}

func with(values url.Values, name, value string) string {
	values.Set(name, value)
	if value == "" {
		values.Del(name)
	}
	return values.Encode()
}

// jsonTokens maps services to the names of their page tokens. jsonEntries maps operations to the names of the lists in their responses.
var (
	jsonTokens  = map[string]string{"glue": "NextToken", "states": "nextToken"}
	jsonEntries = map[string]string{"GetTables": "TableList", "GetTableVersions": "TableVersions", "GetExecutionHistory": "events"}
)

// emptyList returns the response of a list operation that finds no entries. next is the token of the next page, or "".
func emptyList(c Call, r *http.Request, next string) *answer {
	a := &answer{header: http.Header{}, status: http.StatusOK}
	switch c.Service {
	case "s3":
		a.header.Set("Content-Type", "application/xml")
		a.body = encodeXML(emptyBucket(r, next))
	case "rds":
		result := emptyResult{Marker: next}
		result.Entries.XMLName.Local = strings.TrimPrefix(c.Operation, "Describe")
		wire.AnswerQuery(a, "http://rds.amazonaws.com/doc/2014-10-31/", c.Operation, result)
	default:
		a.header.Set("Content-Type", r.Header.Get("Content-Type")) // the response has the same protocol version
		out := map[string]any{jsonEntries[c.Operation]: []any{}}
		if next != "" {
			out[jsonTokens[c.Service]] = next
		}
		a.body = encode(out)
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
	return struct {
		XMLName               xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListBucketResult"`
		Name, Prefix          string
		Delimiter             string `xml:",omitempty"`
		MaxKeys, KeyCount     int
		IsTruncated           bool
		NextContinuationToken string `xml:",omitempty"`
	}{
		Name: bucket, Prefix: query.Get("prefix"), Delimiter: query.Get("delimiter"),
		MaxKeys: 1000, IsTruncated: next != "", NextContinuationToken: next,
	}
}
