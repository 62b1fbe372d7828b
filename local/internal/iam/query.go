package iam

import (
	"crypto/rand"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	// version is that of the IAM API.
	version = "2010-05-08"
	// maxForm is above every limit of IAM's own; it keeps a broken client from filling the memory.
	maxForm = 4 << 20
)

// operation answers one call. It takes its parameters out of the form.
type operation func(r *http.Request, form url.Values, requestID string) (any, error)

// Handler serves IAM's API as far as it reads: GetRole and SimulatePrincipalPolicy. The protocol is AWS's Query protocol: a form
// is posted, XML comes back. Its signing name is "iam".
func (g *Guard) Handler() http.Handler {
	operations := map[string]operation{"GetRole": g.getRole, "SimulatePrincipalPolicy": g.simulate}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requestID := rand.Text()
		w.Header().Set("Content-Type", "text/xml")
		w.Header().Set("X-Amzn-RequestId", requestID)
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		answer, err := perform(operations, r, requestID)
		if err != nil {
			f := failureOf(err)
			w.WriteHeader(f.status)
			answer = errorResponse{Type: "Sender", Code: f.code, Message: f.message, RequestID: requestID}
		}
		b, err := xml.Marshal(answer)
		if err != nil {
			panic(fmt.Sprintf("iam: encode the answer: %v", err)) // a bug of ours: the types are ours
		}
		_, _ = w.Write(append([]byte(xml.Header), b...)) // the client has gone: nobody is left to tell
	})
}

func perform(operations map[string]operation, r *http.Request, requestID string) (any, error) {
	if err := r.ParseForm(); err != nil {
		return nil, &failure{http.StatusBadRequest, "MalformedQueryString", "read the request: " + err.Error()}
	}
	action, wanted := take(r.PostForm, "Action"), take(r.PostForm, "Version")
	operation, known := operations[action]
	if !known || wanted != version {
		return nil, &failure{http.StatusBadRequest, "InvalidAction", fmt.Sprintf("the local AWS's IAM does not have the operation %s in version %q", action, wanted)}
	}
	return operation(r, r.PostForm, requestID)
}

// take is a parameter, or "" when it was not given. It is then no more in the form.
func take(form url.Values, name string) string {
	v := form.Get(name)
	form.Del(name)
	return v
}

// members takes the list NAME.member.1, NAME.member.2 and so on. An empty one arrives as NAME with no value.
func members(form url.Values, name string) []string {
	if form.Get(name) == "" {
		form.Del(name)
	}
	var all []string
	for n := 1; form.Has(name + ".member." + strconv.Itoa(n)); n++ {
		all = append(all, take(form, name+".member."+strconv.Itoa(n)))
	}
	return all
}

// rest refuses the parameters that were not taken: an emulated service never ignores what it was asked.
func rest(form url.Values) error {
	if len(form) == 0 {
		return nil
	}
	return invalid("the local AWS's IAM does not take the parameter " + strings.Join(slices.Sorted(maps.Keys(form)), ", "))
}

// failure is an error as the client gets it.
type failure struct {
	status        int
	code, message string
}

func (f *failure) Error() string { return f.code + ": " + f.message }

func invalid(message string) *failure {
	return &failure{http.StatusBadRequest, "InvalidInput", message}
}

func failureOf(err error) *failure {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	return &failure{http.StatusForbidden, "AccessDenied", err.Error()} // else Check refused
}

type errorResponse struct {
	XMLName   xml.Name `xml:"https://iam.amazonaws.com/doc/2010-05-08/ ErrorResponse"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}
