// For LD_PRELOAD into a command: a folder that somebody else may write into as well, who is as quick as can be.
//
//   LATCHKEY_SWAP_AT=ENDING    when a file gets a name with this ending (just before, for .mac),
//   LATCHKEY_SWAP_FILE=FILE    FILE is put in the place of the backup, whose name that is without .mac
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using Rename = int(const char*, const char*);

Rename* Next() { return reinterpret_cast<Rename*>(::dlsym(RTLD_NEXT, "rename")); }

void Swap(const char* name) {
  constexpr std::string_view kMac = ".mac";
  const char* const file = std::getenv("LATCHKEY_SWAP_FILE");
  std::string place(name);
  if (place.ends_with(kMac)) place.resize(place.size() - kMac.size());
  if (file != nullptr) Next()(file, place.c_str());
}

}  // namespace

extern "C" int rename(const char* from, const char* to) noexcept {
  const char* const ending = std::getenv("LATCHKEY_SWAP_AT");
  const bool is_it = ending != nullptr && std::string_view(to).ends_with(ending);
  const bool is_before = is_it && std::string_view(ending) == ".mac";
  if (is_before) Swap(to);
  const int done = Next()(from, to);
  if (is_it && !is_before && done == 0) Swap(to);
  return done;
}
