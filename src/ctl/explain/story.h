// What the logs say of one request, gathered and put into words. Lives on main's thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/settings.h"
#include "base/status.h"
#include "ctl/explain/explanations.h"
#include "ctl/explain/log_line.h"
#include "ctl/print/json.h"

namespace ctl {

struct Story {
  std::string request_id;
  std::optional<AccessLine> access;
  std::vector<std::string> lines;         // of the logs, that name the request; earliest first
  std::vector<std::string> around;        // trouble in the seconds around it that names no request
  std::vector<const Explanation*> means;  // of each of them, each once
  std::vector<std::string> searched;      // files
};

// `files`: logs to read, "-" for standard input; empty: those of the data folder. kInvalid: no request id, or
// a file that cannot be read where it was named. kNotFound: no line names the request.
base::Result<Story> TellStory(const base::Settings& settings, const std::string& request_id,
                              const std::vector<std::string>& files);

std::string StoryText(const Story& story);
JsonObject StoryJson(const Story& story);

}  // namespace ctl
