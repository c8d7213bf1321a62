// latchkey-seed: fills a running server for a measurement. docs/performance.md.
#include <charconv>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "crypto/crypto.h"
#include "seed/population.h"
#include "seed/sender.h"

namespace {

constexpr std::string_view kUsage =
    "usage: latchkey-seed --data DATA --out FOLDER --issuer PUBLIC_URL [--prefix WORD]\n"
    "  [--organizations N | --organizations-from FILE] [--users N_EACH]\n"
    "  [--tokens N] [--pending N] [--approved N] [--refresh N]\n"
    "  [--expiring N] [--expiring-seconds S]   device codes that expire in the next S seconds\n"
    "Sends records to the writer of a running server and writes to FOLDER, a line for each "
    "request:\n"
    "  tokens.txt          access tokens (10000)\n"
    "  code_bodies.txt     of POST /auth/device/code, one for each organization (100)\n"
    "  poll_bodies.txt     of POST /auth/token: device codes that nobody decided (20000)\n"
    "  redeem_bodies.txt   the same: approved device codes, each good once (0)\n"
    "  refresh_bodies.txt  the same: refresh tokens, each good once (0)\n"
    "  organizations.txt   for --organizations-from of a later call, which then makes none\n"
    "A file without lines is not written.\n";

struct Options {
  std::string data_dir;
  std::string out;
  seed::Plan plan;
};

bool SetNumber(std::string_view text, std::uint32_t* out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  return error == std::errc() && end == text.data() + text.size();
}

bool SetOption(std::string_view name, std::string_view value, Options* options) {
  seed::Plan& plan = options->plan;
  const std::pair<std::string_view, std::string*> texts[] = {
      {"--data", &options->data_dir},
      {"--out", &options->out},
      {"--issuer", &plan.issuer},
      {"--prefix", &plan.prefix},
      {"--organizations-from", &plan.organizations_path}};
  for (const auto& [known, target] : texts) {
    if (name == known) return !target->assign(value).empty();
  }
  const std::pair<std::string_view, std::uint32_t*> numbers[] = {
      {"--organizations", &plan.organizations},
      {"--users", &plan.users_each},
      {"--tokens", &plan.tokens},
      {"--pending", &plan.pending_codes},
      {"--approved", &plan.approved_codes},
      {"--refresh", &plan.refresh_tokens},
      {"--expiring", &plan.expiring_codes},
      {"--expiring-seconds", &plan.expiring_seconds}};
  for (const auto& [known, target] : numbers) {
    if (name == known) return SetNumber(value, target);
  }
  return false;
}

bool Parse(int argc, char** argv, Options* options) {
  for (int i = 1; i < argc; i += 2) {
    if (i + 1 == argc || !SetOption(argv[i], argv[i + 1], options)) return false;
  }
  const seed::Plan& plan = options->plan;
  const bool needs_users = plan.tokens > 0 || plan.approved_codes > 0 || plan.refresh_tokens > 0;
  return !options->data_dir.empty() && !options->out.empty() && !plan.issuer.empty() &&
         plan.organizations > 0 && (!needs_users || plan.users_each > 0);
}

bool WriteLines(const std::string& path, const std::vector<std::string>& lines) {
  if (lines.empty()) return true;
  std::ofstream file(path);
  for (const std::string& line : lines) file << line << '\n';
  file.flush();
  return file.good();
}

bool WriteAll(const std::string& folder, const seed::Lines& lines) {
  return WriteLines(folder + "/organizations.txt", lines.organizations) &&
         WriteLines(folder + "/tokens.txt", lines.tokens) &&
         WriteLines(folder + "/code_bodies.txt", lines.code_bodies) &&
         WriteLines(folder + "/poll_bodies.txt", lines.poll_bodies) &&
         WriteLines(folder + "/redeem_bodies.txt", lines.redeem_bodies) &&
         WriteLines(folder + "/refresh_bodies.txt", lines.refresh_bodies);
}

int Fail(const std::string& why) {
  std::fprintf(stderr, "latchkey-seed: %s\n", why.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!Parse(argc, argv, &options)) {
    std::fputs(kUsage.data(), stderr);
    return 2;
  }
  const std::int64_t start = base::MonotonicMicros();
  const auto key = crypto::MasterKey::Load(options.data_dir + "/master.key");
  if (!key.ok()) return Fail(key.error().message());
  seed::Sender sender(options.data_dir + "/run");
  const auto lines = seed::Population(options.plan, *key, sender).Make();
  if (!lines.ok()) return Fail(lines.error().message());
  if (!WriteAll(options.out, *lines)) return Fail("cannot write to " + options.out);
  std::printf("{\"records\": %llu, \"seconds\": %.3f}\n",
              static_cast<unsigned long long>(sender.answered()),
              static_cast<double>(base::MonotonicMicros() - start) / 1e6);
  return 0;
}
