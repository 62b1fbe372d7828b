package cloud

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
)

// answer is a recorded response, which can be changed or dropped before it is sent.
type answer struct{ *httptest.ResponseRecorder }

// record passes a request to a service and records the response.
func record(service http.Handler, r *http.Request) *answer {
	a := &answer{httptest.NewRecorder()}
	service.ServeHTTP(a, r)
	return a
}

// dropped represents a lost response. Instead of sending it, the method send closes the connection.
var dropped = &answer{&httptest.ResponseRecorder{}}

func (a *answer) send(w http.ResponseWriter) {
	if a == dropped {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), a.Header())
	w.WriteHeader(a.Code)
	_, _ = w.Write(a.Body.Bytes()) // fails only if the client has disconnected
}

func (a *answer) replace(body []byte) {
	a.Header().Del("Content-Length")
	a.Body = bytes.NewBuffer(body)
}

// extraMember is the name of a member that no API model defines.
const extraMember = "LocalUnknown"

// addUnknown adds unknown members to the response. For GetObject, it adds an unknown header instead.
func (a *answer) addUnknown(c Call) {
	switch {
	case a.Code != http.StatusOK:
	case c.Service == "s3" && c.Operation == "GetObject":
		a.Header().Set("X-Amz-"+extraMember, "true")
	case c.Service == "s3":
		a.replace(addToXML(a.Body.Bytes(), 1))
	case c.Service == "rds" || c.Service == "sns":
		a.replace(addToXML(a.Body.Bytes(), 2)) // the response element, then the result element
	default:
		a.replace(addToJSON(a.Body.Bytes(), 2)) // the response and the objects directly in it; deeper objects can be maps
	}
}

// addToXML adds an unknown element as the first child of the nth element of a document.
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
	return bytes.Join([][]byte{document[:at], []byte("<" + extraMember + "><Member>true</Member></" + extraMember + ">"), document[at:]}, nil)
}

// addToJSON adds an unknown member to an object or to each object in a list, and to nested objects down to the given depth.
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
		object[extraMember] = json.RawMessage(`{"Member":[true]}`)
		return encode(object)
	default:
		return value
	}
}

// setStopping changes the state in GetCrawler's response from READY to STOPPING. It reports whether the state was READY.
func (a *answer) setStopping() bool {
	var got struct{ Crawler map[string]json.RawMessage }
	if json.Unmarshal(a.Body.Bytes(), &got) != nil || string(got.Crawler["State"]) != `"READY"` {
		return false
	}
	got.Crawler["State"] = json.RawMessage(`"STOPPING"`)
	a.replace(encode(got))
	return true
}

func writeXML(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/xml")
	_, _ = io.WriteString(w, xml.Header)
	_ = xml.NewEncoder(w).Encode(v) // cannot fail: these types always encode
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // cannot happen: these types always encode
	}
	return b
}
