// What every kind of child answers with.
#pragma once

#include <fcgiapp.h>

namespace echo {

void Answer(FCGX_Request* request);

}  // namespace echo
