#!/usr/bin/env python3
"""Starts an export as a plain Python Lambda function does. The benchmark compares it with startexport."""

import http.client
import json
import os

import boto3

rds = boto3.client("rds")


def handler(event):
    rds.start_export_task(
        ExportTaskIdentifier=event["id"],
        SourceArn=event["snapshot"],
        S3BucketName=os.environ["BUCKET"],
        S3Prefix=event["prefix"],
        IamRoleArn=os.environ["EXPORT_ROLE_ARN"],
        KmsKeyId=os.environ["KMS_KEY_ARN"],
    )
    return {"id": event["id"]}


def serve():
    """Takes calls from the Runtime API and answers them, for as long as the process lives."""
    host, _, path = os.environ["AWS_LAMBDA_RUNTIME_API"].partition("/")
    api = f"/{path}/2018-06-01/runtime/invocation/".replace("//", "/")
    connection = http.client.HTTPConnection(host)
    while True:
        connection.request("GET", api + "next")
        call = connection.getresponse()
        event = json.loads(call.read())
        try:
            kind, answer = "response", handler(event)
        except Exception as error:
            kind, answer = "error", {"errorType": type(error).__name__, "errorMessage": str(error)}
        connection.request("POST", api + call.headers["Lambda-Runtime-Aws-Request-Id"] + "/" + kind, json.dumps(answer))
        connection.getresponse().read()


serve()
