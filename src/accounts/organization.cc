#include "accounts/organization.h"

#include "base/text.h"

namespace accounts {

namespace {

using Row = records::OrganizationRow;

domain::Answer<Row> CopyIfActive(const base::Result<const Row*>& found) {
  if (!found.ok()) {
    return found.error().code() == base::Code::kNotFound ? UnknownOrganization()
                                                         : domain::ErrorOf(found.error().code());
  }
  if ((*found)->status != records::OrganizationStatus::kActive) return UnknownOrganization();
  return **found;
}

}  // namespace

domain::Error UnknownOrganization() {
  return {.code = domain::ErrorCode::kNotFound,
          .description = "No active organization goes by this name here."};
}

std::string NormalizeSlug(std::string_view typed) {
  const std::size_t first = typed.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return base::AsciiLower(typed.substr(first, typed.find_last_not_of(' ') - first + 1));
}

domain::Answer<Row> FindActiveOrganization(std::string_view typed, const domain::Ports& ports) {
  const std::string slug = NormalizeSlug(typed);
  if (slug.empty()) return UnknownOrganization();
  return CopyIfActive(ports.directory.FindOrganizationBySlug(slug));
}

domain::Answer<Row> FindActiveOrganization(records::OrganizationId id, const domain::Ports& ports) {
  return CopyIfActive(ports.directory.FindOrganization(id));
}

}  // namespace accounts
