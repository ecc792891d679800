// SPDX-License-Identifier: Apache-2.0
// `run`: every variant of every input, for every seed, and the report of it all.
#include <fmt/format.h>
#include <unistd.h>

#include <deque>
#include <fstream>
#include <memory>
#include <optional>

#include "inputs.h"
#include "interrupt.h"
#include "run_options.h"
#include "staleline/cli/cli.h"
#include "staleline/report/machine.h"
#include "staleline/report/record.h"
#include "staleline/report/text.h"
#include "staleline/report/trace.h"

namespace staleline::cli {
namespace {

class Session {
 public:
  explicit Session(RunOptions options) : options_(std::move(options)) {
    options_.run.interrupted = &interrupted();
    if (!options_.junit.empty()) junit_ = open(options_.junit);
    if (!options_.trace.empty()) {
      trace_stream_ = open(options_.trace);
      trace_.emplace(*trace_stream_);
    }
  }

  int run() {
    inputs_ = expand(options_.words);
    for (const auto& input : inputs_.files) {
      if (interrupted()) break;
      file(input);
    }
    progress("");
    int code = interrupted() ? kLimit : kAsExpected;
    for (const auto& r : records_) code = report::combined(code, r.exit_code);
    report(code);
    return code;
  }

 private:
  static std::unique_ptr<std::ofstream> open(const std::string& path) {
    auto out = std::make_unique<std::ofstream>(path, std::ios::binary);
    if (!*out) throw UsageError(fmt::format("cannot write `{}`", path));
    return out;
  }

  static void finish(std::ofstream& out, const std::string& path) {
    out.close();
    if (!out) throw UsageError(fmt::format("cannot write `{}`", path));
  }

  void file(const Input& input) {
    const scenario::Document* document = nullptr;
    std::vector<std::string> variants;
    try {
      documents_.push_back(scenario::Document::load(input.path));
      document = &documents_.back();
      if (input.variant) static_cast<void>(document->variant(*input.variant));  // throws where there is none
      variants = input.variant ? std::vector{*input.variant} : document->variants();
    } catch (const scenario::InputError& e) {
      refuse(input.path, "", e.diagnostics());
      return;
    }
    for (const auto& v : variants)
      for (std::uint64_t i = 0; i < options_.seeds && !interrupted(); ++i)
        if (!variant(*document, v, options_.run.seed + i)) break;
  }

  /// False where another seed would meet the same mistake.
  bool variant(const scenario::Document& document, const std::string& name, std::uint64_t seed) {
    const auto* scenario = &document.variant(name);
    if (!options_.platform.empty()) {
      changed_.push_back(*scenario);
      auto& overrides = changed_.back().platform.overrides;
      overrides.insert(overrides.end(), options_.platform.begin(), options_.platform.end());
      scenario = &changed_.back();
    }
    const std::string title = fmt::format("{}#{}", document.file(), name);
    progress(options_.seeds == 1 ? title : fmt::format("{} seed {}", title, seed));
    run::Options run_options = options_.run;
    run_options.seed = seed;
    std::optional<report::TraceListener> listener;
    if (trace_) {
      listener.emplace(*trace_, *scenario, options_.seeds == 1 ? title : fmt::format("{} seed {}", title, seed));
      run_options.listeners.push_back(&*listener);
    }
    try {
      report::Record record{document.file(), name, 0, run::run(*scenario, run_options), {}};
      record.result->options.listeners.clear();
      record.exit_code = record.result->exit_code(options_.strict);
      records_.push_back(std::move(record));
      return true;
    } catch (const scenario::InputError& e) {
      refuse(document.file(), name, e.diagnostics());
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& e) {
      progress("");
      complain(
          fmt::format("staleline: defect: {}: {}\nThis is a mistake in staleline, not in your input. Please report "
                      "it, with the input and the command line.\n",
                      title, e.what()));
      records_.push_back({document.file(), name, kDefect, {}, {{document.file(), 1, 1, e.what()}}});
    }
    return false;
  }

  void refuse(const std::string& file, const std::string& variant, const std::vector<scenario::Diagnostic>& errors) {
    progress("");
    report::Record record{file, variant, kBadInput, {}, errors};
    for (const auto& d : errors) {
      const auto line =
          d.file == kFromSet ? fmt::format("staleline: error: --set: {}\n", d.message) : d.formatted() + "\n";
      if (line == last_complaint_) continue;  // --set is wrong for every variant in the same way
      complain(line);
      last_complaint_ = line;
    }
    records_.push_back(std::move(record));
  }

  /// What is being run, on a terminal only.
  void progress(const std::string& what) {
    static const bool shown = ::isatty(STDERR_FILENO) == 1;
    if (!shown || options_.quiet || (!inputs_.many && options_.seeds == 1)) return;
    complain(what.empty() ? "\r\x1b[K" : fmt::format("\r\x1b[K[{}] {}", records_.size() + 1, what.substr(0, 70)));
  }

  void report(int code) {
    const bool many_seeds = options_.seeds > 1;
    if (trace_) {
      trace_->close();
      finish(*trace_stream_, options_.trace);
    }
    if (junit_) {
      *junit_ << report::junit(records_, options_.strict, many_seeds);
      finish(*junit_, options_.junit);
    }
    // One bad input alone leaves standard output empty; among others it is a row.
    if (!inputs_.many)
      for (const auto& r : records_)
        if (!r.result) return;
    if (options_.json) {
      print(report::json(records_, code, many_seeds));
      return;
    }
    if (many_seeds && !options_.run.adversary && !options_.quiet)
      complain("staleline: note: without --adversary, seeds vary the replacement in the caches only\n");
    const report::TextOptions text{options_.color, options_.strict, options_.quiet};
    if (many_seeds) {
      print(report::seeds(records_, text));
    } else if (inputs_.many) {
      print(report::table(records_, text));
    } else {
      std::string out;
      for (const auto& r : records_) {
        const auto one = report::text(r, text);
        const bool long_story = one.find('\n') + 1 != one.size();
        if (!out.empty() && long_story && !options_.quiet) out += "\n";
        out += one;
      }
      print(out);
    }
    if (interrupted()) complain("staleline: interrupted; the report covers what was run\n");
  }

  RunOptions options_;
  Inputs inputs_;
  std::deque<scenario::Document> documents_;  // results point into these two
  std::deque<scenario::Scenario> changed_;
  std::vector<report::Record> records_;
  std::unique_ptr<std::ofstream> junit_, trace_stream_;
  std::optional<report::TraceFile> trace_;
  std::string last_complaint_;
};

int run_run(const Command& self, const std::vector<std::string>& arguments) {
  auto options = read_run_options(self, arguments);
  if (!options) return kAsExpected;
  catch_interrupts();
  return Session(std::move(*options)).run();
}

}  // namespace

const Command kRun{
    "run", "run [OPTIONS] PATH...",
    "Run scenarios and report what went stale, why, and what to add.\n"
    "PATH is a file (all its variants), FILE#VARIANT, a folder (all *.yaml in it), or - for standard input.",
    "  staleline run stale-image.yaml\n"
    "  staleline run stale-image.yaml#fix --strict\n"
    "  staleline run scenarios --junit results.xml\n"
    "  staleline run rx-ring.yaml --adversary --seeds 100\n"
    "  staleline run rx-ring.yaml --set l1d.bytes=16KiB --json\n",
    run_run};

}  // namespace staleline::cli
