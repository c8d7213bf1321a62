#include "seed/organization_line.h"

#include <sstream>

#include "base/bytes.h"

namespace seed {

namespace {

template <class Tag>
bool ReadId(std::istream& words, base::Id<Tag>* id) {
  std::string word;
  return (words >> word) && base::HexDecodeInto(word, id->bytes);
}

}  // namespace

std::string ToLine(const Organization& organization) {
  std::string line = organization.slug + " " + organization.client_id;
  for (const base::IdBytes& bytes :
       {organization.id.bytes, organization.service_id.bytes, organization.client_row_id.bytes,
        organization.plan_id.bytes}) {
    line += " " + base::HexEncode(bytes);
  }
  for (const records::UserId& user : organization.users) {
    line += " " + base::HexEncode(user.bytes);
  }
  return line;
}

std::optional<Organization> FromLine(const std::string& line) {
  std::istringstream words(line);
  Organization organization;
  if (!(words >> organization.slug >> organization.client_id) || !ReadId(words, &organization.id) ||
      !ReadId(words, &organization.service_id) || !ReadId(words, &organization.client_row_id) ||
      !ReadId(words, &organization.plan_id)) {
    return std::nullopt;
  }
  while (!(words >> std::ws).eof()) {
    if (!ReadId(words, &organization.users.emplace_back())) return std::nullopt;
  }
  return organization;
}

}  // namespace seed
