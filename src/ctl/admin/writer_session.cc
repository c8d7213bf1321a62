#include "ctl/admin/writer_session.h"

namespace ctl {

base::Result<WriterSession> WriterSession::Open(const base::Settings& settings,
                                                const std::string& config_path,
                                                OutputFormat format) {
  Admin admin(settings, format);
  if (WriterIsRunning(settings)) return WriterSession(std::nullopt, std::move(admin));
  auto writer = TemporaryWriter::Start(settings, config_path);
  if (!writer.ok()) return writer.error();
  admin.UseSocket(writer->socket_path());
  return WriterSession(std::move(*writer), std::move(admin));
}

}  // namespace ctl
