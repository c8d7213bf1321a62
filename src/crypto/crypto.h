// All of this module's public headers: the domain's ports to OpenSSL, libargon2 and the kernel's
// random source. Objects live on one thread each.
#pragma once

#include "crypto/backup_key.h"
#include "crypto/hashes.h"
#include "crypto/master_key.h"
#include "crypto/passwords/argon2_hasher.h"
#include "crypto/public_key.h"
#include "crypto/random.h"
#include "crypto/signing_key.h"
#include "crypto/uuid_v7.h"
