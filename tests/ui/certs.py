# SPDX-License-Identifier: GPL-2.0-or-later
"""Certificates for tests, made with GnuTLS's certtool."""

import os
import subprocess

FOREVER = "2049-01-01 00:00:00"


def certtool(*arguments):
    subprocess.run(["certtool", *arguments], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Authority:
    """One that signs; its certificate is FOLDER/ca-cert.pem."""

    def __init__(self, folder, name="test authority", until=FOREVER):
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        self.certificate = os.path.join(folder, "ca-cert.pem")
        self.key = self.make_key("ca")
        certtool("--generate-self-signed", "--load-privkey", self.key,
                 "--template", self.template(name, until, "ca",
                                             "cert_signing_key"),
                 "--outfile", self.certificate)

    def path(self, name):
        return os.path.join(self.folder, name)

    def make_key(self, who):
        """A new one: FOLDER/WHO-key.pem."""
        key = self.path(f"{who}-key.pem")
        certtool("--generate-privkey", "--key-type=ecdsa", "--outfile", key)
        return key

    def template(self, name, until, *lines):
        path = self.path("template")
        with open(path, "w", encoding="ascii") as f:
            print(f'cn = "{name}"', 'activation_date = "2020-01-01 00:00:00"',
                  f'expiration_date = "{until}"', *lines, sep="\n", file=f)
        return path

    def issue(self, who, name="localhost", until=FOREVER):
        """FOLDER/WHO-cert.pem and its key, for "server" or "client"."""
        lines = ["signing_key"] + (
            ["dns_name = localhost", "ip_address = 127.0.0.1",
             "tls_www_server"] if who == "server" else ["tls_www_client"])
        key = self.make_key(who)
        certtool("--generate-certificate",
                 "--load-ca-certificate", self.certificate,
                 "--load-ca-privkey", self.key, "--load-privkey", key,
                 "--template", self.template(name, until, *lines),
                 "--outfile", self.path(f"{who}-cert.pem"))
