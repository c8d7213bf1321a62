#include "writer/peers/peer_server.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/os/unix_socket.h"

namespace writer {

namespace {

constexpr std::uint64_t kListenTag = 0;
constexpr std::uint64_t kStopTag = 1;
constexpr std::uint64_t kFirstSerial = 2;

// Children of all pools and a few commands; below the usual limit of 1,024 descriptors.
constexpr std::size_t kMaxPeers = 512;
constexpr std::size_t kEventsAtOnce = 64;

}  // namespace

PeerServer::PeerServer(int listen_fd, Admission admission, const base::Log& log)
    : listen_fd_(listen_fd),
      admission_(admission),
      log_(&log),
      epoll_fd_(::epoll_create1(EPOLL_CLOEXEC)),
      next_serial_(kFirstSerial),
      buffer_(std::make_unique<wire::FrameBuffer>()) {}

base::Result<PeerServer> PeerServer::Open(int listen_fd, int stop_fd, Admission admission,
                                          const base::Log& log) {
  PeerServer server(listen_fd, admission, log);
  if (!server.epoll_fd_.valid()) return base::ErrnoStatus("epoll_create1", errno);
  base::Status status = base::SetNonBlocking(listen_fd);
  if (status.ok()) status = server.Watch(listen_fd, kListenTag);
  if (status.ok()) status = server.Watch(stop_fd, kStopTag);
  if (!status.ok()) return status;
  return server;
}

base::Status PeerServer::Watch(int fd, std::uint64_t tag) {
  epoll_event event{.events = EPOLLIN, .data = {.u64 = tag}};
  if (::epoll_ctl(epoll_fd_.get(), EPOLL_CTL_ADD, fd, &event) == 0) return {};
  return base::ErrnoStatus("epoll_ctl", errno);
}

base::Status PeerServer::Wait(base::milliseconds timeout) {
  std::array<epoll_event, kEventsAtOnce> events;
  readable_.clear();
  const int count = ::epoll_wait(epoll_fd_.get(), events.data(), static_cast<int>(events.size()),
                                 static_cast<int>(timeout.count()));
  if (count < 0 && errno != EINTR) return base::ErrnoStatus("epoll_wait", errno);
  for (int i = 0; i < count; ++i) Note(events[static_cast<std::size_t>(i)]);
  std::sort(readable_.begin(), readable_.end());
  return {};
}

void PeerServer::Note(const epoll_event& event) {
  // A copy: the kernel packs its events, and none of them is aligned.
  const std::uint64_t tag = event.data.u64;
  switch (tag) {
    case kListenTag:
      return AcceptPeer();
    case kStopTag:
      stop_requested_ = true;
      return;
    default:
      readable_.push_back(tag);
  }
}

// One a turn: the epoll is level-triggered.
void PeerServer::AcceptPeer() {
  base::UniqueFd fd(::accept4(listen_fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (fd.valid()) return Admit(std::move(fd));
  if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED) return;
  log_->Error("accept_failed", {{"reason", base::ErrnoStatus("accept", errno).message()}});
}

void PeerServer::Admit(base::UniqueFd fd) {
  const auto who = base::PeerOf(fd.get());
  if (!who.ok()) return;
  const auto sender = admission_.SenderOf(who->uid);
  if (!sender || peers_.size() >= kMaxPeers) {
    log_->Warn("peer_refused", {{"reason", sender ? "too many peers" : "not a user of this server"},
                                {"uid", who->uid},
                                {"pid", who->pid}});
    return;
  }
  const std::uint64_t serial = next_serial_++;
  if (!Watch(fd.get(), serial).ok()) return;
  peers_.try_emplace(serial, serial, std::move(fd), *who, *sender);
}

std::size_t PeerServer::Receive(std::size_t enough, std::vector<QueuedRecord>* out) {
  const auto after = std::upper_bound(readable_.begin(), readable_.end(), last_served_);
  std::rotate(readable_.begin(), after, readable_.end());
  std::size_t frames = 0;
  for (const std::uint64_t serial : readable_) {
    if (out->size() >= enough) break;
    if (ReceiveFrom(serial, out)) ++frames;
    last_served_ = serial;
  }
  readable_.clear();
  return frames;
}

bool PeerServer::ReceiveFrom(std::uint64_t serial, std::vector<QueuedRecord>* out) {
  const auto found = peers_.find(serial);
  if (found == peers_.end()) return false;
  Peer& peer = found->second;
  const wire::Received received = wire::ReceiveFrame(peer.fd(), buffer_.get());
  if (received.io == wire::Io::kWouldBlock) return false;
  if (received.io == wire::Io::kClosed) {
    peers_.erase(found);
    return false;
  }
  const bool had_replies = peer.has_replies();
  const base::Status status = peer.Accept(received.frame, out);
  if (status.ok() && !had_replies && peer.has_replies()) answered_.push_back(serial);
  if (!status.ok()) {
    Close(peer, status);
  } else if (peer.TakeBackupRequest()) {
    backup_askers_.push_back(serial);
  }
  return status.ok();
}

void PeerServer::Close(const Peer& peer, const base::Status& reason) {
  log_->Warn("peer_closed", {{"reason", reason.ToString()},
                             {"name", peer.name()},
                             {"uid", peer.who().uid},
                             {"pid", peer.who().pid}});
  peers_.erase(peer.serial());
}

void PeerServer::Reply(const QueuedRecord& record, const records::WriteResult& result) {
  const auto found = peers_.find(record.peer);
  if (found == peers_.end()) return;
  Peer& peer = found->second;
  if (!peer.has_replies()) answered_.push_back(record.peer);
  if (peer.Reply({.correlation = record.correlation, .result = result})) return;
  Close(peer, {base::Code::kUnavailable, "does not read its answers"});
}

void PeerServer::FlushReplies() {
  for (const std::uint64_t serial : answered_) {
    const auto found = peers_.find(serial);
    if (found == peers_.end() || !found->second.has_replies()) continue;
    if (found->second.FlushReplies()) continue;
    Close(found->second, {base::Code::kUnavailable, "does not read its answers"});
  }
  answered_.clear();
}

bool PeerServer::Tell(std::uint64_t serial, std::string_view frame) {
  const auto found = peers_.find(serial);
  if (found == peers_.end()) return false;
  if (wire::SendFrame(found->second.fd(), frame) == wire::Io::kDone) return true;
  Close(found->second, {base::Code::kUnavailable, "does not read its answers"});
  return false;
}

void PeerServer::StopAccepting() {
  ::epoll_ctl(epoll_fd_.get(), EPOLL_CTL_DEL, listen_fd_, nullptr);
}

}  // namespace writer
