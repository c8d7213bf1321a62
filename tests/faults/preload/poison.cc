// For LD_PRELOAD into a pool: a bug that kills the child which works on a certain request.
//
//   LATCHKEY_POISON=TEXT          a child that looks up a text with TEXT in it aborts; where "-exit"
//                                 follows, it ends with exit code 3; where "-resumed" follows, it
//                                 goes on, and aborts when it sends its next answer
//   LATCHKEY_POISON_ADDRESS=TEXT  a child that has sent the writer a record for the client of this
//                                 address aborts when it sends its next answer
//
// What is refused before it was looked at meets none of them.
#include <dlfcn.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

constexpr int kExitCode = 3;

std::atomic<bool> armed{false};

template <class Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

// What follows the text of the variable in `bytes`; a null view: it is not in them, or not set.
std::string_view Behind(const char* variable, std::string_view bytes) {
  const char* const text = std::getenv(variable);
  if (text == nullptr || *text == '\0') return {};
  const std::size_t at = bytes.find(text);
  return at == std::string_view::npos ? std::string_view()
                                      : bytes.substr(at + std::string_view(text).size());
}

void DieOf(std::string_view looked_up) {
  const std::string_view rest = Behind("LATCHKEY_POISON", looked_up);
  if (rest.data() == nullptr) return;
  if (rest.starts_with("-exit")) _exit(kExitCode);
  if (!rest.starts_with("-resumed")) std::abort();
  armed = true;
}

}  // namespace

extern "C" {

int sqlite3_bind_text64(void* statement, int index, const char* text, std::uint64_t size,
                        void (*destructor)(void*), unsigned char encoding) {
  DieOf({text, size});
  return Next<int(void*, int, const char*, std::uint64_t, void (*)(void*), unsigned char)>(
      "sqlite3_bind_text64")(statement, index, text, size, destructor, encoding);
}

ssize_t send(int fd, const void* bytes, size_t size, int flags) {
  const std::string_view frame(static_cast<const char*>(bytes), size);
  // What tells the audit log of such a death names the address too, and the child beside it.
  const bool tells_of_a_death = frame.find("api-") != std::string_view::npos;
  if (!tells_of_a_death && Behind("LATCHKEY_POISON_ADDRESS", frame).data() != nullptr) armed = true;
  return Next<ssize_t(int, const void*, size_t, int)>("send")(fd, bytes, size, flags);
}

ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  if (armed) std::abort();
  return Next<ssize_t(int, const msghdr*, int)>("sendmsg")(fd, message, flags);
}

}  // extern "C"
