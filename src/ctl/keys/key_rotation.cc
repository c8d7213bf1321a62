#include "ctl/keys/key_rotation.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "oauth/tokens.h"

namespace ctl {

namespace {

using records::SigningKeyRow;
using records::SigningKeyState;
using Kind = RotationStep::Kind;
using Keys = std::vector<const SigningKeyRow*>;

constexpr base::seconds kClocksDiffer{3600};
constexpr base::seconds kTenYears{3653LL * 86400};

RotationStep StepOf(Kind kind, const SigningKeyRow& key, base::Time at = {}) {
  return {.kind = kind, .algorithm = key.algorithm, .key = key.id, .kid = key.kid, .at = at};
}

// The oldest of a state, which was published longest; null: none.
const SigningKeyRow* Oldest(const Keys& keys, SigningKeyState state) {
  const SigningKeyRow* oldest = nullptr;
  for (const SigningKeyRow* key : keys) {
    if (key->state != state) continue;
    if (oldest == nullptr || key->created_at < oldest->created_at) oldest = key;
  }
  return oldest;
}

void AddSuccession(const SigningKeyRow& current, const SigningKeyRow* next,
                   const RotationPolicy& policy, base::Time now, std::vector<RotationStep>* steps) {
  const bool is_now = policy.haste == RotationPolicy::Haste::kNow;
  const base::Time due_at = current.created_at + policy.every;
  if (!is_now && now < due_at) {
    steps->push_back(StepOf(Kind::kKeep, current, due_at));
    return;
  }
  if (next == nullptr) {
    steps->push_back({.kind = Kind::kCreateNext,
                      .algorithm = current.algorithm,
                      .key = {},
                      .kid = {},
                      .at = now + policy.publish_for});
    if (is_now) {
      steps->push_back(
          {.kind = Kind::kPromote, .algorithm = current.algorithm, .key = {}, .kid = {}, .at = {}});
    }
    return;
  }
  const base::Time known_at = next->created_at + policy.publish_for;
  const bool is_known = now >= known_at;
  steps->push_back(is_now || is_known ? StepOf(Kind::kPromote, *next)
                                      : StepOf(Kind::kWait, *next, known_at));
}

}  // namespace

base::seconds LeastPublishFor(const base::Settings& settings) {
  return base::seconds(2 * settings.jwks_max_age_s);
}

base::seconds PublishRetiredFor() { return oauth::kMaxAccessTokenLifetime + kClocksDiffer; }

std::vector<RotationStep> PlanRotation(const std::vector<SigningKeyRow>& all,
                                       records::SigningAlgorithm algorithm,
                                       const RotationPolicy& policy, base::Time now) {
  Keys keys;
  for (const SigningKeyRow& key : all) {
    if (key.algorithm == algorithm) keys.push_back(&key);
  }
  std::vector<RotationStep> steps;
  for (const SigningKeyRow* key : keys) {
    if (key->state == SigningKeyState::kRetired && key->retire_at && *key->retire_at <= now) {
      steps.push_back(StepOf(Kind::kDelete, *key));
    }
  }
  const SigningKeyRow* current = Oldest(keys, SigningKeyState::kCurrent);
  if (current == nullptr) return steps;
  AddSuccession(*current, Oldest(keys, SigningKeyState::kNext), policy, now, &steps);
  return steps;
}

base::Result<base::seconds> ParseDuration(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::int64_t seconds;
  };
  constexpr std::array kUnits{Unit{"s", 1}, Unit{"min", 60}, Unit{"h", 3600}, Unit{"d", 86400}};
  const base::Status refused(base::Code::kInvalid,
                             "a duration is a whole number and d, h, min or s, as 90d, and at most "
                             "ten years");
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0 || number > kTenYears.count()) return refused;
  const std::string_view name = text.substr(static_cast<std::size_t>(end - text.data()));
  const auto* const unit = std::find_if(kUnits.begin(), kUnits.end(),
                                        [name](const Unit& each) { return each.name == name; });
  if (unit == kUnits.end() || number > kTenYears.count() / unit->seconds) return refused;
  return base::seconds(number * unit->seconds);
}

}  // namespace ctl
