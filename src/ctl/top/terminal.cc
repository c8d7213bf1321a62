#include "ctl/top/terminal.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

namespace ctl {

namespace {

// ECMA-48 and xterm's private modes: the second screen, the cursor; home; the rest of line and screen.
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view kLeave = "\x1b[?25h\x1b[?1049l";
constexpr std::string_view kHome = "\x1b[H";
constexpr std::string_view kClearLine = "\x1b[K";
constexpr std::string_view kClearBelow = "\x1b[J";
constexpr char kCtrlC = 3;
constexpr char kCtrlD = 4;

sigset_t QuitSignals() {
  sigset_t mask;
  sigemptyset(&mask);
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&mask, signal_number);
  return mask;
}

void WriteAll(std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = ::write(STDOUT_FILENO, text.data(), text.size());
    if (size < 0 && errno != EINTR) return;
    text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  }
}

}  // namespace

bool Terminal::IsThere() { return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1; }

base::Result<std::unique_ptr<Terminal>> Terminal::Open() {
  termios former{};
  if (::tcgetattr(STDIN_FILENO, &former) != 0) return base::ErrnoStatus("tcgetattr", errno);
  const sigset_t mask = QuitSignals();
  base::UniqueFd signals(::signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals.valid()) return base::ErrnoStatus("signalfd", errno);
  ::sigprocmask(SIG_BLOCK, &mask, nullptr);
  termios raw = former;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
  if (::tcsetattr(STDIN_FILENO, TCSANOW, &raw) != 0) return base::ErrnoStatus("tcsetattr", errno);
  WriteAll(kEnter);
  return std::unique_ptr<Terminal>(new Terminal(former, std::move(signals)));
}

Terminal::Terminal(const termios& former, base::UniqueFd signals)
    : former_(former), signals_(std::move(signals)) {}

Terminal::~Terminal() {
  WriteAll(kLeave);
  ::tcsetattr(STDIN_FILENO, TCSANOW, &former_);
  // What came meanwhile was taken: it must not end us now.
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) > 0) {
  }
  const sigset_t mask = QuitSignals();
  ::sigprocmask(SIG_UNBLOCK, &mask, nullptr);
}

Terminal::Size Terminal::size() const {
  winsize window{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_row == 0) return {};
  return {.rows = window.ws_row, .columns = window.ws_col};
}

void Terminal::Show(std::string_view text) {
  std::string screen(kHome);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    screen.append(text.substr(0, end)).append(kClearLine);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!text.empty()) screen.append("\r\n");
  }
  screen.append(kClearBelow);
  WriteAll(screen);
}

bool Terminal::WaitForQuit(base::milliseconds timeout) {
  const std::int64_t end_us = base::MonotonicMicros() + timeout.count() * 1000;
  for (;;) {
    const std::int64_t left_ms = (end_us - base::MonotonicMicros()) / 1000;
    if (left_ms <= 0) return false;
    std::array<pollfd, 2> fds{pollfd{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                              pollfd{.fd = signals_.get(), .events = POLLIN, .revents = 0}};
    if (::poll(fds.data(), fds.size(), static_cast<int>(left_ms)) <= 0) continue;
    if (fds[1].revents != 0) return true;
    if (fds[0].revents == 0) continue;
    char key = 0;
    if (::read(STDIN_FILENO, &key, 1) != 1) return true;
    if (key == 'q' || key == 'Q' || key == kCtrlC || key == kCtrlD) return true;
  }
}

}  // namespace ctl
