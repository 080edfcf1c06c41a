"""Copies the installed tailscale-py so that it trusts a certificate authority made here. For tests only.

usage: trusting_copy.py OUTDIR

Writes OUTDIR/tailscale (for PYTHONPATH), OUTDIR/server.pem (leaf and authority) and OUTDIR/server.key.
The package has no way to add a root: its TLS library compiles them in. So one root's public key, a P-384 point that occurs
once in the extension, is overwritten with ours, and our authority takes that root's subject name.
"""

import datetime
import importlib.util
import ipaddress
import pathlib
import shutil
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

REPLACED_ROOT = "ISRG Root X2"
SYSTEM_ROOTS = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")


def point(key) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def replaced_root() -> x509.Certificate:
    for certificate in x509.load_pem_x509_certificates(SYSTEM_ROOTS.read_bytes()):
        if REPLACED_ROOT in certificate.subject.rfc4514_string():
            return certificate
    sys.exit(f"{SYSTEM_ROOTS} does not hold {REPLACED_ROOT}: install ca-certificates")


def copy_package(out: pathlib.Path, old: bytes, new: bytes) -> None:
    spec = importlib.util.find_spec("tailscale")
    if spec is None or spec.origin is None:
        sys.exit("tailscale-py is not installed here")
    target = out / "tailscale"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(pathlib.Path(spec.origin).parent, target)
    (extension,) = target.glob("_internal*.so")
    data = extension.read_bytes()
    if data.count(old) != 1:
        sys.exit(f"{REPLACED_ROOT} occurs {data.count(old)} times in {extension.name}, expected once")
    extension.write_bytes(data.replace(old, new))


def certificate(subject, issuer, key, days, *extensions) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=days))
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder


def main() -> None:
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    root = replaced_root()
    authority_key = ec.generate_private_key(ec.SECP384R1())
    copy_package(out, point(root.public_key()), point(authority_key.public_key()))
    authority = certificate(
        root.subject, root.subject, authority_key.public_key(), 365, (x509.BasicConstraints(True, None), True)
    ).sign(authority_key, hashes.SHA384())
    leaf_key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    leaf = certificate(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
        root.subject,
        leaf_key.public_key(),
        90,
        (names, False),
        (x509.BasicConstraints(False, None), True),
    ).sign(authority_key, hashes.SHA384())
    pem = serialization.Encoding.PEM
    (out / "server.pem").write_bytes(leaf.public_bytes(pem) + authority.public_bytes(pem))
    (out / "server.key").write_bytes(
        leaf_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


main()
