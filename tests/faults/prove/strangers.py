"""Whole requests as nobody should send them, each made from (seed, its number) alone: methods, paths, heads, framings and
bodies by their grammar, with mistakes in them. The bodies are of the kinds that tests/*/*_fuzz.cc know from inside."""

import base64
import json
import random
import urllib.parse

EDGES = ("0", "1", "2147483647", "2147483648", "4294967296", "9223372036854775807", "9223372036854775808",
         "18446744073709551616", "308", "309", "324", "2147483639", "2147483640", "99999999999")
TEXTS = ("\u00e9", "\u20ac", "\U0001f511", "\ufeff", "\x7f", "\0", "\r\n", "%00", "<zq>", "'\"", "../..", "a" * 300)
RAW = (b"\xed\xa0\x80", b"\xc0\xaf", b"\x80", b"\xf4\x90\x80\x80", b"\xff")
NAMES = ("client_id", "client_secret", "grant_type", "client_assertion_type", "client_assertion", "device_code",
         "refresh_token", "user_code", "scope", "resource", "csrf", "org", "email", "password", "decision", "token", "a")
ASKED = ("/api/user", "/api/subscription", "/.well-known/jwks.json", "/.well-known/openid-configuration",
         "/.well-known/oauth-authorization-server", "/", "/activate", "/activate/confirm", "/activate/result", "/sign-in",
         "/forgot-password", "/set-password", "/assets/latchkey.css", "/healthz", "/readyz", "/metrics", "/no/such")
TOLD = ("/oauth/token", "/oauth/device_authorization", "/api/auth/refresh", "/auth/token", "/auth/device/code",
        "/auth/device/verify", "/api/auth/logout", "/activate", "/activate/confirm", "/sign-in/password", "/sign-out",
        "/set-password/save")
ISSUERS = ("/o/acme", "/o/beta", "/o/", "/o/platform", "/o/%00", "/O/acme", "//", "/./")
GRANTS = ("urn:ietf:params:oauth:grant-type:device_code", "refresh_token", "password", "")
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Stranger:
    """`names`: values that exist ({"client_id": ["acme-cli"]}), so that some requests get further than the door."""

    def __init__(self, seed, number, names):
        self.random = random.Random(f"{seed}/{number}")
        self.names = names

    def one_in(self, times):
        return self.random.randrange(times) == 0

    def odd(self, *choices):
        """One of them, after which nobody can say where the request ends."""
        self.is_whole = False
        return self.random.choice(choices)

    # ---- values ----

    def digits(self):
        if self.one_in(2):
            return self.random.choice(EDGES)
        return "".join(self.random.choices("0123456789", k=self.random.choice((1, 2, 5, 10, 19, 20, 40, 330))))

    def number(self):
        text = ("-" if self.one_in(3) else "") + ("0" if self.one_in(3) else self.digits())
        if self.one_in(2):
            text += "." + "0" * self.random.choice((0, 0, 1, 10, 60, 400)) + self.digits()
        if self.one_in(2):
            text += self.random.choice(("e", "E", "e+", "e-", "E-")) + self.digits()
        return text

    def text(self):
        parts = self.random.choices((*TEXTS, "acme", "x", " ", "alice@acme.example"), k=self.random.randrange(4))
        return "".join(parts)

    def json_value(self, depth=3):
        kind = self.random.randrange(6 if depth else 4)
        if kind <= 1:
            return self.number()
        if kind == 2:
            return self.random.choice(("true", "false", "null", "nul", '"\\ud800"', '"\\u0000"', '"\\udc00\\ud800"', "\"\\x\""))
        if kind == 3:
            return json.dumps(self.text(), ensure_ascii=self.one_in(2))
        if kind == 4:
            return "[" + ",".join(self.json_value(depth - 1) for _ in range(self.random.randrange(4))) + "]"
        return self.json_object(NAMES, depth - 1)

    def json_object(self, names, depth=2):
        members = []
        for _ in range(70 if self.one_in(80) else self.random.randrange(6)):
            name = self.random.choice(names)
            value = json.dumps(self.value(name)) if self.one_in(2) else self.json_value(depth)
            members.append(f"{json.dumps(name)}:{value}")
        if self.one_in(40):
            levels = self.random.choice((10, 100, 1000, 7000))
            members.append('"a":' + "[" * levels + self.number() + "]" * levels)
        return "{" + ",".join(members) + "}"

    def jwt(self):
        header = self.json_object(("alg", "kid", "typ", "crit")) if self.one_in(3) else '{"alg":"ES256"}'
        claims = self.json_object(("iss", "sub", "aud", "jti", "exp", "nbf", "iat"))
        if self.one_in(2):
            claims = f'{{"iss":"acme-conf","sub":"acme-conf","aud":"x","jti":"{self.digits()}","exp":{self.number()}}}'
        parts = [header.encode(errors="replace"), claims.encode(errors="replace"), b"x" * self.random.choice((0, 63, 64, 256))]
        text = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
        return text + self.random.choice(("", "", "", "=", "."))

    def value(self, name):
        if self.one_in(6):
            return self.text()
        if name == "client_assertion":
            return self.jwt()
        if name == "grant_type":
            return self.random.choice(GRANTS)
        if name == "client_assertion_type":
            return JWT_BEARER
        return self.random.choice(self.names.get(name) or [self.text()])

    def form(self):
        pairs = []
        for _ in range(70 if self.one_in(80) else 1 + self.random.randrange(7)):
            name = self.random.choice(NAMES)
            pairs.append(f"{name}={urllib.parse.quote_plus(self.value(name), errors='replace')}")
        if "client_assertion=" in "".join(pairs):
            pairs.append("client_assertion_type=" + urllib.parse.quote(JWT_BEARER))
        if self.one_in(20):
            pairs.append(self.random.choice(("%", "%zz", "a=%c3", "=", "&&", "a=%ed%a0%80")))
        return "&".join(pairs)

    # ---- a request ----

    def target(self, method):
        is_told = (method == "POST") != self.one_in(16)
        path = self.random.choice(TOLD if is_told else ASKED)
        if self.one_in(4):
            path = self.random.choice(ISSUERS) + path
        if self.one_in(3):
            path += "?" + self.form()
        if self.one_in(20):
            path = self.odd("http://127.0.0.1" + path, "*", path.replace("/", "//"), path + "%00", path + "\xff",
                                       path + "/../..", "/" + "a" * 9000)
        return path.encode("latin-1", "replace")

    def authorization(self):
        if self.one_in(3):
            return "Bearer " + (self.jwt() if self.one_in(2) else self.random.choice(self.names["access_token"]))
        pair = self.random.choice(("acme-conf:x", "acme-cli:", ":", "%zz:%", "acme-conf", self.text()))
        return self.random.choice(("Basic ", "basic  ", "Digest ", "")) + base64.b64encode(pair.encode()).decode()

    def head(self, body):
        headers = []
        if not self.one_in(30):
            headers.append(("Host", "127.0.0.1" if not self.one_in(8) else self.random.choice(
                ("", "a.example", "127.0.0.1:99999", "[::1]", "A.EXAMPLE", "a b", "a" * 300, "127.0.0.1, x"))))
        kind = "application/json" if body.lstrip().startswith(b"{") else "application/x-www-form-urlencoded"
        if self.one_in(12):
            kind = self.random.choice(("application/json; charset=utf-16", "application/json", "text/plain", "", "a" * 300))
        headers.append(("Content-Type", kind))
        if self.one_in(3):
            headers.append(("Authorization", self.authorization()))
        if self.one_in(4):
            headers.append(("Cookie", "; ".join(f"{self.random.choice(('lk-pre', '__Host-lk-pre', 'a'))}={self.text()}"
                                                for _ in range(80 if self.one_in(20) else 3))))
        for name in ("Accept", "Origin", "User-Agent", "If-None-Match", "Sec-Fetch-Site", "X-Forwarded-For", "Range", "Expect"):
            if self.one_in(8):
                value = self.random.choice(("text/html", "*/*", "null", "same-origin", '"x"', "bytes=0-1", self.text()))
                headers.append((name, "100-continue" if name == "Expect" else value))
        headers += self.framing(body)
        if self.one_in(20) and headers:
            headers.append(self.odd(*headers))
        return b"".join(f"{name}: {value}\r\n".encode("utf-8", "replace") for name, value in headers)

    def framing(self, body):
        if self.is_chunked:
            return [("Transfer-Encoding", "chunked" if not self.one_in(20) else self.odd("gzip, chunked", "x"))]
        if not body and self.one_in(2):
            return []
        if self.one_in(40):
            return [("Content-Length", self.odd("-1", "0", "99999999999999999999", "1e3", " 7", str(len(body) - 1)))]
        return [("Content-Length", str(len(body)))]

    def body(self):
        kind = self.random.randrange(16)
        if kind == 0:
            return b""
        if kind == 1:
            return b"".join(self.random.choices((*RAW, b"{", b"}", b"a=", b"&", b'"', b"\\u"), k=self.random.randrange(40)))
        if kind == 2:
            return b"x" * self.random.choice((16384, 16385, 20000))
        text = self.form() if kind <= 8 else self.json_object(NAMES)
        body = text.encode("utf-8", "surrogatepass")
        if self.one_in(6) and body:
            at = self.random.randrange(len(body))
            body = body[:at] + self.random.choice(RAW) + body[at + self.random.randrange(3):]
        return body

    def chunks(self, body):
        out, rest = b"", body
        while rest:
            size = min(len(rest), self.random.choice((1, 7, 100, 5000)))
            out += b"%x%s\r\n%s\r\n" % (size, b";a=b" if self.one_in(8) else b"", rest[:size])
            rest = rest[size:]
        return out + (self.odd(b"zz\r\n", b"-1\r\n", b"ffffffffffffffffff\r\n") if self.one_in(20) else b"0\r\n") + (b"A: b\r\n" if self.one_in(8) else b"") + b"\r\n"

    def request(self):
        """(its method, its bytes, whether a server knows where it ends)."""
        self.is_chunked = self.one_in(8)
        self.is_whole = True
        method = self.random.choice(("GET", "POST", "POST", "POST", "HEAD", "PUT", "OPTIONS", "get", "FOO"))
        body = self.body() if method != "GET" or self.one_in(8) else b""
        version = b"HTTP/1.1"
        if self.one_in(16):
            version = self.odd(b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2.0", b"HTTP/1.12", b"")
        head = method.encode() + b" " + self.target(method) + b" " + version + b"\r\n" + self.head(body)
        whole = head + b"\r\n" + (self.chunks(body) if self.is_chunked else body)
        if self.one_in(16):
            at = self.random.randrange(len(whole))
            whole = whole[:at] + self.odd(b"", b"\0", b"\r\n", b" ", *RAW) + whole[at + 1:]
        return method, whole, self.is_whole
