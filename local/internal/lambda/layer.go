package lambda

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// Store is S3, which has the archives of layers, and beside its buckets room for what is in them.
type Store interface {
	MayRead(ctx context.Context, bucket, key string) error
	Path(bucket, key string) string
	TempDir() (string, error)
}

// layerVersion is one as PublishLayerVersion and GetLayerVersion answer, without the link to its archive.
type layerVersion struct {
	LayerArn, LayerVersionArn string
	Version                   int64
	CreatedDate               string
	Content                   struct {
		CodeSha256 string
		CodeSize   int64
	}
	layerLabels

	// dir has the files.
	dir string
}

// layerLabels are what people say about a layer. Nothing depends on them.
type layerLabels struct {
	CompatibleArchitectures []string `json:",omitempty"`
	CompatibleRuntimes      []string `json:",omitempty"`
	Description             string   `json:",omitempty"`
	LicenseInfo             string   `json:",omitempty"`
}

// AddLayer makes the next version of a layer as a deployment does it, out of a folder that stays where it is, and gives the ARN of
// the version. The first version is 1. The folder is given by an absolute path.
func (s *Service) AddLayer(name, dir string) (arn string) {
	return s.addLayer(name, layerVersion{dir: dir}).LayerVersionArn
}

func (s *Service) addLayer(name string, v layerVersion) layerVersion {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.versions[name]++
	v.Version = s.versions[name]
	v.LayerArn, v.LayerVersionArn = s.layerARN(name), s.layerVersionARN(name, v.Version)
	v.CreatedDate = s.options.Clock.Now().UTC().Format("2006-01-02T15:04:05.000-0700")
	s.layers[v.LayerVersionArn] = v
	return v
}

func (s *Service) layerARN(name string) string {
	return fmt.Sprintf("arn:aws:lambda:%s:%s:layer:%s", s.options.Region, s.options.Account, name)
}

func (s *Service) layerVersionARN(name string, version int64) string {
	return s.layerARN(name) + ":" + strconv.FormatInt(version, 10)
}

// checkLayers tells why a function cannot have these layers. The caller holds the lock.
func (s *Service) checkLayers(arns []string) error {
	if len(arns) > 1 {
		return wire.Errorf("InvalidParameterValueException", "the local Lambda gives a function one layer, and not %d", len(arns))
	}
	for _, arn := range arns {
		if _, ok := s.layers[arn]; !ok {
			return wire.Errorf("InvalidParameterValueException", "Layer version %s does not exist.", arn)
		}
	}
	return nil
}

// layerNames is the form that the API reference gives for LayerName, when it is no ARN.
var layerNames = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,140}$`)

// layerNameOf is the name of a layer that is given by its name or ARN.
func layerNameOf(r *http.Request) string {
	layer := r.PathValue("layer")
	return layer[strings.LastIndexByte(layer, ':')+1:]
}

// publication is what PublishLayerVersion takes.
type publication struct {
	Content layerContent
	layerLabels
}

// layerContent is an archive: in the request itself, or where it lies in S3.
type layerContent struct {
	ZipFile         []byte
	S3Bucket, S3Key string
}

func (s *Service) publishLayerVersion(r *http.Request) wire.Operation {
	name := layerNameOf(r)
	return wire.JSON(func(ctx context.Context, in publication) (layerVersion, error) {
		if err := s.may(ctx, iam.Call{Action: "lambda:PublishLayerVersion", Resource: s.layerARN(name)}); err != nil {
			return layerVersion{}, err
		}
		if !layerNames.MatchString(name) {
			return layerVersion{}, wire.Errorf("InvalidParameterValueException", "%q is no name of a layer: it has letters, digits, - and _, and is at most 140 characters long", name)
		}
		archive, err := s.archive(ctx, in.Content)
		if err != nil {
			return layerVersion{}, err
		}
		v := layerVersion{layerLabels: in.layerLabels}
		sum := sha256.Sum256(archive)
		v.Content.CodeSha256, v.Content.CodeSize = base64.StdEncoding.EncodeToString(sum[:]), int64(len(archive))
		if v.dir, err = s.unpack(archive); err != nil {
			return layerVersion{}, err
		}
		return s.addLayer(name, v), nil
	})
}

// archive reads a layer's archive.
func (s *Service) archive(ctx context.Context, c layerContent) ([]byte, error) {
	inS3 := c.S3Bucket != "" || c.S3Key != ""
	switch {
	case inS3 == (len(c.ZipFile) > 0):
		return nil, wire.Errorf("InvalidParameterValueException", "Content has either a ZipFile, or an S3Bucket and an S3Key")
	case inS3:
		return s.object(ctx, c.S3Bucket, c.S3Key)
	default:
		return c.ZipFile, nil
	}
}

// object reads an archive out of S3, in the caller's name.
func (s *Service) object(ctx context.Context, bucket, key string) ([]byte, error) {
	if err := s.options.Store.MayRead(ctx, bucket, key); err != nil {
		return nil, &wire.Error{
			Code:    "AccessDeniedException",
			Message: fmt.Sprintf("Your access has been denied by S3, please make sure your request credentials have permission to GetObject for %s/%s. S3 Error Message: %v", bucket, key, err),
			Status:  http.StatusForbidden,
		}
	}
	absent := wire.Errorf("InvalidParameterValueException", "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.")
	if !filepath.IsLocal(bucket) || !filepath.IsLocal(key) { // it would be a file outside the bucket
		return nil, absent
	}
	info, err := os.Stat(s.options.Store.Path(bucket, key))
	switch {
	case err != nil || !info.Mode().IsRegular():
		return nil, absent
	case info.Size() > maxUnzipped: // which its content is as well
		return nil, tooLarge()
	default:
		return os.ReadFile(s.options.Store.Path(bucket, key))
	}
}

func (s *Service) getLayerVersion(r *http.Request) wire.Operation {
	number, _ := strconv.ParseInt(r.PathValue("version"), 10, 64) // 0 is no version
	arn := s.layerVersionARN(layerNameOf(r), number)
	return wire.JSON(func(ctx context.Context, _ struct{}) (layerVersion, error) {
		if err := s.may(ctx, iam.Call{Action: "lambda:GetLayerVersion", Resource: arn}); err != nil {
			return layerVersion{}, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		v, ok := s.layers[arn]
		if !ok {
			return layerVersion{}, &wire.Error{Code: "ResourceNotFoundException", Message: "The resource you requested does not exist.", Status: http.StatusNotFound}
		}
		return v, nil
	})
}
