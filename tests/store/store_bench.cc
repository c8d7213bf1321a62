// What the store costs on this machine and this disk. Not a test: it prints figures
// (docs/storage.md).
//   store_bench [FOLDER [batches|tenants|reads|limits]]
// The database is made in FOLDER (default: /tmp) and removed at the end. Each figure is the median
// of three rounds, the compared ones in turn; us are of wall time, cpu us of this process alone.
// Where a writer works beside the reader it is a second process.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
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

// Without the limits of what may be alive, unless it is they that are measured.
constexpr store::RowLimits kNoLimits{
    .grants_per_user = 0, .sessions_per_user = 0, .live_codes_per_client = 0, .live_codes = 0};

std::unique_ptr<store::WriterStore> OpenWriter(const Folder& folder, const base::Clock& clock,
                                               const store::RowLimits& limits = kNoLimits) {
  store::WriterStoreOptions options;
  options.database.path = folder.Database();
  options.limits = limits;
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
  double cpu_micros_per_row = 0;
  double frames_per_row = 0;
};

double CpuMicros() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

constexpr int kRounds = 3;

template <class Member>
double Median(std::vector<Figures> rounds, Member member) {
  std::sort(rounds.begin(), rounds.end(),
            [&](const Figures& a, const Figures& b) { return a.*member < b.*member; });
  return rounds[rounds.size() / 2].*member;
}

void Print(const std::string& name, const std::vector<Figures>& rounds) {
  const double micros = Median(rounds, &Figures::micros_per_row);
  std::printf("%10s %10.0f %10.2f %14.2f %12.2f %12.2f\n", name.c_str(), 1e6 / micros, micros,
              Median(rounds, &Figures::apply_micros_per_row),
              Median(rounds, &Figures::cpu_micros_per_row),
              Median(rounds, &Figures::frames_per_row));
}

void PrintHead(const char* title, const char* first) {
  std::printf("\n%s\n%10s %10s %10s %14s %12s %12s\n", title, first, "rows/s", "us/row",
              "us/row (apply)", "cpu us/row", "frames/row");
}

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
  const double cpu_began = CpuMicros();
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
          .cpu_micros_per_row = (CpuMicros() - cpu_began) / rows,
          .frames_per_row = static_cast<double>(frames) / rows};
}

void BenchBatches(const std::string& parent) {
  PrintHead("device codes through the batch applier, synchronous=FULL, one tenant, new file",
            "batch");
  const base::SystemClock clock;
  constexpr std::array<std::size_t, 4> kBatches{1, 16, 64, 256};
  std::array<std::vector<Figures>, kBatches.size()> figures;
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < kBatches.size(); ++i) {
      const Folder folder(parent);
      auto writer = OpenWriter(folder, clock);
      Samples samples;
      const auto tenants = MakeTenants(*writer, samples, 1);
      figures[i].push_back(
          WriteDeviceCodes(*writer, samples, tenants,
                           {.rows = kBatches[i] == 1 ? 5000 : 60000, .batch = kBatches[i]}));
    }
  }
  for (std::size_t i = 0; i < kBatches.size(); ++i) Print(std::to_string(kBatches[i]), figures[i]);
}

// A store with tenants that is written to in rounds.
class TenantBench {
 public:
  TenantBench(const std::string& parent, const base::Clock& clock, int tenants)
      : folder_(parent),
        writer_(OpenWriter(folder_, clock)),
        tenants_(MakeTenants(*writer_, samples_, tenants)) {
    Write({.rows = 200000, .batch = 256});
  }
  Figures Write(Load load) {
    load.first_ms = next_ms_;
    next_ms_ += load.rows / 20 + 1;
    return WriteDeviceCodes(*writer_, samples_, tenants_, load);
  }
  // One access token for each of `count` users who signed in.
  std::vector<records::AccessTokenId> SignInUsers(int count) {
    std::vector<records::AccessTokenId> tokens;
    while (std::ssize(tokens) < count) {
      std::vector<records::Write> writes;
      for (int i = 0; i < 64 && std::ssize(tokens) < count; ++i) SignIn(&tokens, &writes);
      for (const auto& result : store_test::ApplyAll(writer_->applier(), writes)) {
        if (result.code != base::Code::kOk) std::exit(1);
      }
      if (!writer_->checkpointer().RunIfDue().ok()) std::exit(1);
    }
    return tokens;
  }
  const Folder& folder() const { return folder_; }

 private:
  void SignIn(std::vector<records::AccessTokenId>* tokens, std::vector<records::Write>* writes) {
    Tenant one = tenants_.front();
    one.user = samples_.User(one.organization.row.id,
                             "user" + std::to_string(tokens->size()) + "@example.com");
    const auto code = samples_.DeviceCode(one, kNow + store_test::milliseconds(next_ms_++));
    const auto redeemed = samples_.Redemption(one, code);
    tokens->push_back(redeemed.access_token.id);
    writes->insert(writes->end(), {one.user, samples_.Subscription(one.user, one.plan), code,
                                   samples_.Decision(one, code), redeemed});
  }

  Folder folder_;
  Samples samples_;
  std::unique_ptr<store::WriterStore> writer_;
  std::vector<Tenant> tenants_;
  std::int64_t next_ms_ = 0;
};

void BenchTenants(const std::string& parent) {
  PrintHead("device codes, batches of 64, after 200,000 rows are there", "tenants");
  const base::SystemClock clock;
  TenantBench one(parent, clock, 1);
  TenantBench many(parent, clock, 2000);
  std::vector<Figures> of_one, of_many;
  for (int round = 0; round < kRounds; ++round) {
    of_one.push_back(one.Write({.rows = 50000, .batch = 64}));
    of_many.push_back(many.Write({.rows = 50000, .batch = 64}));
  }
  Print("1", of_one);
  Print("2000", of_many);
}

struct ReadLoad {
  const char* name;
  int reads_per_turn;  // 0: no turns
  std::int64_t mmap_bytes = 0;
};

// CPU time of one read of a random token, over half a second.
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
  const double cpu_began = CpuMicros();
  std::int64_t reads = 0;
  while (base::MonotonicMicros() - began < 500'000) {
    if (load.reads_per_turn > 0) reader.StartTurn();
    for (int i = 0; i < std::max(1, load.reads_per_turn); ++i, ++reads) read();
    if (load.reads_per_turn > 0) reader.EndTurn();
  }
  return (CpuMicros() - cpu_began) / static_cast<double>(reads);
}

// The same in a process of its own while this one commits batches of 64 device codes.
double MicrosPerReadBesideWriter(const Folder& folder, TenantBench& writer,
                                 const std::vector<records::AccessTokenId>& tokens,
                                 const ReadLoad& load) {
  int ends[2];
  if (::pipe(ends) != 0) std::exit(1);
  const pid_t child = ::fork();
  if (child == 0) {
    const double micros = MicrosPerRead(folder, tokens, load);
    ::_exit(::write(ends[1], &micros, sizeof micros) == sizeof micros ? 0 : 1);
  }
  while (::waitpid(child, nullptr, WNOHANG) == 0) writer.Write({.rows = 640, .batch = 64});
  double micros = 0;
  if (::read(ends[0], &micros, sizeof micros) != sizeof micros) std::exit(1);
  ::close(ends[0]);
  ::close(ends[1]);
  return micros;
}

double Middle(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void BenchReads(const std::string& parent, int users) {
  std::printf("\nFindAccessTokenWithSubscription, %d users, random tokens, cpu us a read\n", users);
  std::printf("%-24s %10s %24s\n", "", "no writer", "beside 64-row batches");
  const base::SystemClock clock;
  TenantBench store(parent, clock, 1);
  const auto tokens = store.SignInUsers(users);
  for (const ReadLoad load :
       {ReadLoad{"each read alone", 0}, ReadLoad{"10 reads a turn", 10},
        ReadLoad{"each alone, mmap", 0, 1 << 30}, ReadLoad{"10 a turn, mmap", 10, 1 << 30}}) {
    std::vector<double> quiet, busy;
    for (int round = 0; round < kRounds; ++round) {
      quiet.push_back(MicrosPerRead(store.folder(), tokens, load));
      busy.push_back(MicrosPerReadBesideWriter(store.folder(), store, tokens, load));
    }
    std::printf("%-24s %10.2f %24.2f\n", load.name, Middle(quiet), Middle(busy));
  }
}

// Redemptions of one user, in batches of 64: the codes are decided before the clock runs.
double MicrosPerRedemption(store::WriterStore& writer, Samples& samples, const Tenant& tenant,
                           int count, std::int64_t* next_ms, bool ends_them) {
  std::vector<records::Write> redemptions;
  std::vector<records::Write> ends;
  for (int i = 0; i < count; ++i) {
    const auto code = samples.DeviceCode(tenant, kNow + store_test::milliseconds((*next_ms)++));
    store_test::ApplyAll(writer.applier(), {code, samples.Decision(tenant, code)});
    const auto redeemed = samples.Redemption(tenant, code);
    redemptions.emplace_back(redeemed);
    ends.emplace_back(records::RevokeGrant{.record_id = samples.ids.Make<records::RecordId>(),
                                           .organization_id = redeemed.organization_id,
                                           .grant_id = redeemed.grant.id,
                                           .revoked_at = kNow});
  }
  const double began = CpuMicros();
  for (std::size_t done = 0; done < redemptions.size(); done += 64) {
    const auto end = std::min(done + 64, redemptions.size());
    store_test::ApplyAll(writer.applier(),
                         {redemptions.begin() + static_cast<std::ptrdiff_t>(done),
                          redemptions.begin() + static_cast<std::ptrdiff_t>(end)});
  }
  const double micros = (CpuMicros() - began) / count;
  if (ends_them) store_test::ApplyAll(writer.applier(), ends);
  if (!writer.checkpointer().RunIfDue().ok()) std::exit(1);
  return micros;
}

// What the bound of live grants costs: without one, with few grants, with many that have ended, and
// for a user who is at the bound.
void BenchLimits(const std::string& parent) {
  std::printf("\nredemptions of one user, batches of 64, cpu us each\n");
  const base::SystemClock clock;
  for (const std::int64_t limit : {0, 200}) {
    const Folder folder(parent);
    const auto writer = OpenWriter(folder, clock, {.grants_per_user = limit});
    Samples samples;
    const Tenant tenant = MakeTenants(*writer, samples, 1).front();
    std::int64_t next_ms = 0;
    const auto round = [&](const char* name, int count, bool ends_them) {
      const double micros =
          MicrosPerRedemption(*writer, samples, tenant, count, &next_ms, ends_them);
      std::printf("limit %3d  %-28s %10.2f\n", static_cast<int>(limit), name, micros);
    };
    round("the first 128", 128, true);
    for (int i = 0; i < 40; ++i) MicrosPerRedemption(*writer, samples, tenant, 500, &next_ms, true);
    round("after 20,000 that ended", 128, true);
    MicrosPerRedemption(*writer, samples, tenant, 200, &next_ms, false);
    round("with 200 alive", 128, false);
  }
}

// How long a writer's start counts.
void BenchRecount(const std::string& parent) {
  const base::SystemClock clock;
  TenantBench store(parent, clock, 1);
  store.Write({.rows = 300000, .batch = 256});
  const std::int64_t began = base::MonotonicMicros();
  auto database = OrDie(store::Database::OpenForReading({.path = store.folder().Database()}));
  store::LiveCodeCounts counts(kNoLimits);
  if (!counts.Recount(database).ok()) std::exit(1);
  std::printf("\ncounting %lld live codes: %lld us\n", static_cast<long long>(counts.all()),
              static_cast<long long>(base::MonotonicMicros() - began));
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
  if (only.empty() || only == "limits") {
    BenchLimits(parent);
    BenchRecount(parent);
  }
  return 0;
}
