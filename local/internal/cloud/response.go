package cloud

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"maps"
	"net/http"
)

// answer is one that is kept back, to be changed or lost.
type answer struct {
	header http.Header
	status int
	body   []byte
}

// record lets a service answer.
func record(service http.Handler, r *http.Request) *answer {
	a := &answer{header: http.Header{}}
	service.ServeHTTP(a, r)
	a.WriteHeader(http.StatusOK)
	return a
}

// Header, WriteHeader and Write are those of a service's http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader takes the first status, as net/http does.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	a.body = append(a.body, b...)
	return len(b), nil
}

// dropped is no answer: the connection is closed.
var dropped = &answer{}

// send gives the answer to the client.
func (a *answer) send(w http.ResponseWriter) {
	if a == dropped {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // the client has gone: nobody is left to tell
}

func (a *answer) replace(body []byte) {
	a.header.Del("Content-Length")
	a.body = body
}

// unknown is what no API model has.
const unknown = "LocalUnknown"

// addUnknown adds members that no API model has to the answer of a call. The content of an object is the user's: there it is a
// header.
func (a *answer) addUnknown(c Call) {
	switch {
	case a.status != http.StatusOK:
	case c.Service == "s3" && c.Operation == "GetObject":
		a.header.Set("X-Amz-"+unknown, "true")
	case c.Service == "s3":
		a.replace(addToXML(a.body, 1))
	case c.Service == "rds" || c.Service == "sns":
		a.replace(addToXML(a.body, 2)) // the response, and in it the result
	default:
		a.replace(addToJSON(a.body, 2)) // the answer, and what it holds or lists: what lies deeper can be a map
	}
}

// addToXML adds an element at the beginning of the nth element of a document.
func addToXML(document []byte, nth int) []byte {
	d := xml.NewDecoder(bytes.NewReader(document))
	for nth > 0 {
		token, err := d.Token()
		if err != nil {
			return document
		}
		if _, starts := token.(xml.StartElement); starts {
			nth--
		}
	}
	at := d.InputOffset()
	return bytes.Join([][]byte{document[:at], []byte("<" + unknown + "><Member>true</Member></" + unknown + ">"), document[at:]}, nil)
}

// addToJSON adds a member to an object, or to those of a list, and to the objects in it down to a depth.
func addToJSON(value json.RawMessage, depth int) json.RawMessage {
	var list []json.RawMessage
	var object map[string]json.RawMessage
	switch {
	case depth == 0 || string(value) == "null":
		return value
	case json.Unmarshal(value, &list) == nil:
		for i := range list {
			list[i] = addToJSON(list[i], depth)
		}
		return encode(list)
	case json.Unmarshal(value, &object) == nil:
		for name := range object {
			object[name] = addToJSON(object[name], depth-1)
		}
		object[unknown] = json.RawMessage(`{"Member":[true]}`)
		return encode(object)
	default:
		return value
	}
}

// stop makes GetCrawler's answer tell that a ready crawler is stopping, and tells whether it was ready.
func (a *answer) stop() bool {
	var got struct{ Crawler map[string]json.RawMessage }
	if json.Unmarshal(a.body, &got) != nil || string(got.Crawler["State"]) != `"READY"` {
		return false
	}
	got.Crawler["State"] = json.RawMessage(`"STOPPING"`)
	a.replace(encode(got))
	return true
}

func encodeXML(v any) []byte {
	b, err := xml.Marshal(v)
	if err != nil {
		panic(err) // a bug of ours: the types are ours
	}
	return append([]byte(xml.Header), b...)
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // a bug of ours: it is made of JSON
	}
	return b
}
