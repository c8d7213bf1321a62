#include "ctl/keys/rotate_keys.h"

#include <algorithm>
#include <array>

#include "ctl/admin/admin.h"
#include "ctl/admin/lookup.h"
#include "ctl/admin/row_json.h"
#include "ctl/args.h"
#include "ctl/keys/key_changes.h"
#include "ctl/keys/key_rotation.h"
#include "ctl/print/text.h"
#include "records/audit/audit.h"

namespace ctl {

namespace {

using base::Code;
using base::Result;
using base::Status;
using records::SigningAlgorithm;
using records::SigningKeyState;
using Kind = RotationStep::Kind;

constexpr std::array kAlgorithms{SigningAlgorithm::kEs256, SigningAlgorithm::kRs256};

const std::vector<Column>& Columns() {
  static const std::vector<Column> columns{{"organization", "ORGANIZATION"},
                                           {"alg", "ALG"},
                                           {"action", "ACTION"},
                                           {"kid", "KID"},
                                           {"until", "UNTIL"}};
  return columns;
}

Result<base::seconds> DurationOf(const Args& args, const char* name, base::seconds otherwise) {
  const auto text = args.OptionalText(name);
  if (!text) return otherwise;
  const auto duration = ParseDuration(*text);
  if (!duration.ok())
    return Status(Code::kInvalid, std::string(name) + ": " + duration.error().message());
  return *duration;
}

Result<RotationPolicy> PolicyOf(const Args& args, const base::Settings& settings) {
  const base::seconds least = LeastPublishFor(settings);
  const auto every = DurationOf(args, "--every", kRotateEvery);
  if (!every.ok()) return every.error();
  const auto publish_for = DurationOf(args, "--publish-for", std::max(kPublishFor, least));
  if (!publish_for.ok()) return publish_for.error();
  if (*publish_for < least) {
    return Status(Code::kInvalid, "--publish-for is at least " + std::to_string(least.count()) +
                                      "s: others may keep the JWKS for jwks_max_age_s, and that of "
                                      "a cache as long again");
  }
  return RotationPolicy{
      .every = *every,
      .publish_for = *publish_for,
      .haste = args.Has("--now") ? RotationPolicy::Haste::kNow : RotationPolicy::Haste::kByAge};
}

// Whose keys: those of all, or of the one that --org names.
Result<std::vector<KeyOwner>> OwnersOf(const Args& args, Admin& admin) {
  if (args.Has("--all")) return ListKeyOwners(admin);
  auto organization = FindOrganization(admin, args.OptionalText("--org").value_or("platform"));
  if (!organization.ok()) return organization.error();
  auto keys = (*admin.Reader())->ListSigningKeys(organization->id);
  if (!keys.ok()) return keys.error();
  if (keys->empty()) {
    return Status(Code::kNotFound, organization->slug +
                                       " has no keys: `latchkey keys create --org " +
                                       organization->slug + "` makes them");
  }
  std::vector<KeyOwner> owners;
  owners.push_back({std::move(*organization), std::move(*keys)});
  return owners;
}

// Carries out the plans of one command and gathers what there is to say of each step.
class Rotation {
 public:
  Rotation(Admin& admin, const RotationPolicy& policy) : admin_(admin), policy_(policy) {}

  Status Rotate(const KeyOwner& owner, SigningAlgorithm algorithm) {
    made_ = {};
    for (const RotationStep& step : PlanRotation(owner.keys, algorithm, policy_, admin_.Now())) {
      if (Status status = Take(owner, step); !status.ok()) return status;
    }
    return {};
  }

  const JsonArray& done() const { return done_; }
  // A key began to sign that not everybody's JWKS has.
  bool promoted_early() const { return promoted_early_; }

 private:
  Status Take(const KeyOwner& owner, const RotationStep& step) {
    switch (step.kind) {
      case Kind::kDelete:
        return Delete(owner, step);
      case Kind::kCreateNext:
        return CreateNext(owner, step);
      case Kind::kPromote:
        return Promote(owner, step);
      case Kind::kWait:
        Note(owner, step, "waits", step.kid, step.at);
        return {};
      case Kind::kKeep:
        Note(owner, step, "signs", step.kid, step.at);
        return {};
    }
    return {};
  }

  Status Delete(const KeyOwner& owner, const RotationStep& step) {
    Status deleted = DeleteKey(admin_, owner.organization.id, step.key);
    // Another run was quicker.
    if (!deleted.ok() && deleted.code() != Code::kNotFound) return deleted;
    Note(owner, step, "deleted", step.kid, {});
    return {};
  }

  Status CreateNext(const KeyOwner& owner, const RotationStep& step) {
    auto key = AddNextKey(admin_, owner.organization.id, step.algorithm);
    if (!key.ok()) return key.error();
    made_ = std::move(*key);
    Note(owner, step, "published", made_.kid, step.at);
    return {};
  }

  Status Promote(const KeyOwner& owner, const RotationStep& step) {
    const bool is_made = step.kid.empty();
    const base::Time now = admin_.Now();
    const base::Time retire_at = now + PublishRetiredFor();
    Status status =
        PromoteKey(admin_, owner.organization.id, is_made ? made_.id : step.key, retire_at);
    if (!status.ok()) return status;
    promoted_early_ = promoted_early_ || is_made || IsYoung(owner, step.key, now);
    Note(owner, step, "signs_now", is_made ? made_.kid : step.kid, {});
    for (const records::SigningKeyRow& key : owner.keys) {
      if (key.algorithm != step.algorithm || key.state != SigningKeyState::kCurrent) continue;
      Note(owner, step, "retired", key.kid, retire_at);
    }
    return {};
  }

  bool IsYoung(const KeyOwner& owner, records::SigningKeyId id, base::Time now) const {
    for (const records::SigningKeyRow& key : owner.keys) {
      if (key.id == id) return now < key.created_at + LeastPublishFor(admin_.settings());
    }
    return false;
  }

  void Note(const KeyOwner& owner, const RotationStep& step, const char* action,
            const std::string& kid, base::Time until) {
    done_.push_back(JsonObject{{"organization", owner.organization.slug},
                               {"alg", records::ToText(step.algorithm)},
                               {"action", action},
                               {"kid", kid},
                               {"until", TimeJson(until)}});
  }

  Admin& admin_;
  const RotationPolicy& policy_;
  records::SigningKeyRow made_;
  JsonArray done_;
  bool promoted_early_ = false;
};

void SayWhatBreaks(Admin& admin) {
  admin.output().Note(
      "\nThe new key signs from this moment, and was not published before. Who keeps a copy of the "
      "JWKS refuses tokens\nof the new key until it reads the JWKS again: for up to " +
      std::to_string(admin.settings().jwks_max_age_s) +
      " s (jwks_max_age_s), or not at all where it asks\nagain for a kid that it does not know. "
      "Tokens of the former key stay good; `latchkey keys retire KID` ends those.");
}

Status Rotate(const Args& args, Admin& admin) {
  const auto policy = PolicyOf(args, admin.settings());
  if (!policy.ok()) return policy.error();
  const auto owners = OwnersOf(args, admin);
  if (!owners.ok()) return owners.error();
  const auto only = args.OptionalText("--algorithm");
  Rotation rotation(admin, *policy);
  Status status;
  for (const KeyOwner& owner : *owners) {
    for (const SigningAlgorithm algorithm : kAlgorithms) {
      if (only && *only != records::ToText(algorithm)) continue;
      if (status.ok()) status = rotation.Rotate(owner, algorithm);
    }
  }
  // What was done before a step failed is done, and is said.
  admin.output().List(rotation.done(), Columns(), "no keys here");
  if (rotation.promoted_early()) SayWhatBreaks(admin);
  return status;
}

// ---- retire ----

std::string QuestionOf(const OwnedKey& owned) {
  const std::string what = "the key " + owned.key.kid + " of " + owned.organization.slug;
  if (owned.key.state != SigningKeyState::kCurrent) return "Publish " + what + " no more?";
  return "Let a new key sign, and publish " + what + ", which signs now, no more?";
}

// So that the issuer goes on signing. The former key is published no longer from the same moment.
Status Succeed(Admin& admin, const OwnedKey& owned) {
  const auto keys = (*admin.Reader())->ListSigningKeys(owned.organization.id);
  if (!keys.ok()) return keys.error();
  const RotationPolicy now{.haste = RotationPolicy::Haste::kNow};
  for (const RotationStep& step : PlanRotation(*keys, owned.key.algorithm, now, admin.Now())) {
    if (step.kind != Kind::kPromote) continue;
    records::SigningKeyId next = step.key;
    if (step.kid.empty()) {
      const auto key = AddNextKey(admin, owned.organization.id, owned.key.algorithm);
      if (!key.ok()) return key.error();
      next = key->id;
    }
    return PromoteKey(admin, owned.organization.id, next, admin.Now());
  }
  return {Code::kConflict, "the key signs no more: somebody else changes keys at this moment"};
}

Status Retire(const Args& args, Admin& admin) {
  const auto owned = FindKey(admin, args.Text("--kid"));
  if (!owned.ok()) return owned.error();
  if (!args.Has("--yes")) {
    if (Status status = Confirm(QuestionOf(*owned)); !status.ok()) return status;
  }
  const bool is_current = owned->key.state == SigningKeyState::kCurrent;
  if (is_current) {
    if (Status status = Succeed(admin, *owned); !status.ok()) return status;
  }
  Status status = DeleteKey(admin, owned->organization.id, owned->key.id);
  if (!status.ok()) return status;
  admin.output().Done(
      "retired " + owned->key.kid + ": it is published no more" +
          (is_current ? ", and a new key signs" : "") +
          ".\nWho checks signatures refuses its tokens once the JWKS is read again, " +
          std::to_string(admin.settings().jwks_max_age_s) +
          " s from now at the latest. This server knows\ntokens by their rows and goes on taking "
          "those that it issued itself; a client gets good ones by a refresh.",
      {{"retired", owned->key.kid},
       {"organization", owned->organization.slug},
       {"alg", records::ToText(owned->key.algorithm)},
       {"signed", is_current}});
  return {};
}

void AddRotate(CLI::App& noun, Context& context) {
  CLI::App& command = AddCommand(noun, context,
                                 {"rotate",
                                  "give keys that are old enough a successor; does nothing where "
                                  "nothing is due, so a timer may "
                                  "run it",
                                  "latchkey keys rotate --all\n"
                                  "latchkey keys rotate --org acme --every 30d --publish-for 2d\n"
                                  "latchkey keys rotate --now"},
                                 &Rotate);
  AddText(command, "--org", "SLUG", "whose keys; default: platform, those of the public URL");
  AddFlag(command, "--all", "those of every organization");
  AddChoice(command, "--algorithm", {"ES256", "RS256"}, "of this algorithm alone");
  AddText(command, "--every", "DURATION", "a key this old gets a successor; default: 90d");
  AddText(command, "--publish-for", "DURATION",
          "how long the successor is published before it signs; default: 1d, at least twice "
          "jwks_max_age_s");
  AddFlag(command, "--now",
          "at once, whatever the ages: what others keep of the JWKS may lack the key");
  AddExclusion(command, "--org", "--all");
}

void AddRetire(CLI::App& noun, Context& context) {
  CLI::App& command = AddCommand(
      noun, context,
      {"retire",
       "publish a key no more, because it leaked: its tokens are refused by whoever checks "
       "signatures",
       "latchkey keys retire Jq0Nq_vR1n3O9v6d1gQfXc0bCzPEvVYyDkX2H4hZ8-M --yes"},
      &Retire);
  AddRequired(command, "--kid,kid", "KID",
              "of `latchkey keys list`; as --kid=KID where it begins with -");
  AddYes(command);
}

}  // namespace

void AddKeyRotation(CLI::App& noun, Context& context) {
  AddRotate(noun, context);
  AddRetire(noun, context);
}

}  // namespace ctl
