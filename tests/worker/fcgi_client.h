// A FastCGI client for tests: what nginx sends and reads, record by record (FastCGI 1.0 §3).
// One request at a time on a connection. Every read has a deadline.
#pragma once

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/os/unique_fd.h"
#include "base/os/unix_socket.h"

namespace worker_test {

using Params = std::vector<std::pair<std::string, std::string>>;

struct Answer {
  int status = 0;
  std::string headers;  // as sent, status line included
  std::string body;

  std::string Header(std::string_view name) const {
    const std::string start = "\r\n" + std::string(name) + ": ";
    const std::size_t at = ("\r\n" + headers).find(start);
    if (at == std::string::npos) return "";
    const std::size_t value = at + start.size() - 2;
    return headers.substr(value, headers.find("\r\n", value) - value);
  }
};

enum class Keep : std::uint8_t { kConnection, kNothing };

inline std::string Record(int type, std::string_view content) {
  const std::string header{1,
                           static_cast<char>(type),
                           0,
                           1,
                           static_cast<char>(content.size() >> 8),
                           static_cast<char>(content.size()),
                           0,
                           0};
  return header + std::string(content);
}

inline std::string Stream(int type, std::string_view content) {
  std::string records;
  for (; !content.empty(); content.remove_prefix(std::min<std::size_t>(content.size(), 60000))) {
    records += Record(type, content.substr(0, 60000));
  }
  return records + Record(type, "");
}

inline void AppendLength(std::size_t size, std::string* out) {
  if (size < 128) {
    out->push_back(static_cast<char>(size));
    return;
  }
  for (const int shift : {24, 16, 8, 0}) {
    out->push_back(static_cast<char>((size >> shift & 0xff) | (shift == 24 ? 0x80 : 0)));
  }
}

inline std::string EncodeRequest(const Params& params, std::string_view body, Keep keep) {
  std::string pairs;
  for (const auto& [name, value] : params) {
    AppendLength(name.size(), &pairs);
    AppendLength(value.size(), &pairs);
    pairs.append(name).append(value);
  }
  const char flags = keep == Keep::kConnection ? 1 : 0;
  return Record(1, std::string{0, 1, flags, 0, 0, 0, 0, 0}) + Stream(4, pairs) + Stream(5, body);
}

// The parameters of a request as nginx passes them.
inline Params RequestTo(std::string method, std::string path, std::string_view body = "") {
  Params params{{"REQUEST_METHOD", std::move(method)},
                {"DOCUMENT_URI", std::move(path)},
                {"QUERY_STRING", ""},
                {"HTTP_HOST", "localhost"},
                {"REMOTE_ADDR", "192.0.2.1"},
                {"HTTP_USER_AGENT", "test"}};
  params.emplace_back("CONTENT_LENGTH", body.empty() ? "" : std::to_string(body.size()));
  return params;
}

class FcgiClient {
 public:
  static constexpr base::milliseconds kPatience{20000};

  explicit FcgiClient(const std::string& path) {
    auto fd = base::ConnectUnix(path, base::SocketKind::kStream);
    if (fd.ok()) fd_ = std::move(*fd);
  }

  bool connected() const { return fd_.valid(); }

  bool Send(const Params& params, std::string_view body = "", Keep keep = Keep::kConnection) {
    return SendBytes(EncodeRequest(params, body, keep));
  }

  bool SendBytes(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno != EAGAIN || !WaitFor(POLLOUT, kPatience)) {
        return false;
      }
    }
    return true;
  }

  // The whole answer to the request; nullopt: the connection ended before, or patience did.
  std::optional<Answer> Receive(base::milliseconds patience = kPatience) {
    std::string text;
    while (true) {
      while (auto record = TakeRecord()) {
        if (record->first == 6) text += record->second;
        if (record->first == 3) return Parse(text);
      }
      if (!WaitFor(POLLIN, patience) || !ReadMore()) return std::nullopt;
    }
  }

  std::optional<Answer> Ask(const Params& params, std::string_view body = "",
                            Keep keep = Keep::kConnection) {
    return Send(params, body, keep) ? Receive() : std::nullopt;
  }

  // Waits until the other side has read all that was sent.
  bool AwaitRead() const {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    int unread = 0;
    while (ioctl(fd_.get(), SIOCOUTQ, &unread) == 0 && unread > 0) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::yield();
    }
    return unread == 0;
  }

  bool HasInput() const { return WaitFor(POLLIN, base::milliseconds(0)); }

  // Waits for the other side to end the connection.
  bool SeesClose() {
    while (WaitFor(POLLIN, kPatience)) {
      if (!ReadMore()) return true;
    }
    return false;
  }

  // So many bytes at a time, after a pause each, until there are `most` or the connection ends.
  std::size_t ReadSlowly(std::size_t bytes, base::milliseconds pause, std::size_t most) const {
    std::string some(bytes, '\0');
    std::size_t got = 0;
    while (got < most && WaitFor(POLLIN, kPatience)) {
      const ssize_t read = ::read(fd_.get(), some.data(), some.size());
      if (read <= 0) break;
      got += static_cast<std::size_t>(read);
      std::this_thread::sleep_for(pause);
    }
    return got;
  }

  void Close() { fd_.Reset(); }

 private:
  bool WaitFor(short events, base::milliseconds patience) const {
    pollfd polled{.fd = fd_.get(), .events = events, .revents = 0};
    return poll(&polled, 1, static_cast<int>(patience.count())) == 1;
  }

  bool ReadMore() {
    char bytes[65536];
    const ssize_t got = ::read(fd_.get(), bytes, sizeof bytes);
    if (got <= 0) return false;
    input_.append(bytes, static_cast<std::size_t>(got));
    return true;
  }

  std::optional<std::pair<int, std::string>> TakeRecord() {
    if (input_.size() < 8) return std::nullopt;
    const auto byte = [this](std::size_t i) { return static_cast<unsigned char>(input_[i]); };
    const std::size_t content = static_cast<std::size_t>(byte(4) << 8 | byte(5));
    const std::size_t whole = 8 + content + byte(6);
    if (input_.size() < whole) return std::nullopt;
    std::pair<int, std::string> record{byte(1), input_.substr(8, content)};
    input_.erase(0, whole);
    return record;
  }

  static std::optional<Answer> Parse(const std::string& text) {
    const std::size_t blank = text.find("\r\n\r\n");
    if (blank == std::string::npos || !text.starts_with("Status: ")) return std::nullopt;
    return Answer{.status = std::atoi(text.c_str() + 8),
                  .headers = text.substr(0, blank + 2),
                  .body = text.substr(blank + 4)};
  }

  base::UniqueFd fd_;
  std::string input_;
};

}  // namespace worker_test
