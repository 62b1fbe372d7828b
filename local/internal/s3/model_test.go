package s3

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// TestServeHTTP_RefusesEveryOtherOperationAndChangesNothing calls all operations of the SDK. An operation that the local S3 does not
// support must be refused, and must not change an object or the bucket.
func TestServeHTTP_RefusesEveryOtherOperationAndChangesNothing(t *testing.T) {
	var supported, refused int
	known := reflect.TypeFor[*s3.Client]()
	for i := range known.NumMethod() {
		method := known.Method(i)
		if method.Type.NumIn() != 4 || method.Type.NumOut() != 2 {
			continue // not an operation
		}
		name := method.Name
		if slices.ContainsFunc(slices.Collect(maps.Values(operations)), func(o operation) bool { return o.name == name }) {
			supported++
			continue
		}
		if name == "CreateSession" || name == "ListDirectoryBuckets" || name == "WriteGetObjectResponse" {
			continue // they are not sent to a bucket's endpoint
		}
		t.Run(name, func(t *testing.T) {
			store, client := newStore(t, "a/1", "x")
			err := callOperation(t.Context(), client, method)
			response, ok := errors.AsType[*awshttp.ResponseError](err)
			if !ok || response.HTTPStatusCode() != http.StatusNotImplemented {
				t.Errorf("got %v, want status 501", err)
			}
			if objects, err := store.List("lake", ""); err != nil || len(objects) != 2 || objects[0].Size != 3 || objects[1].Size != 1 {
				t.Errorf("the bucket now contains %v, %v", objects, err)
			}
		})
		refused++
	}
	if supported != len(operations) || refused < 80 {
		t.Errorf("%d operations are supported and %d are refused, but the table has %d", supported, refused, len(operations))
	}
}

// callOperation calls an operation with the bucket "lake", the key "x" and a value for each parameter that the SDK requires.
func callOperation(ctx context.Context, client *s3.Client, method reflect.Method) error {
	in := reflect.New(method.Type.In(2).Elem())
	for name, value := range map[string]string{"Bucket": "lake", "Key": "x"} {
		if f := in.Elem().FieldByName(name); f.IsValid() {
			f.Set(reflect.ValueOf(&value))
		}
	}
	for range 10 {
		out := method.Func.Call([]reflect.Value{reflect.ValueOf(client), reflect.ValueOf(ctx), in})
		err, _ := out[1].Interface().(error)
		missing, ok := errors.AsType[smithy.InvalidParamsError](err)
		if !ok {
			return err
		}
		for _, e := range missing.Errs() {
			_, path, _ := strings.Cut(e.(smithy.InvalidParamError).Field(), "Input.")
			name, _, _ := strings.Cut(path, ".")
			name, _, _ = strings.Cut(name, "[")
			if f := in.Elem().FieldByName(name); f.IsValid() {
				fill(f, 0)
			}
		}
	}
	return errors.New("a required parameter has no value")
}

// fill sets a value and everything in it.
func fill(v reflect.Value, depth int) {
	switch {
	case v.Type() == reflect.TypeFor[io.Reader]():
		v.Set(reflect.ValueOf(strings.NewReader("lost")))
	case v.Type() == reflect.TypeFor[time.Time](), depth > 20, !v.CanSet():
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), depth+1)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), depth+1)
		}
	case v.Type() == reflect.TypeFor[types.ObjectEncryption]():
		v.Set(reflect.ValueOf(&types.ObjectEncryptionMemberSSEKMS{Value: types.SSEKMSEncryption{KMSKeyArn: aws.String("x")}}))
	case v.Kind() == reflect.String:
		v.SetString("x")
	}
}
