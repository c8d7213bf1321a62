#include "accounts/organization.h"

namespace accounts {

namespace {

using Row = records::OrganizationRow;

oauth::Error UnknownOrganization() {
  return {.code = oauth::ErrorCode::kNotFound,
          .description = "No active organization goes by this name here."};
}

oauth::Answer<Row> CopyIfActive(const base::Result<const Row*>& found) {
  if (!found.ok()) {
    return found.error().code() == base::Code::kNotFound ? UnknownOrganization()
                                                         : oauth::ErrorOf(found.error().code());
  }
  if ((*found)->status != records::OrganizationStatus::kActive) return UnknownOrganization();
  return **found;
}

}  // namespace

oauth::Answer<Row> FindActiveOrganization(std::string_view slug, const oauth::Ports& ports) {
  if (slug.empty()) return UnknownOrganization();
  return CopyIfActive(ports.directory.FindOrganizationBySlug(slug));
}

oauth::Answer<Row> FindActiveOrganization(records::OrganizationId id, const oauth::Ports& ports) {
  return CopyIfActive(ports.directory.FindOrganization(id));
}

}  // namespace accounts
