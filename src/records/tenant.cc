#include "records/tenant.h"

#include <variant>

namespace records {

OrganizationId TenantOf(const Write& write) {
  return std::visit(
      [](const auto& record) {
        if constexpr (requires { record.organization_id; }) {
          return OrganizationId(record.organization_id);
        } else if constexpr (requires { record.row.organization_id; }) {
          return record.row.organization_id;
        } else if constexpr (requires { record.row; }) {
          return record.row.id;
        } else {
          return OrganizationId();
        }
      },
      write);
}

}  // namespace records
