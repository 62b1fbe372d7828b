package cloud

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"sync"
	"time"

	"snaplake/local/internal/iam"
)

// sessions holds the temporary credentials that AssumeRole returned. It keeps expired credentials, so that the router can reject them with
// the correct error.
type sessions struct {
	// now returns the time on the clock of the local AWS.
	now func() time.Time

	byKey sync.Map // from access key IDs to sessions
}

type session struct {
	caller  iam.Caller
	token   string
	expires time.Time
}

// add creates credentials for a caller.
func (s *sessions) add(c iam.Caller, expires time.Time) (keyID, secret, token string) {
	key := newKey()
	token = rand.Text()
	s.byKey.Store(key.AccessKeyID, session{c, token, expires})
	return key.AccessKeyID, key.SecretAccessKey, token
}

// find returns the session with an access key.
func (s *sessions) find(key string) (session, bool) {
	found, ok := s.byKey.Load(key)
	of, _ := found.(session)
	return of, ok
}

// check returns the error code for a request that does not have the session's token, or that comes after the session has expired.
func (s *sessions) check(r *http.Request, of session) invalidity {
	token := r.Header.Get("X-Amz-Security-Token")
	if token == "" {
		token = r.URL.Query().Get("X-Amz-Security-Token") // of a presigned URL
	}
	switch {
	case token == "":
		return unknownKey
	case subtle.ConstantTimeCompare([]byte(token), []byte(of.token)) == 0:
		return wrongToken
	case !s.now().Before(of.expires):
		return expiredToken
	}
	return valid
}
