#!/usr/bin/env python3
"""Records jwe.json with other eyes than ours, python's cryptography. Usage: record_jwe.py jwe.json"""
import base64
import json
import os
import sys

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.keywrap import aes_key_wrap


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jwe(plaintext, password, rounds, algorithm="PBES2-HS256+A128KW", **more):
    salt = os.urandom(16)
    members = {"alg": algorithm, "enc": "A256GCM", "cty": "jwk+json", "p2c": rounds, "p2s": base64url(salt), **more}
    header = base64url(json.dumps(members).encode())
    derived = PBKDF2HMAC(hashes.SHA256(), 16, algorithm.encode() + b"\0" + salt, min(rounds, 1000))
    if rounds <= 1_000_000:
        derived = PBKDF2HMAC(hashes.SHA256(), 16, algorithm.encode() + b"\0" + salt, rounds)
    content_key, nonce = os.urandom(32), os.urandom(12)
    sealed = AESGCM(content_key).encrypt(nonce, plaintext, header.encode())
    wrapped = aes_key_wrap(derived.derive(password), content_key)
    return ".".join([header, *map(base64url, [wrapped, nonce, sealed[:-16], sealed[-16:]])])


numbers = ec.generate_private_key(ec.SECP256R1()).private_numbers()
jwk = json.dumps({
    "use": "sig", "kty": "EC", "kid": "fixture-key-id", "crv": "P-256", "alg": "ES256",
    "x": base64url(numbers.public_numbers.x.to_bytes(32, "big")),
    "y": base64url(numbers.public_numbers.y.to_bytes(32, "big")),
    "d": base64url(numbers.private_value.to_bytes(32, "big")),
})
passphrase = "correct horse battery staple"
with open(sys.argv[1], "w") as file:
    json.dump({
        "passphrase": passphrase,
        "jwk": jwk,
        "token": jwe(jwk.encode(), passphrase.encode(), 100_000),
        "quick": jwe(b"quick", passphrase.encode(), 1000),
        "billion": jwe(b"t", passphrase.encode(), 10**9),
        "otherAlgorithm": jwe(b"t", passphrase.encode(), 1000, algorithm="PBES2-HS512+A256KW"),
        "zipped": jwe(b"t", passphrase.encode(), 1000, zip="DEF"),
    }, file, indent=1)
    file.write("\n")
