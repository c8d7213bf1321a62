// The writer's side of the wire: accepts peers, takes their frames, sends them their answers. Never
// waits for a peer: one that breaks the protocol, or does not read its answers, is closed and
// logged; it connects again and sends again what was not answered. Not thread-safe.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/os/unique_fd.h"
#include "base/status.h"
#include "writer/peers/peer.h"

namespace writer {

class PeerServer {
 public:
  // `listen_fd` listens already and stays its owner's; `stop_fd` becomes readable when the writer
  // is to stop. Both are watched, neither is closed. `log` outlives this.
  static base::Result<PeerServer> Open(int listen_fd, int stop_fd, Admission admission,
                                       const base::Log& log);

  // Waits until a peer has something to read, a peer comes, the stop is asked for, or `timeout`
  // ends.
  base::Status Wait(base::milliseconds timeout);
  bool stop_requested() const { return stop_requested_; }

  // Takes one frame of each peer that the last Wait found readable, in turn, going on after the
  // peer served last, and ends early when `out` holds `enough` records. Gives the number of frames
  // taken.
  std::size_t Receive(std::size_t enough, std::vector<QueuedRecord>* out);

  void Reply(const QueuedRecord& record, const records::WriteResult& result);
  // Sends the answers gathered since the last call: one frame a peer, or as few as hold them.
  void FlushReplies();

  // Those that asked for a backup since the last call, in order.
  std::vector<std::uint64_t> TakeBackupAskers() { return std::exchange(backup_askers_, {}); }
  bool IsConnected(std::uint64_t peer) const { return peers_.contains(peer); }
  // A frame of its own to one peer, at once; one that does not read is closed. False: it is gone.
  bool Tell(std::uint64_t peer, std::string_view frame);

  void StopAccepting();
  void CloseAll() { peers_.clear(); }
  std::size_t peers() const { return peers_.size(); }

 private:
  PeerServer(int listen_fd, Admission admission, const base::Log& log);
  base::Status Watch(int fd, std::uint64_t tag);
  void Note(const epoll_event& event);
  void AcceptPeer();
  void Admit(base::UniqueFd fd);
  bool ReceiveFrom(std::uint64_t serial, std::vector<QueuedRecord>* out);
  void Close(const Peer& peer, const base::Status& reason);

  int listen_fd_;
  Admission admission_;
  const base::Log* log_;
  base::UniqueFd epoll_fd_;
  bool stop_requested_ = false;
  std::unordered_map<std::uint64_t, Peer> peers_;  // by serial, never used twice
  std::uint64_t next_serial_;
  std::uint64_t last_served_ = 0;
  std::vector<std::uint64_t> readable_;  // serials, of the last Wait
  std::vector<std::uint64_t> answered_;  // serials with answers to flush
  std::vector<std::uint64_t> backup_askers_;
  std::unique_ptr<wire::FrameBuffer> buffer_;
};

}  // namespace writer
