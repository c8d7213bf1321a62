#include "ctl/admin/admin.h"

#include <unistd.h>

#include <cerrno>

#include "base/os/owner.h"
#include "base/os/unix_socket.h"
#include "ctl/admin/operator_name.h"
#include "shm/writer_page.h"
#include "wire/client.h"

namespace ctl {

namespace {

using base::Code;
using base::Result;
using base::Status;

Status Refused(Code code, const records::Write& write, const Refusals& refusals) {
  const auto sentence = [&]() -> std::string {
    switch (code) {
      case Code::kNotFound:
        return refusals.not_found;
      case Code::kExists:
        return refusals.exists;
      case Code::kConflict:
        return refusals.conflict;
      case Code::kDenied:
        return refusals.denied.empty()
                   ? "the writer takes no such change from this user: become the "
                     "owner of the data folder, or root"
                   : refusals.denied;
      case Code::kFull:
        return "the disk is full, or the writer's queue: nothing was changed";
      case Code::kUnavailable:
        return "the writer did not answer in time: look at `latchkey status` and try again";
      case Code::kOk:
      case Code::kInvalid:
      case Code::kExpired:
      case Code::kCorrupt:
      case Code::kInternal:
        return {};
    }
    return {};
  }();
  if (!sentence.empty()) return {code, sentence};
  return {code, "the writer refused " + std::string(records::NameOf(write)) + " with " +
                    std::string(base::CodeName(code))};
}

Status NotRunning(const base::Settings& settings) {
  return {Code::kUnavailable,
          "the writer is not running (nobody listens on " + settings.RunPath("writer.sock") +
              "): start it with `latchkey run`, `make start` or `systemctl start "
              "latchkey.target`"};
}

Status OthersSocket(const Status& found) {
  return {Code::kConflict, "nothing was changed: the writer's socket " + found.message() +
                               ". Who may write there (run_dir, a link) led to another server"};
}

base::Status RunWithAdmin(const Args& args, Context& context, AdminAction action) {
  auto admin = Admin::Open(context);
  if (!admin.ok()) return admin.error();
  return action(args, *admin);
}

}  // namespace

Result<Admin> Admin::Open(const Context& context) {
  auto settings = context.LoadServedSettings();
  if (!settings.ok()) return settings.error();
  return Result<Admin>(Admin(std::move(*settings), context.output));
}

Result<records::Sha256> Admin::Hash(base::ByteView bytes) {
  if (hashes_ == nullptr) {
    const auto key = crypto::MasterKey::Load(settings_.MasterKeyPath());
    if (!key.ok()) return key.error();
    hashes_ = std::make_unique<crypto::OpenSslHashes>(*key);
  }
  return hashes_->Sha256(bytes);
}

Result<domain::AdminReader*> Admin::Reader() {
  if (reader_ != nullptr) return reader_.get();
  if (::access(settings_.DatabasePath().c_str(), F_OK) != 0 && errno == ENOENT) {
    return Status(Code::kUnavailable,
                  "no database at " + settings_.DatabasePath() +
                      ": make one with `latchkey init`, or name the data folder by --data");
  }
  auto reader = store::SqliteAdminReader::Open(settings_.DatabasePath());
  if (!reader.ok()) return reader.error();
  reader_ = std::move(*reader);
  return reader_.get();
}

Result<records::WriteResult> Admin::Write(const records::Write& write, const Refusals& refusals) {
  const uid_t owner = ::geteuid();  // whose folder named the socket
  const base::AsCaller caller;  // the audit log names the operator by the uid that the kernel tells
  const auto result = wire::Call(
      socket_path_, write, base::milliseconds(settings_.record_deadline_ms), OperatorName(), owner);
  if (!result.ok()) {
    if (result.error().code() == Code::kConflict) return OthersSocket(result.error());
    if (!WriterIsRunning(settings_)) return NotRunning(settings_);
    return result.error();
  }
  if (result->code != Code::kOk) return Refused(result->code, write, refusals);
  return *result;
}

CLI::App& AddCommand(CLI::App& parent, Context& context, const CommandSpec& spec,
                     AdminAction action) {
  return AddCommand(parent, context, spec, [action](const Args& args, Context& with) {
    return RunWithAdmin(args, with, action);
  });
}

Status CheckWritersSocket(const base::Settings& settings) {
  const uid_t owner = ::geteuid();
  const base::AsCaller caller;
  const auto fd =
      base::ConnectUnixOf(owner, settings.RunPath("writer.sock"), base::SocketKind::kSeqPacket);
  const bool is_others = !fd.ok() && fd.error().code() == Code::kConflict;
  return is_others ? OthersSocket(fd.error()) : Status();
}

bool WriterIsRunning(const base::Settings& settings) {
  const auto page = shm::WriterPage::OpenForReading(settings.RunPath("writer.page"));
  return page.state() != shm::WriterState::kDown &&
         page.IsAlive(base::SystemClock().SinceBoot(),
                      base::milliseconds(settings.heartbeat_old_ms)) &&
         base::ConnectUnix(settings.RunPath("writer.sock"), base::SocketKind::kSeqPacket).ok();
}

}  // namespace ctl
