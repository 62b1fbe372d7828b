package cloud

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"sync"
	"time"

	"snaplake/local/internal/iam"
)

// sessions holds the access keys of the callers. It keeps expired credentials, so that the router can reject them with the correct error.
type sessions struct {
	// now returns the time on the clock of the local AWS.
	now   func() time.Time
	byKey sync.Map // from access key IDs to sessions
}

// session is what an access key stands for. Only the credentials of AssumeRole have a token and expire.
type session struct {
	caller  iam.Caller
	token   string
	expires time.Time
}

// add creates temporary credentials for a caller.
func (s *sessions) add(c iam.Caller, expires time.Time) (keyID, secret, token string) {
	key := newKey()
	token = rand.Text()
	s.byKey.Store(key.AccessKeyID, session{c, token, expires})
	return key.AccessKeyID, key.SecretAccessKey, token
}

// The codes of S3's errors for invalid credentials (API reference, "Error responses").
const (
	unknownKey   = "InvalidAccessKeyId"
	wrongToken   = "InvalidToken"
	expiredToken = "ExpiredToken"
)

// callerOf returns the caller whose access key is in a request. If the credentials are invalid, it returns S3's code for the error.
func (s *sessions) callerOf(r *http.Request, key string) (caller iam.Caller, invalid string) {
	found, known := s.byKey.Load(key)
	of, _ := found.(session)
	token := tokenOf(r)
	switch {
	case !known || of.token != "" && token == "":
		return iam.Caller{}, unknownKey
	case of.token == "":
		return of.caller, ""
	case subtle.ConstantTimeCompare([]byte(token), []byte(of.token)) == 0:
		return iam.Caller{}, wrongToken
	case !s.now().Before(of.expires):
		return iam.Caller{}, expiredToken
	}
	return of.caller, ""
}
