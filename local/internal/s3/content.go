package s3

import (
	"bufio"
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"net/http"
	"net/http/httputil"
	"net/textproto"
	"strconv"
	"strings"

	"snaplake/local/internal/wire"
)

// content is the body of a request that writes data. At the end, Read compares the data with the digests in the request's headers and
// trailers.
type content struct {
	io.ReadCloser
	header http.Header
	hashes map[string]hash.Hash // keyed by header
	// chunks is the encoded body, in which trailers follow the last chunk. It is nil if the body is not encoded.
	chunks *bufio.Reader
	plain  io.Reader // the decoded body
	left   int64     // the number of bytes that have not been read yet, if chunks is not nil
	// failed is the error of Read, or nil. gofakes3 does not pass on errors that it does not know.
	failed *wire.Error
}

// unwrap replaces the body of a request with its content, without the encoding aws-chunked (API reference, "Signature Calculations for the
// Authorization Header: Transferring Payload in Multiple Chunks"). It does not verify signatures.
func unwrap(r *http.Request) (*content, error) {
	c := &content{ReadCloser: r.Body, header: r.Header, hashes: map[string]hash.Hash{}, plain: r.Body}
	names := strings.Split(r.Header.Get("X-Amz-Trailer"), ",")
	for name := range r.Header {
		names = append(names, name)
	}
	for _, name := range names {
		name = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name))
		if newHash := digests[name]; newHash != nil {
			c.hashes[name] = newHash()
		} else if kind, ok := strings.CutPrefix(name, "X-Amz-Checksum-"); ok && kind != "Algorithm" && kind != "Type" {
			return nil, notImplemented("header " + name)
		}
	}
	if strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		var err error
		if c.left, err = strconv.ParseInt(r.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64); err != nil || c.left < 0 {
			return nil, wire.Errorf("InvalidArgument", "The value of x-amz-decoded-content-length is invalid.")
		}
		c.chunks = bufio.NewReader(r.Body)
		c.plain = httputil.NewChunkedReader(c.chunks)
		r.ContentLength = c.left
		r.Header.Set("Content-Length", strconv.FormatInt(c.left, 10))
		r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
		encoding, _ := strings.CutPrefix(r.Header.Get("Content-Encoding"), "aws-chunked")
		r.Header.Set("Content-Encoding", strings.TrimPrefix(encoding, ",")) // S3 does not store aws-chunked
	}
	r.Body = c
	return c, nil
}

// nvme is the reversed polynomial of CRC-64/NVME.
const nvme = 0x9a6c9329ac4bc9b5

// digests maps the headers that contain a digest to its hash (S3 guide, "Checking object integrity").
var digests = map[string]func() hash.Hash{
	"Content-Md5":              md5.New,
	"X-Amz-Checksum-Crc32":     func() hash.Hash { return crc32.NewIEEE() },
	"X-Amz-Checksum-Crc32c":    func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) },
	"X-Amz-Checksum-Crc64nvme": func() hash.Hash { return crc64.New(crc64.MakeTable(nvme)) },
	"X-Amz-Checksum-Sha1":      sha1.New,
	"X-Amz-Checksum-Sha256":    sha256.New,
}

// Read implements [io.Reader]. The error at the end of content that does not match its digests is not [io.EOF].
func (c *content) Read(p []byte) (int, error) {
	n, err := c.plain.Read(p)
	c.left -= int64(n)
	for _, h := range c.hashes {
		_, _ = h.Write(p[:n]) // never fails
	}
	if err != nil {
		c.check(err)
	}
	if c.failed != nil {
		return n, c.failed
	}
	return n, err
}

// check sets c.failed if the content is incomplete or does not match a digest. end is the error at the end of the content.
func (c *content) check(end error) {
	if end != io.EOF || c.chunks != nil && c.left != 0 {
		c.failed = wire.Errorf("IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header.")
		return
	}
	if c.chunks != nil {
		trailers, _ := textproto.NewReader(c.chunks).ReadMIMEHeader() // if the trailer is missing, the digest is invalid
		for name := range trailers {
			c.header.Set(name, trailers.Get(name))
		}
	}
	for name, h := range c.hashes {
		want, err := base64.StdEncoding.DecodeString(c.header.Get(name))
		switch {
		case err != nil || len(want) != h.Size():
			c.failed = wire.Errorf("InvalidDigest", "The Content-MD5 or checksum value that you specified is not valid.")
		case !bytes.Equal(want, h.Sum(nil)):
			c.failed = wire.Errorf("BadDigest", "The Content-MD5 or checksum value that you specified did not match what the server received.")
		}
	}
}
