// What says again which processes there are, compared with base/processes.h: systemd's units, users and folders, the
// package, and the table of docs/ARCHITECTURE.md.
#include "base/processes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace supervisor {
namespace {

using base::kProcesses;
using base::Process;

const std::string kSource = LATCHKEY_SOURCE_DIR;

std::vector<std::string> Lines(const std::string& path) {
  std::ifstream file(kSource + "/" + path);
  EXPECT_TRUE(file.is_open()) << path;
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

bool Has(const std::vector<std::string>& lines, const std::string& line) {
  return std::ranges::find(lines, line) != lines.end();
}

std::set<std::string> WordsOf(const std::string& line) {
  std::istringstream stream(line);
  return {std::istream_iterator<std::string>(stream), std::istream_iterator<std::string>()};
}

// Of all lines, "latchkey-NAME" + `ending`.
std::set<std::string> Units(const std::vector<std::string>& lines, const std::string& ending) {
  std::set<std::string> units;
  for (std::string line : lines) {
    std::ranges::replace_if(
        line, [](char c) { return c == '=' || c == '/' || c == '"' || c == ';'; }, ' ');
    for (const std::string& word : WordsOf(line)) {
      if (word.starts_with("latchkey-") && word.ends_with(ending)) units.insert(word);
    }
  }
  return units;
}

std::vector<Process> Ours() {
  std::vector<Process> ours;
  std::ranges::copy_if(kProcesses, std::back_inserter(ours), &Process::is_ours);
  return ours;
}

std::set<std::string> UnitsOfOurs(const std::string& ending) {
  std::set<std::string> units;
  for (const Process& process : Ours())
    units.insert("latchkey-" + std::string(process.name) + ending);
  return units;
}

std::string ServiceFile(const Process& process) {
  return "systemd/latchkey-" + std::string(process.name) + ".service.in";
}

std::string CommandOf(const Process& process) {
  const std::string pool = process.pool.empty() ? "" : " --pool " + std::string(process.pool);
  return std::string(process.program) + pool;
}

TEST(Units, StartTheProgramAsItsUser) {
  for (const Process& process : Ours()) {
    const auto lines = Lines(ServiceFile(process));
    EXPECT_TRUE(Has(lines, "ExecStart=@LIBEXEC@/" + CommandOf(process) +
                               " --config /etc/latchkey/latchkey.toml"))
        << process.name;
    EXPECT_TRUE(Has(lines, "User=" + std::string(process.user))) << process.name;
    EXPECT_TRUE(Has(lines, "Requires=latchkey-" + std::string(process.name) + ".socket"))
        << process.name;
    for (const std::string_view before : process.starts_after) {
      if (before.empty()) continue;
      EXPECT_TRUE(Has(lines, "After=latchkey-" + std::string(before) + ".service")) << process.name;
    }
  }
}

TEST(Units, GiveKeysAndNetworkAsDeclared) {
  EXPECT_TRUE(Has(Lines("systemd/sandbox.conf"), "PrivateNetwork=yes"));
  for (const Process& process : Ours()) {
    const auto lines = Lines(ServiceFile(process));
    const bool gets_keys = process.keys == base::KeyAccess::kGets;
    EXPECT_EQ(Has(lines, "LoadCredential=master.key:/var/lib/latchkey/master.key"), gets_keys)
        << process.name;
    EXPECT_EQ(Has(lines, "InaccessiblePaths=-/var/lib/latchkey/master.key"), !gets_keys)
        << process.name;
    EXPECT_EQ(Has(lines, "@SANDBOX@"), process.network == base::NetworkAccess::kNone)
        << process.name;
    const bool writes = std::ranges::any_of(lines, [](const std::string& line) {
      return line.starts_with("ReadWritePaths=") &&
             line.find("/var/lib/latchkey") != std::string::npos;
    });
    EXPECT_EQ(writes, process.database == base::DatabaseAccess::kWrites) << process.name;
  }
}

TEST(Units, ReloadAndStopAsDeclared) {
  for (const Process& process : Ours()) {
    const auto lines = Lines(ServiceFile(process));
    EXPECT_EQ(Has(lines, "ExecReload=/bin/kill -HUP $MAINPID"),
              process.on_hang_up == base::OnHangUp::kReloads)
        << process.name;
    const auto stop = std::ranges::find_if(
        lines, [](const std::string& line) { return line.starts_with("TimeoutStopSec="); });
    ASSERT_NE(stop, lines.end()) << process.name;
    const base::seconds limit(std::stoi(stop->substr(stop->find('=') + 1)));
    EXPECT_GE(limit, base::StopLimitOf(process, {})) << process.name;
  }
}

TEST(Units, ListenWhereTheProcessIsAsked) {
  for (const Process& process : Ours()) {
    const std::string name(process.name);
    const auto lines = Lines("systemd/latchkey-" + name + ".socket");
    const bool is_packets = process.listens == base::Listens::kOnSeqPacket;
    std::vector<std::string> wanted;
    for (const std::string& socket : base::SocketNamesOf(process, {})) {
      wanted.push_back((is_packets ? "ListenSequentialPacket=" : "ListenStream=") +
                       ("/run/latchkey/" + socket) + ".sock");
    }
    std::vector<std::string> found;
    std::ranges::copy_if(lines, std::back_inserter(found),
                         [](const std::string& line) { return line.starts_with("Listen"); });
    EXPECT_EQ(found, wanted) << name;
    EXPECT_TRUE(Has(lines, "FileDescriptorName=" + name)) << name;
    EXPECT_TRUE(Has(lines, "SocketUser=" + std::string(process.user))) << name;
  }
}

TEST(Units, AreThereForDeclaredProcessesAlone) {
  for (const auto& entry : std::filesystem::directory_iterator(kSource + "/systemd")) {
    const std::string file = entry.path().filename();
    if (file.ends_with(".socket")) {
      EXPECT_TRUE(UnitsOfOurs(".socket").contains(file)) << file;
    }
    if (!file.ends_with(".service.in")) continue;
    const auto lines = Lines("systemd/" + file);
    const bool is_daemon = std::ranges::any_of(
        lines, [](const std::string& line) { return line.starts_with("ExecStart=@LIBEXEC@/"); });
    if (is_daemon) {
      EXPECT_TRUE(UnitsOfOurs(".service.in").contains(file)) << file;
    }
  }
}

TEST(Target, WantsEachServiceAndSocket) {
  const auto lines = Lines("systemd/latchkey.target");
  EXPECT_EQ(Units(lines, ".socket"), UnitsOfOurs(".socket"));
  EXPECT_EQ(Units(lines, ".service"), UnitsOfOurs(".service"));
}

TEST(Users, AreMadeAndOwnWhatTheirProcessesWrite) {
  std::set<std::string> made;
  for (const std::string& line : Lines("systemd/sysusers.conf")) {
    std::istringstream words(line);
    std::string type;
    std::string user;
    if (words >> type >> user && type == "u") made.insert(user);
  }
  std::set<std::string> used;
  for (const Process& process : Ours()) used.emplace(process.user);
  EXPECT_EQ(made, used);

  std::map<std::string, std::string> owners;
  for (const std::string& line : Lines("systemd/tmpfiles.conf")) {
    std::istringstream words(line);
    std::string type, path, mode, owner;
    if (words >> type >> path >> mode >> owner) owners[path] = owner;
  }
  for (const Process& process : Ours()) {
    const bool writes = process.database == base::DatabaseAccess::kWrites;
    EXPECT_EQ(owners[writes ? "/run/latchkey/writer.page" : "/run/latchkey/shared.tables"],
              process.user);
    if (writes) {
      EXPECT_EQ(owners["/var/lib/latchkey"], process.user);
    }
  }
}

TEST(Package, InstallsThePrograms) {
  const auto lines = Lines("cmake/install.cmake");
  const auto programs = std::ranges::find_if(lines, [](const std::string& line) {
    return line.find("DESTINATION libexec/latchkey") != std::string::npos;
  });
  ASSERT_NE(programs, lines.end());
  for (const Process& process : Ours()) {
    EXPECT_TRUE(WordsOf(*programs).contains(std::string(process.program))) << process.name;
  }
}

TEST(Package, StopsAllOnRemoval) {
  const auto lines = Lines("debian/prerm");
  EXPECT_EQ(Units(lines, ".socket"), UnitsOfOurs(".socket"));
  const auto services = Units(lines, ".service");
  for (const std::string& unit : UnitsOfOurs(".service"))
    EXPECT_TRUE(services.contains(unit)) << unit;
}

TEST(Package, TakesUpTheNewProgramOfEachOnUpgrade) {
  const auto lines = Lines("debian/postinst");
  std::string loop = "      for pool in";
  for (const Process& process : Ours()) {
    if (process.on_hang_up == base::OnHangUp::kReloads) {
      loop += " " + std::string(process.name);
      continue;
    }
    EXPECT_TRUE(Has(lines, "      deb-systemd-invoke try-restart latchkey-" +
                               std::string(process.name) + ".service || true"))
        << process.name;
  }
  EXPECT_TRUE(Has(lines, loop + "; do")) << loop;
}

// Cells of the rows of the table "process | how many | ...".
std::vector<std::vector<std::string>> DocumentedProcesses() {
  const auto lines = Lines("docs/ARCHITECTURE.md");
  std::vector<std::vector<std::string>> rows;
  auto line = std::ranges::find_if(
      lines, [](const std::string& text) { return text.starts_with("| process | how many"); });
  for (; line != lines.end() && line->starts_with("|"); ++line) {
    std::vector<std::string> cells;
    std::istringstream stream(line->substr(1));
    for (std::string cell; std::getline(stream, cell, '|');) {
      cells.push_back(cell.substr(1, cell.size() - 2));
    }
    rows.push_back(cells);
  }
  return rows;
}

std::string SocketsInWords(const Process& process) {
  if (process.listens == base::Listens::kOnPublicPort) return "the public port";
  return "`" + std::string(process.name) +
         (process.sockets != nullptr ? "-N.sock`, one a child" : ".sock`");
}

std::string DatabaseInWords(const Process& process) {
  if (process.database == base::DatabaseAccess::kNone) return "none";
  return process.database == base::DatabaseAccess::kReads ? "read-only" : "read-write";
}

TEST(Architecture, DescribesEachProcess) {
  const auto rows = DocumentedProcesses();
  for (const Process& process : kProcesses) {
    const std::string command =
        process.is_ours() ? "`" + CommandOf(process) + "`" : CommandOf(process);
    const auto row =
        std::ranges::find_if(rows, [&](const auto& cells) { return cells.at(0) == command; });
    ASSERT_NE(row, rows.end()) << command;
    ASSERT_EQ(row->size(), 6U) << command;
    EXPECT_TRUE(row->at(2).starts_with(SocketsInWords(process))) << command << ": " << row->at(2);
    EXPECT_TRUE(row->at(3).starts_with(DatabaseInWords(process))) << command << ": " << row->at(3);
    EXPECT_EQ(row->at(5).find("master key") != std::string::npos,
              process.keys == base::KeyAccess::kGets)
        << command << ": " << row->at(5);
  }
  const auto daemons = std::ranges::count_if(
      rows, [](const auto& cells) { return cells.at(0).starts_with("`latchkey-"); });
  EXPECT_EQ(static_cast<std::size_t>(daemons), Ours().size());
}

}  // namespace
}  // namespace supervisor
