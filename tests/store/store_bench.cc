// What the store costs on this machine and this disk. Not a test: it prints figures
// (docs/storage.md).
//   store_bench [FOLDER [batches|tenants|reads]]
// The database is made in FOLDER (default: /tmp) and removed at the end.
// Wall time of one thread; where a writer works beside the reader it is a second process.
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/sample_records.h"
#include "store/sqlite_reader.h"
#include "store/writer_store.h"

namespace {

using store_test::kNow;
using store_test::Samples;
using store_test::Tenant;

template <class T>
T OrDie(base::Result<T> result) {
  if (result.ok()) return std::move(*result);
  std::fprintf(stderr, "store_bench: %s\n", result.error().ToString().c_str());
  std::exit(1);
}

class Folder {
 public:
  explicit Folder(const std::string& parent) : path_(parent + "/latchkey-bench-XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) std::exit(1);
  }
  ~Folder() { (void)!std::system(("rm -rf '" + path_ + "'").c_str()); }
  std::string Database() const { return path_ + "/latchkey.db"; }

 private:
  std::string path_;
};

std::unique_ptr<store::WriterStore> OpenWriter(const Folder& folder, const base::Clock& clock) {
  store::WriterStoreOptions options;
  options.database.path = folder.Database();
  return OrDie(store::WriterStore::Open(options, clock));
}

std::vector<Tenant> MakeTenants(store::WriterStore& writer, Samples& samples, int count) {
  std::vector<Tenant> tenants;
  std::vector<records::Write> writes;
  for (int i = 0; i < count; ++i) {
    tenants.push_back(samples.NewTenant("org" + std::to_string(i)));
    for (records::Write& write : tenants.back().All()) writes.push_back(std::move(write));
  }
  for (const auto& result : store_test::ApplyAll(writer.applier(), writes)) {
    if (result.code != base::Code::kOk) std::exit(1);
  }
  return tenants;
}

struct Load {
  std::int64_t rows = 0;
  std::size_t batch = 1;
  std::int64_t first_ms = 0;  // of the ids: rows go behind those of earlier loads
};

struct Figures {
  double micros_per_row = 0;
  double apply_micros_per_row = 0;  // without checkpoints
  double frames_per_row = 0;
};

// Device codes of all tenants in turn, with checkpoints between the batches as the writer has them.
Figures WriteDeviceCodes(store::WriterStore& writer, Samples& samples,
                         const std::vector<Tenant>& tenants, const Load& load) {
  std::vector<records::Write> writes;
  for (std::int64_t i = 0; i < load.rows; ++i) {
    const auto at = kNow + store_test::milliseconds(load.first_ms + i / 20);
    writes.emplace_back(
        samples.DeviceCode(tenants[static_cast<std::size_t>(i) % tenants.size()], at));
  }
  std::int64_t frames = 0, apply_micros = 0;
  const std::int64_t began = base::MonotonicMicros();
  for (std::size_t done = 0; done < writes.size(); done += load.batch) {
    std::vector<const records::Write*> batch;
    for (std::size_t i = done; i < std::min(done + load.batch, writes.size()); ++i) {
      batch.push_back(&writes[i]);
    }
    const std::int64_t before = writer.WalFrames();
    const std::int64_t began_batch = base::MonotonicMicros();
    OrDie(writer.applier().Apply(batch));
    apply_micros += base::MonotonicMicros() - began_batch;
    const std::int64_t after = writer.WalFrames();
    frames += after > before ? after - before : after;
    if (!writer.checkpointer().RunIfDue().ok()) std::exit(1);
  }
  const auto rows = static_cast<double>(load.rows);
  return {.micros_per_row = static_cast<double>(base::MonotonicMicros() - began) / rows,
          .apply_micros_per_row = static_cast<double>(apply_micros) / rows,
          .frames_per_row = static_cast<double>(frames) / rows};
}

void BenchBatches(const std::string& parent) {
  std::printf("device codes through the batch applier, synchronous=FULL, one tenant, new file\n");
  std::printf("%8s %12s %14s %18s %14s\n", "batch", "rows/s", "us/row", "us/row (apply)",
              "frames/row");
  const base::SystemClock clock;
  for (const std::size_t batch : {1U, 16U, 64U, 256U}) {
    const Folder folder(parent);
    auto writer = OpenWriter(folder, clock);
    Samples samples;
    const auto tenants = MakeTenants(*writer, samples, 1);
    const Figures f = WriteDeviceCodes(*writer, samples, tenants,
                                       {.rows = batch == 1 ? 5000 : 100000, .batch = batch});
    std::printf("%8zu %12.0f %14.2f %18.2f %14.2f\n", batch, 1e6 / f.micros_per_row,
                f.micros_per_row, f.apply_micros_per_row, f.frames_per_row);
  }
}

void BenchTenants(const std::string& parent) {
  std::printf("\ndevice codes, batches of 64, after 200,000 rows are there\n");
  std::printf("%8s %12s %14s %14s\n", "tenants", "rows/s", "us/row", "frames/row");
  const base::SystemClock clock;
  for (const int count : {1, 2000}) {
    const Folder folder(parent);
    auto writer = OpenWriter(folder, clock);
    Samples samples;
    const auto tenants = MakeTenants(*writer, samples, count);
    WriteDeviceCodes(*writer, samples, tenants, {.rows = 200000, .batch = 256});
    const Figures f = WriteDeviceCodes(*writer, samples, tenants,
                                       {.rows = 100000, .batch = 64, .first_ms = 20000});
    std::printf("%8d %12.0f %14.2f %14.2f\n", count, 1e6 / f.micros_per_row, f.micros_per_row,
                f.frames_per_row);
  }
}

// One access token for each of `count` users who signed in.
std::vector<records::AccessTokenId> SignInUsers(store::WriterStore& writer, Samples& samples,
                                                Tenant& tenant, int count) {
  std::vector<records::AccessTokenId> tokens;
  for (int done = 0; done < count;) {
    std::vector<records::Write> writes;
    for (int i = 0; i < 64 && done < count; ++i, ++done) {
      const auto user = samples.User(tenant.organization.organization_id,
                                     "user" + std::to_string(done) + "@example.com");
      Tenant one = tenant;
      one.user = user;
      const auto code = samples.DeviceCode(one, kNow + store_test::milliseconds(done));
      const auto grant = samples.Redemption(one, code);
      tokens.push_back(grant.access_token.id);
      writes.insert(writes.end(), {user, samples.Subscription(user, tenant.plan), code,
                                   samples.Decision(one, code), grant});
    }
    for (const auto& result : store_test::ApplyAll(writer.applier(), writes)) {
      if (result.code != base::Code::kOk) std::exit(1);
    }
    if (!writer.checkpointer().RunIfDue().ok()) std::exit(1);
  }
  return tokens;
}

struct ReadLoad {
  const char* name;
  int reads_per_turn;  // 0: no turns
  std::int64_t mmap_bytes = 0;
};

// Reads random tokens for a second.
double MicrosPerRead(const Folder& folder, const std::vector<records::AccessTokenId>& tokens,
                     const ReadLoad& load) {
  store::SqliteReader reader({.database_path = folder.Database(), .mmap_bytes = load.mmap_bytes},
                             [] { return std::uint64_t{0}; });
  std::uint64_t random = 88172645463325252ULL;
  const auto read = [&] {
    random ^= random << 13, random ^= random >> 7, random ^= random << 17;
    OrDie(reader.FindAccessTokenWithSubscription(tokens[random % tokens.size()]));
  };
  for (int i = 0; i < 2000; ++i) read();
  const std::int64_t began = base::MonotonicMicros();
  std::int64_t reads = 0;
  while (base::MonotonicMicros() - began < 1'000'000) {
    if (load.reads_per_turn > 0) reader.StartTurn();
    for (int i = 0; i < std::max(1, load.reads_per_turn); ++i, ++reads) read();
    if (load.reads_per_turn > 0) reader.EndTurn();
  }
  return static_cast<double>(base::MonotonicMicros() - began) / static_cast<double>(reads);
}

void BenchReads(const std::string& parent, int users) {
  std::printf("\nFindAccessTokenWithSubscription, %d users, random tokens, us a read\n", users);
  std::printf("%-28s %10s %24s\n", "", "no writer", "beside 64-row batches");
  const base::SystemClock clock;
  const Folder folder(parent);
  auto writer = OpenWriter(folder, clock);
  Samples samples;
  auto tenants = MakeTenants(*writer, samples, 1);
  const auto tokens = SignInUsers(*writer, samples, tenants.front(), users);
  for (const ReadLoad load :
       {ReadLoad{"each read alone", 0}, ReadLoad{"10 reads a turn", 10},
        ReadLoad{"each alone, mmap", 0, 1 << 30}, ReadLoad{"10 a turn, mmap", 10, 1 << 30}}) {
    const double quiet = MicrosPerRead(folder, tokens, load);
    const pid_t child = ::fork();
    if (child == 0) {
      const double busy = MicrosPerRead(folder, tokens, load);
      std::printf("%-28s %10.2f %24.2f\n", load.name, quiet, busy);
      std::fflush(stdout);
      ::_exit(0);
    }
    static std::int64_t first_ms = 1'000'000;
    while (::waitpid(child, nullptr, WNOHANG) == 0) {
      WriteDeviceCodes(*writer, samples, tenants,
                       {.rows = 640, .batch = 64, .first_ms = first_ms += 1000});
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const std::string parent = argc > 1 ? argv[1] : "/tmp";
  const std::string only = argc > 2 ? argv[2] : "";
  if (only.empty() || only == "batches") BenchBatches(parent);
  if (only.empty() || only == "tenants") BenchTenants(parent);
  if (only.empty() || only == "reads") {
    BenchReads(parent, 1000);
    BenchReads(parent, 100000);
  }
  return 0;
}
