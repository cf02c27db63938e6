"""The lab's certificates, and a step-ca directory as `step ca init` would write it.

pki.py root PREFIX --name NAME                     PREFIX.pem, PREFIX.key
pki.py leaf PREFIX --ca CA.pem --ca-key CA.key [--ca-password FILE] --san NAME... [--days N]
                                                   a fraction is fine; below 0: expired; chain = leaf + CA
pki.py step-ca DIR --final DIR --name NAME --dns NAME... --provisioner NAME
"""

import argparse
import datetime
import ipaddress
import json
import os
import secrets

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)


def write(path, data):
    """Write a file that nobody but its owner may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'wb') as f:
        f.write(data if isinstance(data, bytes) else data.encode())


def pem(cert):
    return cert.public_bytes(serialization.Encoding.PEM)


def key_pem(key, password=None):
    protection = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)


def new_key():
    return ec.generate_private_key(ec.SECP256R1())


def subject(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def certificate(name, key, issuer=None, issuer_key=None, path_length=None, sans=(), days=3650):
    """A CA when path_length is given, else a leaf with the EKUs of step-ca's; self-signed without an issuer."""
    now = datetime.datetime.now(datetime.timezone.utc)
    start, end = (now - DAY / 24, now + days * DAY) if days > 0 else (now + (days - 1) * DAY, now + days * DAY)
    signer = issuer_key or key
    builder = (x509.CertificateBuilder().subject_name(subject(name)).issuer_name(issuer.subject if issuer else subject(name))
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(start).not_valid_after(end)
               .add_extension(x509.BasicConstraints(path_length is not None, path_length), True)
               .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
               .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False))
    if path_length is None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), False)
    else:
        usage = dict.fromkeys(('digital_signature', 'content_commitment', 'key_encipherment', 'data_encipherment',
                               'key_agreement', 'encipher_only', 'decipher_only'), False)
        builder = builder.add_extension(x509.KeyUsage(key_cert_sign=True, crl_sign=True, **usage), True)
    if sans:
        builder = builder.add_extension(x509.SubjectAlternativeName([general_name(s) for s in sans]), False)
    return builder.sign(signer, hashes.SHA256())


def general_name(text):
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def root(a):
    key = new_key()
    write(a.prefix + '.key', key_pem(key))
    write(a.prefix + '.pem', pem(certificate(a.name, key, path_length=1)))


def leaf(a):
    password = open(a.ca_password).read().strip().encode() if a.ca_password else None
    ca = x509.load_pem_x509_certificate(open(a.ca, 'rb').read())
    ca_key = serialization.load_pem_private_key(open(a.ca_key, 'rb').read(), password)
    key = new_key()
    write(a.prefix + '.key', key_pem(key))
    write(a.prefix + '.pem', pem(certificate(a.san[0], key, ca, ca_key, sans=a.san, days=a.days)) + pem(ca))


def provisioner(name, password):
    """A JWK provisioner: the public key in clear, the private one under the password, as the step CLI writes it."""
    from jwcrypto import jwa, jwe, jwk
    from jwcrypto.common import json_encode
    jwa.default_max_pbkdf2_iterations = 1000000  # jwcrypto's own cap is below what step-ca uses
    key = jwk.JWK.generate(kty='EC', crv='P-256', use='sig', alg='ES256')
    kid = key.thumbprint()
    header = {'alg': 'PBES2-HS256+A128KW', 'enc': 'A256GCM', 'cty': 'jwk+json', 'p2c': 100000, 'p2s': secrets.token_urlsafe(16)}
    token = jwe.JWE(json_encode(dict(key.export(as_dict=True), kid=kid)).encode(), json_encode(header))
    token.add_recipient(jwk.JWK.from_password(password))
    # 1 m where the default is 5 m: tests of expiry cannot wait.
    claims = {'minTLSCertDuration': '1m', 'maxTLSCertDuration': '2160h', 'defaultTLSCertDuration': '24h'}
    return {'type': 'JWK', 'name': name, 'key': dict(key.export_public(as_dict=True), kid=kid),
            'encryptedKey': token.serialize(compact=True), 'claims': claims}


def step_ca(a):
    for d in ('certs', 'secrets', 'config', 'db'):
        os.makedirs(f'{a.dir}/{d}', mode=0o700, exist_ok=True)
    password, provisioner_password = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    write(f'{a.dir}/secrets/password', password + '\n')
    write(f'{a.dir}/secrets/provisioner_password', provisioner_password + '\n')
    root_key, key = new_key(), new_key()
    top = certificate(a.name + ' Root CA', root_key, path_length=1)
    intermediate = certificate(a.name + ' Intermediate CA', key, top, root_key, path_length=0)
    for name, c, k in (('root_ca', top, root_key), ('intermediate_ca', intermediate, key)):
        write(f'{a.dir}/certs/{name}.crt', pem(c))
        write(f'{a.dir}/secrets/{name}_key', key_pem(k, password))
    write(f'{a.dir}/config/ca.json', json.dumps({
        'root': f'{a.final}/certs/root_ca.crt', 'crt': f'{a.final}/certs/intermediate_ca.crt',
        'key': f'{a.final}/secrets/intermediate_ca_key', 'address': ':9000', 'dnsNames': a.dns, 'logger': {'format': 'text'},
        'db': {'type': 'badgerv2', 'dataSource': f'{a.final}/db'},
        'authority': {'provisioners': [provisioner(a.provisioner, provisioner_password)]},
        'tls': {'minVersion': 1.2, 'maxVersion': 1.3, 'renegotiation': False}}, indent=1))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sub = p.add_subparsers(required=True)
    c = sub.add_parser('root')
    c.set_defaults(run=root)
    c.add_argument('prefix')
    c.add_argument('--name', required=True)
    c = sub.add_parser('leaf')
    c.set_defaults(run=leaf)
    c.add_argument('prefix')
    for name in ('--ca', '--ca-key'):
        c.add_argument(name, required=True)
    c.add_argument('--ca-password')
    c.add_argument('--san', action='append', required=True)
    c.add_argument('--days', type=float, default=365)
    c = sub.add_parser('step-ca')
    c.set_defaults(run=step_ca)
    c.add_argument('dir')
    for name in ('--final', '--name', '--provisioner'):
        c.add_argument(name, required=True)
    c.add_argument('--dns', action='append', required=True)
    a = p.parse_args()
    a.run(a)


if __name__ == '__main__':
    main()
