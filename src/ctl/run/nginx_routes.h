// What the table of routes (http/routes.h) makes of nginx's configuration: the location of each address, and the lines
// of maps that know addresses. Pure.
#pragma once

#include <string>
#include <string_view>

#include "ctl/run/nginx_config.h"
#include "http/routes.h"

namespace ctl {

// The placeholders that do not depend on settings, whose names begin with "route_": files that have no others are
// installed filled in (cmake/install_rendered.cmake).
NginxWords RouteWords();

// What stands in the location of a path.
std::string LocationOf(std::string_view path);

// nginx/NAME with its routes, for the installation. kNotFound: no such file; kInternal: it depends on settings, too.
base::Result<std::string> RenderInstalledPart(std::string_view name);

}  // namespace ctl
