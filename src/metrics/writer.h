// The families of /metrics about the writer, from its page. Thread-safe.
#pragma once

#include "base/clock.h"
#include "metrics/exposition.h"
#include "shm/writer_page.h"

namespace metrics {

// `now`: since boot; a heartbeat older than `old` is no sign of life.
void WriteWriter(const shm::WriterPage& page, base::milliseconds now, base::milliseconds old,
                 Exposition* out);

}  // namespace metrics
