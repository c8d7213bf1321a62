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
    "  [--organizations N] [--users N_EACH] [--tokens N] [--pending N]\n"
    "Sends records to the writer of a running server and writes FOLDER/tokens.txt,\n"
    "FOLDER/code_bodies.txt and FOLDER/poll_bodies.txt, a line for each request.\n";

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
  const std::pair<std::string_view, std::string*> texts[] = {{"--data", &options->data_dir},
                                                             {"--out", &options->out},
                                                             {"--issuer", &plan.issuer},
                                                             {"--prefix", &plan.prefix}};
  for (const auto& [known, target] : texts) {
    if (name == known) return !target->assign(value).empty();
  }
  const std::pair<std::string_view, std::uint32_t*> numbers[] = {
      {"--organizations", &plan.organizations},
      {"--users", &plan.users_each},
      {"--tokens", &plan.tokens},
      {"--pending", &plan.pending_codes}};
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
  return !options->data_dir.empty() && !options->out.empty() && !plan.issuer.empty() &&
         plan.organizations > 0 && (plan.tokens == 0 || plan.users_each > 0);
}

bool WriteLines(const std::string& path, const std::vector<std::string>& lines) {
  std::ofstream file(path);
  for (const std::string& line : lines) file << line << '\n';
  file.flush();
  return file.good();
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
  if (!WriteLines(options.out + "/tokens.txt", lines->tokens) ||
      !WriteLines(options.out + "/code_bodies.txt", lines->code_bodies) ||
      !WriteLines(options.out + "/poll_bodies.txt", lines->poll_bodies)) {
    return Fail("cannot write to " + options.out);
  }
  std::printf("{\"records\": %llu, \"seconds\": %.3f}\n",
              static_cast<unsigned long long>(sender.answered()),
              static_cast<double>(base::MonotonicMicros() - start) / 1e6);
  return 0;
}
