"""Documents in S3-compatible storage, for a service on several machines."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from referrals.models.storage import CHUNK, Missing, StorageFailed

NOT_THERE = frozenset({"NoSuchKey", "404"})
# Checksums of their own are asked only where the protocol wants them: not every compatible server knows them.
QUIET = Config(
    connect_timeout=5,
    read_timeout=30,
    retries={"max_attempts": 3, "mode": "standard"},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    s3={"addressing_style": "path"},
)


@dataclass(frozen=True, slots=True)
class Place:
    """Which bucket, under which prefix, at which server. Without keys the machine's own credentials are used."""

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None
    access_key: str | None = None
    secret_key: str | None = None


class S3Store:
    """Objects of one bucket. The protocol itself makes a put whole or nothing."""

    def __init__(self, place: Place) -> None:
        self.bucket, self.prefix = place.bucket, place.prefix
        self.client: Any = boto3.client(
            "s3",
            endpoint_url=place.endpoint,
            region_name=place.region,
            aws_access_key_id=place.access_key,
            aws_secret_access_key=place.secret_key,
            config=QUIET,
        )

    def put(self, key: str, source: BinaryIO) -> None:
        with _translated():
            self.client.put_object(Bucket=self.bucket, Key=self.prefix + key, Body=source)

    def open(self, key: str, start: int = 0) -> BinaryIO:
        part = {"Range": f"bytes={start}-"} if start else {}
        with _translated():
            found = self.client.get_object(Bucket=self.bucket, Key=self.prefix + key, **part)
        return cast(BinaryIO, io.BufferedReader(_Body(found["Body"]), CHUNK))

    def remove(self, key: str) -> None:
        with _translated():
            self.client.delete_object(Bucket=self.bucket, Key=self.prefix + key)

    def keys(self, before: datetime) -> Iterator[str]:
        with _translated():
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
            for page in pages:
                for each in page.get("Contents", ()):
                    if each["LastModified"] < before:
                        yield each["Key"].removeprefix(self.prefix)


class _Body(io.RawIOBase):
    """What is read from afar: it may break off in the middle."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, room: Any) -> int:
        with _translated():
            found: bytes = self._body.read(len(room))
        room[: len(found)] = found
        return len(found)

    def close(self) -> None:
        self._body.close()
        super().close()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except ClientError as problem:
        if problem.response.get("Error", {}).get("Code") in NOT_THERE:
            raise Missing from None
        raise StorageFailed("The storage refused.") from problem
    except BotoCoreError as problem:
        raise StorageFailed("The storage does not answer.") from problem
