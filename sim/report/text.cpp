// SPDX-License-Identifier: Apache-2.0
// The report of one run for people: headline, timeline, story, fix, other hazards, verdict.
#include "staleline/report/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "paint.h"
#include "places.h"
#include "story.h"
#include "timeline.h"

namespace staleline::report {
namespace {

std::string plural(std::size_t n, std::string_view one) { return fmt::format("{} {}{}", n, one, n == 1 ? "" : "s"); }

std::string title_of(const Record& r) { return r.variant.empty() ? r.file : fmt::format("{}#{}", r.file, r.variant); }

class Writer {
 public:
  Writer(const Record& record, const TextOptions& options)
      : record_(record),
        result_(*record.result),
        s_(*record.result->scenario),
        options_(options),
        paint_(options.color) {}

  std::string full() {
    const auto* lead = leading(result_, options_.strict);
    const auto failures = failure_lines();
    if (lead == nullptr && failures.empty()) return last_line();
    if (lead != nullptr) {
      const Story st = story(result_, *lead);
      headline(st, *lead);
      timeline_rows(*lead);
      quote(st);
      notes(st);
      others(*lead);
    }
    if (lead != nullptr) out_ += "\n";
    for (const auto& line : failures) out_ += line + "\n";
    return out_ + last_line();
  }

  std::string brief() {
    if (record_.exit_code == 0) return {};
    if (record_.exit_code == 3) return last_line();
    if (const auto* lead = leading(result_, options_.strict); lead != nullptr && fails(*lead, options_.strict))
      headline(story(result_, *lead), *lead);
    else
      for (const auto& line : failure_lines()) {
        out_ += line + "\n";
        break;
      }
    if (out_.empty()) return last_line();
    if (!record_.variant.empty()) out_.insert(out_.size() - 1, fmt::format(" [#{}]", record_.variant));
    return out_;
  }

 private:
  void headline(const Story& st, const run::FoundHazard& lead) {
    const bool bad = fails(lead, options_.strict);
    out_ += fmt::format("{}: {}: {}\n", paint_.strong(st.position), bad ? paint_.bad(st.title) : paint_.warn(st.title),
                        st.sentence);
  }

  void timeline_rows(const run::FoundHazard& lead) {
    const auto rows = timeline(result_, lead);
    if (rows.empty()) return;
    std::size_t names = 5, lines = 4, texts = 0;
    for (const auto& row : rows) {
      names = std::max(names, agent_name(s_, row.moment->agent).size());
      texts = std::max(texts, what(*row.moment).size());
      if (row.moment->line.value != 0) lines = std::max(lines, gutter(row.moment->agent, row.moment->line).size());
    }
    out_ += fmt::format("\n  {}\n",
                        paint_.faint(fmt::format("{:>9}  {:<{}}  {:>{}}", "cycle", "agent", names, "line", lines)));
    for (const auto& row : rows) {
      if (row.skipped != 0)
        out_ += fmt::format("  {}\n", paint_.faint(fmt::format("{:>9}  ({} more)", "...", row.skipped)));
      const auto& m = *row.moment;
      const std::string line = m.line.value == 0 ? "" : gutter(m.agent, m.line);
      std::string text =
          fmt::format("  {:>9}  {:<{}}  {:>{}}  {}", m.cycle, agent_name(s_, m.agent), names, line, lines, what(m));
      if (*row.mark != '\0')
        text +=
            std::string(texts - std::min(texts, what(m).size()), ' ') + paint_.help(fmt::format("  <- {}", row.mark));
      out_ += text + "\n";
    }
  }

  std::string what(const run::Moment& m) const {
    if (!m.text.empty()) return m.text;
    const Quoted q = quoted(s_, m.line);
    return q.length == 0 ? "" : q.text.substr(q.column - 1, q.length);
  }

  void quote(const Story& st) {
    width_ = 1;
    for (const auto& m : st.markers) width_ = std::max(width_, gutter(m.agent, m.line).size());
    for (const auto& p : st.patches) width_ = std::max(width_, gutter(p.agent, {p.line.value + 2}).size());
    out_ += fmt::format("\n{:{}}{} {}\n", "", width_, paint_.frame("-->"), st.position);
    bar("");
    std::uint32_t before = 0;
    for (const auto& m : st.markers) {
      const Quoted q = quoted(result_, m.agent, m.line);
      if (before != 0 && m.line.value > before + 1) out_ += paint_.frame("...") + "\n";
      if (m.line.value != before) row(gutter(m.agent, m.line), "|", q.text);
      const std::string caret(std::max<std::size_t>(q.length, 1), m.main ? '^' : '-');
      const std::string under = fmt::format("{} {}", caret, m.says);
      bar(std::string(q.column - 1, ' ') + (m.main ? paint_.bad(under) : paint_.frame(under)));
      before = m.line.value;
    }
    bar("");
  }

  void notes(const Story& st) {
    if (!st.where.empty()) note("where", st.where);
    if (!st.how.empty()) note("how", st.how);
    note("rule", st.rule);
    for (const auto& p : st.patches) {
      // Advice that no instruction can follow stands as a comment.
      if (p.operations.size() == 1 && p.operations.front().starts_with("// ")) {
        note("help", p.operations.front().substr(3));
        continue;
      }
      const std::string place =
          fmt::format("{} {}", p.before ? "before" : "after", line_name(result_, p.agent, p.line));
      std::string joined;
      for (const auto& op : p.operations) joined += fmt::format("{}`{}`", joined.empty() ? "" : " and ", op);
      note("help", fmt::format("add {} to {}, {}:", joined, agent_name(s_, p.agent), place));
      patch(p);
    }
    note("note", fmt::format("`staleline explain {}` tells more", spelled_id(st)));
  }

  /// The lines to paste, between the line before and the line after them.
  void patch(const Patch& p) {
    if (p.line.value == 0) return;
    const Quoted q = quoted(result_, p.agent, p.line);
    bar("");
    if (!p.before) row(gutter(p.agent, p.line), "|", q.text);
    for (std::size_t i = 0; i < p.operations.size(); ++i) {
      const std::string& op = p.operations[i];
      const auto space = op.find(' ');
      const std::string aligned =
          space == std::string::npos ? op : fmt::format("{:<8} {}", op.substr(0, space), op.substr(space + 1));
      // Whatever branches to the line shall pass what comes before it.
      row("", "+", (p.before && i == 0 ? q.labelled_lead() : q.lead) + aligned, true);
    }
    if (p.before) row(gutter(p.agent, p.line), "|", q.unlabelled());
    bar("");
  }

  static std::string spelled_id(const Story& st) { return st.title.substr(st.title.find("SL"), 5); }

  /// The hazards that the story does not tell, one line for each kind, reader and region.
  void others(const run::FoundHazard& lead) {
    using Key = std::tuple<judge::HazardId, std::uint16_t, std::string, judge::Verdict, bool>;
    struct Group {
      const run::FoundHazard* first;
      std::size_t count;
    };
    std::map<Key, Group> groups;
    std::vector<Key> order;
    for (const auto& h : result_.hazards) {
      if (&h == &lead) continue;
      const Key key{h.hazard.id, h.hazard.agent.value, h.region ? s_.regions[*h.region].name : "", h.hazard.verdict,
                    fails(h, options_.strict)};
      const auto [at, is_new] = groups.try_emplace(key, Group{&h, 0});
      if (is_new) order.push_back(key);
      ++at->second.count;
    }
    if (order.empty()) return;
    out_ += "\n";
    for (const auto& key : order) {
      const auto& group = groups.at(key);
      const Story st = story(result_, *group.first);
      out_ +=
          fmt::format("{}: {}: {}{}\n", st.position, std::get<4>(key) ? paint_.bad(st.title) : paint_.warn(st.title),
                      st.sentence, group.count > 1 ? fmt::format(" ({} like it)", group.count - 1) : "");
    }
  }

  std::vector<std::string> failure_lines() const {
    std::vector<std::string> lines = missing_sentences(result_);
    for (auto& line : expect_sentences(result_, options_.strict)) lines.push_back(std::move(line));
    return lines;
  }

  std::string last_line() const {
    std::size_t failing = 0, declared = 0, noted = 0;
    for (const auto& h : result_.hazards)
      ++(h.hazard.verdict == judge::Verdict::Note ? noted : fails(h, options_.strict) ? failing : declared);
    const std::string cost = fmt::format("{}, {}", plural(result_.statistics.cycles, "cycle"),
                                         plural(result_.statistics.instructions, "instruction"));
    const std::string title = paint_.strong(title_of(record_));
    const std::string extra = noted == 0 ? "" : fmt::format(", {}", plural(noted, "note"));
    if (record_.exit_code == 0 && !result_.options.judge) return fmt::format("{}: not judged ({})\n", title, cost);
    if (record_.exit_code == 0)
      return fmt::format("{}: {} ({}{}; {})\n", title, paint_.good("ok"),
                         declared == 0 ? "no hazard" : plural(declared, "hazard") + ", as declared", extra, cost);
    std::string why;
    const auto add = [&](const std::string& reason) { why += (why.empty() ? "" : ", ") + reason; };
    if (failing != 0) add(plural(failing, "hazard"));
    if (!result_.missing.empty()) add(plural(result_.missing.size(), "expected hazard") + " not found");
    if (const auto n = expect_sentences(result_, options_.strict).size(); n != 0)
      add(plural(n, "expectation") + " failed");
    if (result_.limit != run::Limit::None) add(limit_sentence(result_));
    return fmt::format("{}: {} ({}{}; {})\n", title, paint_.bad(record_.exit_code == 3 ? "LIMIT" : "FAILED"), why,
                       extra, cost);
  }

  /// The number of a line, or the address of an instruction.
  std::string gutter(event::AgentId agent, event::SourceLine line) const {
    const auto place = result_.place_of ? result_.place_of(agent, line) : std::nullopt;
    return place ? hex(place->pc.value) : std::to_string(line.value);
  }
  void bar(const std::string& s) { row("", "|", s); }
  void row(const std::string& number, std::string_view mark, const std::string& s, bool added = false) {
    const std::string gutter = fmt::format("{:>{}} {}", number, width_, mark);
    out_ += added ? paint_.good(gutter + " " + s) : s.empty() ? paint_.frame(gutter) : paint_.frame(gutter) + " " + s;
    out_ += "\n";
  }
  void note(std::string_view head, const std::string& s) {
    out_ += fmt::format("{:{}} {} {}\n", "", width_, paint_.frame("="), paint_.strong(fmt::format("{}: ", head)) + s);
  }

  const Record& record_;
  const run::Result& result_;
  const scenario::Scenario& s_;
  const TextOptions& options_;
  Paint paint_;
  std::string out_;
  std::size_t width_ = 1;
};

}  // namespace

std::string text(const Record& record, const TextOptions& options) {
  if (!record.result) {
    std::string out;
    for (const auto& d : record.errors) out += d.formatted() + "\n";
    return out;
  }
  Writer writer(record, options);
  return options.quiet ? writer.brief() : writer.full();
}

}  // namespace staleline::report
