"""K and E behind an instance's own nginx: the same configuration, environment and access log.

K keeps nginx's connections, E takes a connection a request, in six variants of which the best counts.
"""

import pathlib
import re
import subprocess

from .instance import Failed, await_that

SOCKETS = 4
E_VARIANTS = [(kind, children) for kind in ("blocking", "epoll") for children in (4, 8, 24)]


def e_name(kind, children):
    return f"e-{kind}-{children}"


class Ceilings:
    """Context manager. `e_names`: K's location is /bench/k, E's are /bench/e-KIND-CHILDREN."""

    def __init__(self, instance, e_variants=None):
        self.instance = instance
        self._e_variants = e_variants or E_VARIANTS
        self.e_names = [e_name(*variant) for variant in self._e_variants]
        self._processes = []

    def __enter__(self):
        try:
            self._serve("k", "kept", SOCKETS)
            for kind, children in self._e_variants:
                self._serve(e_name(kind, children), kind, children)
            self._put_behind_nginx()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind, value, trace):
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait()

    def pids(self):
        return [process.pid for process in self._processes]

    def _socket(self, name, number):
        return self.instance.run / f"{name}-{number}.sock"

    def _serve(self, name, kind, children):
        sockets = [self._socket(name, i) for i in range(SOCKETS)]
        self._processes.append(subprocess.Popen(
            [self.instance.bin / "latchkey-echo", kind, str(children)] + sockets))
        await_that(lambda: all(path.exists() for path in sockets), f"{name} listens", 10)

    def _upstream(self, name, directives):
        servers = "\n".join(f'  server "unix:{self._socket(name, i)}" max_fails=0;'
                            for i in range(SOCKETS))
        return "\n".join([f"upstream bench_{name} {{", servers, *directives, "}\n"])

    def _put_behind_nginx(self):
        """Adds upstreams and locations to the generated configuration and reloads nginx."""
        folder = pathlib.Path(self.instance.run) / "nginx"
        pools = (folder / "pools.conf").read_text(encoding="utf-8")
        product = re.search(r"upstream latchkey_api \{(.*?)\n\}", pools, re.S)
        if product is None:
            raise Failed("no upstream latchkey_api in the generated pools.conf")
        directives = [line for line in product.group(1).splitlines() if line.strip() and "server " not in line]
        pools += self._upstream("k", directives)
        locations = (folder / "locations.conf").read_text(encoding="utf-8")
        locations += self._location("k", "")
        for name in self.e_names:
            pools += self._upstream(name, [line for line in directives if "keepalive" not in line])
            locations += self._location(name, "  fastcgi_keep_conn off;\n")
        (folder / "pools.conf").write_text(pools, encoding="utf-8")
        (folder / "locations.conf").write_text(locations, encoding="utf-8")
        self.instance.reload_nginx()
        for name in ["k"] + self.e_names:
            await_that(lambda n=name: self.instance.get(f"/bench/{n}")[0] == 200, f"/bench/{name}")

    @staticmethod
    def _location(name, extra):
        # What api_location.conf does, with another upstream.
        return (f"location = /bench/{name} {{\n  include cors.conf;\n  include every_answer.conf;\n  include api_errors.conf;\n"
                f"  if ($request_method = OPTIONS) {{ rewrite ^ /.latchkey/preflight last; }}\n{extra}"
                f"  fastcgi_pass bench_{name};\n}}\n")
