#include "worker/pool/death_ledger.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <string>

#include "base/os/unique_fd.h"
#include "crypto/crypto.h"
#include "worker/loop_process.h"
#include "worker/routes.h"

namespace worker_test {

namespace {

using shm::DeathNotes;

// Nobody sends what is left: there is no child.
TEST(DeathLedger, OneThatTheAuditLogIsNotToldOfIsALineOfTheLog) {
  const TempDir dir;
  const std::string log_path = dir / "log";
  const base::UniqueFd log_fd(::open(log_path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  const base::Log log("parent", base::Severity::kInfo, log_fd.get());
  const base::SystemClock clock;
  crypto::SystemRandom random;
  auto tables = shm::SharedTables::Open(dir / "shared.tables", random);
  ASSERT_TRUE(tables.ok());
  worker::DeathLedger ledger(std::move(*tables), worker::RouteNames(), clock, log);
  const auto logged = [&log_path] {
    std::ifstream file(log_path);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  worker::Prefork::DeathAtWork death{.child = "api-2", .work = {}, .wait_status = SIGABRT};
  for (std::size_t i = 0; i < DeathNotes::kPlaces; ++i) ledger.Note(death);
  EXPECT_EQ(logged().find("death_not_audited"), std::string::npos) << logged();
  death.work.request.back() = 7;
  ledger.Note(death);
  const std::string line =
      "WARN parent death_not_audited child=api-2 request_id=" + std::string(31, '0') + "7\n";
  EXPECT_NE(logged().find(line), std::string::npos) << logged();
}

}  // namespace

}  // namespace worker_test
