// SPDX-License-Identifier: Apache-2.0
// Memory events as a Chrome/Perfetto JSON trace: one track per agent, one per cache; 1 us is one cycle.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "staleline/event/listener.h"
#include "staleline/scenario/scenario.h"

namespace staleline::report {

/// Writes the trace-event array of any number of runs to one stream, each run as its own process.
class TraceFile {
 public:
  explicit TraceFile(std::ostream& out);
  ~TraceFile();
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;

  /// Ends the file; nothing may follow.
  void close();

 private:
  friend class TraceListener;
  void entry(const std::string& json_object);

  std::ostream& out_;
  std::uint64_t processes_ = 0;
  bool first_ = true, closed_ = false;
};

/// Hears one run and writes it to a TraceFile under `title`.
class TraceListener final : public event::Listener {
 public:
  TraceListener(TraceFile& file, const scenario::Scenario& scenario, const std::string& title);
  void on_event(const event::Event& e) override;
  [[nodiscard]] bool wants_copy_events() const override { return true; }

 private:
  std::uint64_t cache_track(event::CacheRef cache);
  void name_track(std::uint64_t process, std::uint64_t track, const std::string& name);

  TraceFile& file_;
  const scenario::Scenario& scenario_;
  std::uint64_t agents_ = 0, caches_ = 0;  ///< process numbers of this run
  std::uint64_t named_caches_ = 0;         ///< a bit per track that has its name
};

}  // namespace staleline::report
