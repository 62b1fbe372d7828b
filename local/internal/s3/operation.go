package s3

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"snaplake/local/internal/wire"
)

// request is what S3 is asked. The operation has no name on the wire: the method, the path and a query parameter tell it.
type request struct {
	// operation is the method, what the path names, and the query parameter that makes it another operation than the method alone:
	// "GET service", "GET bucket", "PUT object", "POST object?uploads".
	operation   string
	bucket, key string
	query       url.Values
	// copyOf is the bucket and the key of the object that a PUT copies, or "".
	copyOf [2]string
	// unknown is a query parameter or a header that access may depend on in a way that is not known here, or "".
	unknown string
}

func read(r *http.Request) (request, error) {
	q := request{query: r.URL.Query()}
	q.bucket, q.key, _ = strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case q.bucket == "":
		q.operation = r.Method + " service"
	case q.key == "":
		q.operation = r.Method + " bucket"
	default:
		q.operation = r.Method + " object"
	}
	for _, name := range []string{"delete", "lifecycle", "location", "policy", "publicAccessBlock", "uploads", "uploadId", "versioning"} {
		if q.query.Has(name) {
			q.operation += "?" + name
		}
	}
	q.unknown = unknown(r)
	if source := r.Header.Get("X-Amz-Copy-Source"); source != "" {
		if err := q.readCopySource(source); err != nil {
			return q, err
		}
		// What is copied is what was checked, however it was written.
		r.Header.Set("X-Amz-Copy-Source", q.copyOf[0]+"/"+url.QueryEscape(q.copyOf[1]))
	}
	return q, checkName(q.bucket + "/" + q.key)
}

func (q *request) readCopySource(source string) error {
	name, err := url.QueryUnescape(source)
	bucket, key, _ := strings.Cut(strings.TrimPrefix(name, "/"), "/")
	if err != nil || bucket == "" || key == "" {
		return wire.Errorf("InvalidArgument", "the copy source is %q, and should be BUCKET/KEY, URL-encoded", source)
	}
	q.operation += " from object"
	q.copyOf = [2]string{bucket, key}
	return checkName(name)
}

// checkName refuses what S3 would take for a key like any other, and a file system for a way to other objects.
func checkName(name string) error {
	for part := range strings.SplitSeq(name, "/") {
		if part == "." || part == ".." {
			return wire.Errorf("InvalidArgument", "the local AWS keeps objects as files, and cannot have one whose name is %q", name)
		}
	}
	return nil
}

// unknown looks for what may change which permissions S3 wants: a parameter that is not known to tell the operation or to change
// the form of its answer only, and a header that makes an object be stored in a way of its own.
func unknown(r *http.Request) string {
	form := []string{
		"delete", "lifecycle", "location", "policy", "publicAccessBlock", "uploads", "uploadId", "versioning", // the operations
		"prefix", "delimiter", "max-keys", "list-type", "marker", "start-after", "continuation-token", "encoding-type", "fetch-owner",
		"partNumber", "max-parts", "part-number-marker", "max-uploads", "key-marker", "upload-id-marker", "x-id",
	}
	for name, values := range r.URL.Query() {
		if name == "uploadId" && slices.Contains(values, "") {
			return "an empty uploadId" // gofakes3 takes it for none, and so the request for another operation
		}
		if !slices.Contains(form, name) && !strings.HasPrefix(name, "X-Amz-") && !strings.HasPrefix(name, "response-") {
			return "the parameter " + name
		}
	}
	for name := range r.Header {
		for _, prefix := range []string{"X-Amz-Acl", "X-Amz-Grant-", "X-Amz-Object-Lock-", "X-Amz-Server-Side-Encryption", "X-Amz-Tagging"} {
			if strings.HasPrefix(name, prefix) {
				return "the header " + name
			}
		}
	}
	return ""
}
