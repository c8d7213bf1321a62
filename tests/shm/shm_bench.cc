// Times of the shared tables, one thread: ninja shm_bench && tests/shm_bench
#include <stdlib.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/siphash.h"
#include "crypto/crypto.h"
#include "domain/limit_keys.h"
#include "shm/shared_table.h"

namespace {

template <class Operation>
void Time(const char* name, int count, Operation operation) {
  std::uint64_t sink = 0;
  const std::int64_t start = base::MonotonicMicros();
  for (int i = 0; i < count; ++i) sink += operation(i);
  const double nanos = 1'000.0 * static_cast<double>(base::MonotonicMicros() - start) / count;
  std::printf("%-44s %8.1f ns   (%llu)\n", name, nanos, static_cast<unsigned long long>(sink));
}

records::DeviceCodeId CodeOf(std::uint64_t number) {
  records::DeviceCodeId id;
  number *= 0x9e3779b97f4a7c15ULL;
  std::memcpy(id.bytes.data() + 8, &number, sizeof number);
  return id;
}

}  // namespace

int main() {
  std::string folder = "/tmp/limits-bench-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) return 1;
  crypto::SystemRandom random;
  const auto tables = shm::SharedTables::Open(folder + "/shared.tables", random);
  std::filesystem::remove_all(folder);
  if (!tables.ok()) return 1;
  constexpr int kDevices = 10'000;
  constexpr int kCount = 2'000'000;
  Time("poll of one of 10,000 devices", kCount, [&](int i) {
    const base::milliseconds now(i / kDevices * 5'000);  // each device every 5 s
    return (*tables)
                   ->polls()
                   .Poll(CodeOf(static_cast<std::uint64_t>(i % kDevices)), base::seconds(5), now)
                   .too_fast
               ? 1U
               : 0U;
  });
  constexpr auto kPurpose = domain::LimitPurpose::kUserCodeForm;
  Time("count of one of 10,000 keys", kCount, [&](int i) {
    const domain::LimitKey key{.purpose = kPurpose, .text = std::to_string(i % kDevices)};
    return (*tables)->limits().Take(key, 1'000'000, base::seconds(900), base::seconds(10)) ? 0U
                                                                                           : 1U;
  });
  Time("network of an IPv6 address", kCount, [&](int) {
    return static_cast<unsigned>(domain::NetworkOf("2001:db8:1:2:3:4:5:6").text.size());
  });
  for (const std::size_t size : {16U, 32U, 64U}) {
    const std::string text(size, 'x');
    const std::string name = "SipHash-2-4 of " + std::to_string(size) + " bytes";
    Time(name.c_str(), kCount, [&](int i) {
      const base::SipKey key{.k0 = static_cast<std::uint64_t>(i), .k1 = 1};
      return base::SipHash24(key, text) & 1U;
    });
    const std::string former = "FNV-1a of " + std::to_string(size) + " bytes, for comparison";
    Time(former.c_str(), kCount,
         [&](int i) { return base::Hash64(text, static_cast<std::uint64_t>(i)) & 1U; });
  }
}
