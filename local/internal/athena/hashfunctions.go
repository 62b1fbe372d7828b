package athena

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"database/sql/driver"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash"
	"hash/crc32"

	"github.com/duckdb/duckdb-go/v2"
)

// hashFunctions are functions of varbinaries.
func hashFunctions() map[string][]goFunction {
	digest := func(newHash func() hash.Hash) []goFunction {
		return []goFunction{bytesFunction(1, func(b [][]byte) []byte {
			h := newHash()
			h.Write(b[0])
			return h.Sum(nil)
		})}
	}
	keyed := func(newHash func() hash.Hash) []goFunction {
		return []goFunction{bytesFunction(2, func(b [][]byte) []byte {
			h := hmac.New(newHash, b[1])
			h.Write(b[0])
			return h.Sum(nil)
		})}
	}
	blob, text, bigint := duckdb.TYPE_BLOB, duckdb.TYPE_VARCHAR, duckdb.TYPE_BIGINT
	return map[string][]goFunction{
		"athena_md5": digest(md5.New), "athena_sha1": digest(sha1.New), "athena_sha256": digest(sha256.New), "athena_sha512": digest(sha512.New),
		"athena_hmac_md5": keyed(md5.New), "athena_hmac_sha1": keyed(sha1.New), "athena_hmac_sha256": keyed(sha256.New), "athena_hmac_sha512": keyed(sha512.New),
		"athena_crc32": {{in: []duckdb.Type{blob}, out: bigint, call: func(v []driver.Value) (any, error) {
			return int64(crc32.ChecksumIEEE(v[0].([]byte))), nil
		}}},
		"athena_to_base64url": {{in: []duckdb.Type{blob}, out: text, call: func(v []driver.Value) (any, error) {
			return base64.URLEncoding.EncodeToString(v[0].([]byte)), nil
		}}},
		"athena_from_base64":    {{in: []duckdb.Type{text}, out: blob, call: fromBase64(base64.StdEncoding)}},
		"athena_from_base64url": {{in: []duckdb.Type{text}, out: blob, call: fromBase64(base64.URLEncoding)}},
		"athena_from_big_endian_64": {{in: []duckdb.Type{blob}, out: bigint, call: func(v []driver.Value) (any, error) {
			b := v[0].([]byte)
			if len(b) != 8 {
				return nil, fmt.Errorf("INVALID_FUNCTION_ARGUMENT: expected 8-byte input, but got instead: %d", len(b))
			}
			return int64(binary.BigEndian.Uint64(b)), nil
		}}},
		"athena_to_big_endian_64": {{in: []duckdb.Type{bigint}, out: blob, call: func(v []driver.Value) (any, error) {
			return binary.BigEndian.AppendUint64(nil, uint64(v[0].(int64))), nil
		}}},
	}
}

func fromBase64(encoding *base64.Encoding) func(v []driver.Value) (any, error) {
	return func(v []driver.Value) (any, error) {
		b, err := encoding.DecodeString(v[0].(string))
		if err != nil {
			return nil, fmt.Errorf("INVALID_FUNCTION_ARGUMENT: %w", err)
		}
		return b, nil
	}
}
