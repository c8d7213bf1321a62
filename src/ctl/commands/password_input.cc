#include "ctl/commands/password_input.h"

#include <termios.h>
#include <unistd.h>

#include <iostream>
#include <string_view>

#include "accounts/password_policy.h"

namespace ctl {

namespace {

using base::Code;
using base::Result;
using base::Status;

// Turns the terminal's echo off while it lives.
class SilentTerminal {
 public:
  SilentTerminal() : known_(::tcgetattr(STDIN_FILENO, &former_) == 0) {
    if (!known_) return;
    termios silent = former_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  ~SilentTerminal() {
    if (known_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &former_);
  }

 private:
  termios former_{};
  bool known_;
};

// Four bytes a character at most, and one more, so that the check refuses what was cut.
constexpr std::size_t kMaxLineBytes = 4 * accounts::kMaxPasswordCharacters + 1;

// One line without its end.
std::string ReadLine() {
  std::string line;
  char c = 0;
  while (line.size() < kMaxLineBytes && std::cin.get(c) && c != '\n') line.push_back(c);
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

std::string Ask(std::string_view prompt) {
  std::cerr << prompt << std::flush;
  const SilentTerminal silent;
  std::string line = ReadLine();
  std::cerr << "\n";
  return line;
}

}  // namespace

Result<std::string> ReadPassword() {
  const bool terminal = ::isatty(STDIN_FILENO) != 0;
  std::string password = terminal ? Ask("Password: ") : ReadLine();
  if (terminal && Ask("Again: ") != password)
    return Status(Code::kInvalid, "the two passwords differ");
  if (password.empty()) {
    return Status(Code::kInvalid, "no password on standard input: its first line is empty");
  }
  return password;
}

}  // namespace ctl
