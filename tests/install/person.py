"""A person with a browser, and a device, inside a machine that has the standard library alone.

  person.py set-password LINK PASSWORD
  person.py sign-in URL CLIENT_ID EMAIL PASSWORD    the device flow to its end; prints what /api/user says
  person.py knock URL CLIENT_ID STOP_FILE           asks for device codes until the file is there; prints how many
                                                    were answered, and fails where one was not
"""

import html
import http.cookiejar
import json
import os
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

LIMIT_S = 20
MOST_WAITED_S = 90


def opener():
    return urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))


def send(browser, url, fields=None, headers=None):
    data = None if fields is None else urllib.parse.urlencode(fields).encode()
    with browser.open(urllib.request.Request(url, data, headers or {}), timeout=LIMIT_S) as answer:
        return answer.geturl(), answer.read().decode()


def submit(browser, url, page, action, **fields):
    """The form with this action on the page, with its hidden fields."""
    forms = dict(re.findall(r'<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>', page, re.S))
    if action not in forms:
        raise SystemExit(f"no form {action} on the page: {page}")
    for tag in re.findall(r"<input[^>]*>", forms[action]):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            fields.setdefault(name.group(1), html.unescape(value.group(1)) if value else "")
    return send(browser, urllib.parse.urljoin(url, action), fields)


def set_password(link, password):
    browser = opener()
    _, page = send(browser, link)
    _, page = submit(browser, link, page, "/set-password/save", password=password, repeated=password)
    print(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).strip())


def device_code(url, client_id):
    return json.loads(send(opener(), url + "/oauth/device_authorization", {"client_id": client_id, "scope": "email"})[1])


def sign_in(*who):
    try:
        return sign_in_once(*who)
    except urllib.error.HTTPError as refused:
        if refused.code != 429:
            raise
        # So many a minute and account: the walk is faster than people.
        time.sleep(min(int(refused.headers["Retry-After"]), MOST_WAITED_S))
        return sign_in_once(*who)


def sign_in_once(url, client_id, email, password):
    codes = device_code(url, client_id)
    browser = opener()
    where, page = send(browser, codes["verification_uri"])
    where, page = submit(browser, where, page, "/activate", user_code=codes["user_code"])
    where, page = submit(browser, where, page, "/sign-in/password", email=email, password=password)
    submit(browser, where, page, "/activate/confirm", decision="approve")
    tokens = json.loads(send(opener(), url + "/oauth/token", {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code", "client_id": client_id,
        "device_code": codes["device_code"]})[1])
    print(send(opener(), url + "/api/user", headers={"Authorization": "Bearer " + tokens["access_token"]})[1])
    print(send(opener(), url + "/api/subscription", headers={"Authorization": "Bearer " + tokens["access_token"]})[1])


def knock(url, client_id, stop_file):
    answered, slowest = 0, 0.0
    while not os.path.exists(stop_file):
        begin = time.monotonic()
        device_code(url, client_id)
        slowest = max(slowest, time.monotonic() - begin)
        answered += 1
    print(f"{answered} requests answered, none failed, the slowest in {slowest:.2f} s")


if __name__ == "__main__":
    {"set-password": set_password, "sign-in": sign_in, "knock": knock}[sys.argv[1]](*sys.argv[2:])
