#include "writer/peers/peer.h"

#include <utility>

namespace writer {

using base::Code;
using base::Status;

namespace {

// "alice (uid 0)". The name is what the command says, the uid what the kernel says. A pool names
// nobody.
std::string OperatorOf(std::string_view name, uid_t uid) {
  if (name.empty()) return {};
  std::string text;
  for (const char c : name) text.push_back(c > ' ' && c < '\x7f' ? c : '?');
  return text.append(" (uid ").append(std::to_string(uid)).append(")");
}

}  // namespace

std::optional<records::Sender> Admission::SenderOf(uid_t uid) const {
  if (web_uid && uid == *web_uid) return records::kWebSender;
  if (uid == 0 || uid == own_uid) return records::kOperatorSender;
  return std::nullopt;
}

Peer::Peer(std::uint64_t serial, base::UniqueFd fd, base::Peer who, records::Sender sender)
    : serial_(serial), fd_(std::move(fd)), who_(who), sender_(sender) {
  wire::WidenSendBuffer(fd_.get());
}

Status Peer::Accept(std::span<const std::uint8_t> frame, std::vector<QueuedRecord>* out) {
  if (!said_hello_) return AcceptHello(frame);
  const bool is_backup =
      !frame.empty() && frame[0] == static_cast<std::uint8_t>(wire::FrameType::kBackup);
  return is_backup ? AcceptBackup(frame) : AcceptRecords(frame, out);
}

Status Peer::AcceptHello(std::span<const std::uint8_t> frame) {
  auto hello = wire::ParseHello(frame);
  if (!hello.ok()) return hello.error();
  name_ = std::move(hello->name);
  if (hello->version < wire::kOldestWireVersion || hello->version > wire::kWireVersion) {
    return {Code::kInvalid, "wire version " + std::to_string(hello->version) +
                                ", this writer takes " + std::to_string(wire::kOldestWireVersion) +
                                " to " + std::to_string(wire::kWireVersion)};
  }
  if (sender_.Has(records::Capability::kAdminister)) {
    operator_name_ = OperatorOf(hello->operator_name, who_.uid);
  }
  said_hello_ = true;
  return {};
}

Status Peer::AcceptRecords(std::span<const std::uint8_t> frame, std::vector<QueuedRecord>* out) {
  const auto views = wire::ParseRecords(frame);
  if (!views.ok()) return views.error();
  const auto start = static_cast<std::ptrdiff_t>(out->size());
  std::vector<std::uint64_t> refused;
  for (const wire::RecordView& view : *views) {
    auto write = wire::DecodeRecord(view.record);
    Status status = Judge(view, write.status());
    if (status.code() == Code::kInvalid) {
      refused.push_back(view.correlation);
      continue;
    }
    if (!status.ok()) {
      out->erase(out->begin() + start, out->end());
      return status;
    }
    out->push_back({serial_,
                    view.correlation,
                    view.deadline,
                    std::move(*write),
                    {.address = std::string(view.address), .operator_name = operator_name_}});
  }
  return Refuse(refused);
}

// What ends the connection comes first: a text that is none hides no other fault.
Status Peer::Judge(const wire::RecordView& view, const Status& decoded) const {
  if (!decoded.ok() && decoded.code() != Code::kInvalid) return decoded;
  const std::size_t type = wire::RecordTypeOf(view.record);
  if (!records::MaySend(sender_, type)) {
    return {Code::kDenied, std::string(records::NameOfType(type)) + " is not its to send"};
  }
  if (!decoded.ok()) return decoded;
  return wire::IsText(view.address) ? Status() : Status(Code::kInvalid, "its address is no text");
}

Status Peer::Refuse(std::span<const std::uint64_t> correlations) {
  for (const std::uint64_t correlation : correlations) {
    if (!Reply({.correlation = correlation, .result = {.code = Code::kInvalid}})) {
      return {Code::kUnavailable, "does not read its answers"};
    }
  }
  return {};
}

Status Peer::AcceptBackup(std::span<const std::uint8_t> frame) {
  if (Status status = wire::ParseBackup(frame); !status.ok()) return status;
  if (!sender_.Has(records::Capability::kAdminister)) {
    return {Code::kDenied, "a backup is not its to ask for"};
  }
  asked_for_backup_ = true;
  return {};
}

bool Peer::Reply(const wire::ResultEntry& entry) {
  return replies_.Add(entry) || (FlushReplies() && replies_.Add(entry));
}

bool Peer::FlushReplies() {
  const wire::Io io = wire::SendFrame(fd(), replies_.bytes());
  replies_.Clear();
  return io == wire::Io::kDone;
}

}  // namespace writer
