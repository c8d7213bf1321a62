// latchkey-ladder-writer: latchkey-writer with the loop of the story. Takes its context in an instance
// of loadtest/ladder/run.
#include <exception>
#include <span>

#include "base/log.h"
#include "ladder/writer/story_loop.h"
#include "writer/arguments.h"
#include "writer/daemon.h"

namespace {

base::Status RunStoryLoop(const writer::WriterContext& context) {
  const auto key = crypto::MasterKey::Load(context.settings.MasterKeyPath());
  if (!key.ok()) return key.error();
  return ladder::StoryLoop(context, *key).Run();
}

base::Status Run(std::span<char* const> words, const base::Log& log) {
  const auto arguments = writer::ParseArguments(words);
  return arguments.ok() ? writer::RunDaemon(*arguments, log, &RunStoryLoop) : arguments.error();
}

}  // namespace

int main(int argc, char** argv) {
  const base::Log log("writer");
  try {
    const base::Status status =
        Run(std::span(argv, static_cast<std::size_t>(argc)).subspan(1), log);
    if (status.ok()) return 0;
    log.Write(base::Severity::kFatal, "stopped", {{"reason", status.ToString()}});
  } catch (const std::exception& error) {
    log.Write(base::Severity::kFatal, "exception", {{"what", error.what()}});
  }
  return 1;
}
