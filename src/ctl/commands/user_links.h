// `latchkey user invite` and `reset`: links that set a password, printed for the operator to hand
// over, so that no mail server is needed.
#pragma once

#include "ctl/admin/admin.h"
#include "ctl/args.h"
#include "records/rows.h"

namespace ctl {

// Draws a link for the user and prints it.
base::Status PrintLink(Admin& admin, const records::UserRow& user);

void AddUserLinks(CLI::App& noun, Context& context);

}  // namespace ctl
