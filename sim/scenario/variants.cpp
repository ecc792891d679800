// SPDX-License-Identifier: Apache-2.0
// Merging and resolving one variant.
#include "variants.h"

#include <fmt/format.h>

#include <algorithm>

#include "agents.h"
#include "code.h"
#include "edges.h"
#include "expectations.h"
#include "init.h"
#include "schedule.h"
#include "smmus.h"
#include "symbols.h"
#include "values.h"
#include "views.h"

namespace staleline::scenario {

namespace {

constexpr std::string_view kAttributeKey = "attr", kPresetKey = "preset";

/// `text` as `{ key: text }`.
Node wrapped(const Node& text, std::string_view key) {
  Node map;
  map.kind = Node::Kind::Map;
  map.mark = text.mark;
  Node name;
  name.kind = Node::Kind::Scalar;
  name.mark = text.mark;
  name.text = key;
  map.keys.push_back(std::move(name));
  map.items.push_back(text);
  return map;
}

/// The value of `key` for this variant: merged, or null where neither has it.
std::optional<Node> section(const Node& document, const Node& variant, std::string_view key,
                            std::string_view short_key) {
  const Node* const base = document.find(key);
  const Node* const over = variant.find(key);
  if (base != nullptr && over != nullptr) return merged(*base, *over, short_key);
  if (base == nullptr && over == nullptr) return std::nullopt;
  return base != nullptr ? *base : *over;
}

/// The list of this variant, or that of the document.
const Node* list(const Node& document, const Node& variant, std::string_view key) {
  const Node* const over = variant.find(key);
  return over != nullptr ? over : document.find(key);
}

PlatformRequest read_platform(const Node& node, const std::string& file, Problems& problems) {
  PlatformRequest request;
  const auto add = [&](const std::string& key, const Node& value) {
    const auto text = word(value, fmt::format("a value of {}", shown(key)), problems);
    if (text) request.overrides.push_back({key, *text, value.mark.line, value.mark.column, file});
    if (text && key == kPresetKey) request.preset = *text;
  };
  if (node.kind == Node::Kind::Scalar) {
    add(std::string(kPresetKey), node);
  } else if (node.kind == Node::Kind::Map) {
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const std::string& key = node.keys[i].text;
      if (node.items[i].kind == Node::Kind::Map) {
        // l1d: { bytes: 32 KiB } is l1d.bytes: 32 KiB
        for (std::size_t j = 0; j < node.items[i].keys.size(); ++j)
          add(key + "." + node.items[i].keys[j].text, node.items[i].items[j]);
      } else {
        add(key, node.items[i]);
      }
    }
  } else {
    problems.add(node.mark,
                 fmt::format("expected a platform: a preset or a mapping of parameters; found {}", found(node)));
  }
  return request;
}

std::vector<a64::SourceText> sources_of(const std::vector<Agent>& agents, const std::vector<ProgramText>& programs,
                                        std::size_t variant) {
  std::vector<a64::SourceText> sources(agents.size());
  for (std::size_t i = 0; i < agents.size(); ++i) {
    for (const ProgramText& p : programs) {
      if (p.agent() == agents[i].name) sources[i] = p.lines_of(variant);
    }
  }
  return sources;
}

/// The programs of one variant on their way to the assembler.
class Assembly {
 public:
  Assembly(const std::vector<a64::SourceText>& sources, const Memory& memory, const Views& views, Scenario& scenario)
      : sources_(sources), memory_(memory), views_(views), scenario_(scenario), edges_(scenario.agents, sources) {}

  /// Returns the labels; empty where a program has mistakes.
  std::optional<Labels> run(Problems& problems) {
    std::vector<a64::Assembled> all = assemble({});
    const auto wrong = [](const a64::Assembled& a) { return !a.problems.empty(); };
    if (std::any_of(all.begin(), all.end(), wrong)) {
      // An await of what a wrong line was to send is no mistake of its own.
      std::vector<bool> unreliable;
      for (const a64::Assembled& a : assemble(std::vector<bool>(all.size(), true))) unreliable.push_back(wrong(a));
      for (const a64::Assembled& a : assemble(unreliable)) {
        for (const a64::Problem& p : a.problems) problems.add({p.line, p.column}, p.message);
      }
      return std::nullopt;
    }
    Labels labels;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!scenario_.agents[i].program.fetched) scenario_.agents[i].program = std::move(all[i].program);
      labels.push_back(std::move(all[i].labels));
    }
    scenario_.edges = edges_.resolved(scenario_.agents);
    name_implicit();
    edges_.check_awaited(scenario_.agents, problems);
    return labels;
  }

 private:
  static event::EdgeId id(std::optional<std::size_t> edge) { return {static_cast<std::uint16_t>(edge.value_or(0))}; }
  void name_implicit() {
    for (std::size_t i = 0; i < scenario_.agents.size(); ++i) {
      if (scenario_.agents[i].abort) scenario_.agents[i].abort = id(edges_.implicit(i, "abort"));
      if (scenario_.agents[i].start) scenario_.agents[i].start = id(edges_.implicit_to(i));
    }
    for (Smmu& smmu : scenario_.smmus) {
      smmu.sync = id(edges_.implicit(smmu.agent.value, "sync"));
      smmu.record = id(edges_.implicit(smmu.agent.value, "record"));
      smmu.doorbell = id(edges_.implicit_to(smmu.agent.value));
    }
  }
  std::vector<a64::Assembled> assemble(std::vector<bool> unreliable) const {
    unreliable.resize(sources_.size());
    std::vector<a64::Assembled> all;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      const AgentSymbols symbols(i, scenario_.agents, views_, memory_, edges_, unreliable);
      all.push_back(a64::assemble(sources_[i], symbols));
    }
    return all;
  }

  const std::vector<a64::SourceText>& sources_;
  const Memory& memory_;
  const Views& views_;
  Scenario& scenario_;
  Edges edges_;
};

/// Agents that do nothing are slips of the name.
void check_programs(const std::vector<Agent>& agents, const std::vector<ProgramText>& programs, Problems& problems,
                    const Node& node) {
  std::vector<std::string> names;
  for (const ProgramText& p : programs) names.push_back(p.agent());
  for (const Agent& a : agents) {
    const auto key = std::find_if(node.keys.begin(), node.keys.end(), [&](const Node& k) { return k.text == a.name; });
    const bool has = std::find(names.begin(), names.end(), a.name) != names.end();
    if (has && a.program.fetched)
      problems.add(key->mark, fmt::format("agent `{}` has both `code` and a program", a.name));
    if (has || a.program.fetched) continue;
    problems.add(key->mark, with_suggestion(fmt::format("agent {} has no program", shown(a.name)), a.name, names));
  }
}

}  // namespace

Node merged(const Node& base, const Node& over, std::string_view short_key) {
  using Kind = Node::Kind;
  if (base.kind != Kind::Map || over.kind != Kind::Map) {
    const bool mixed =
        (base.kind == Kind::Map && over.kind == Kind::Scalar) || (base.kind == Kind::Scalar && over.kind == Kind::Map);
    if (!mixed || short_key.empty()) return over;
    return merged(base.kind == Kind::Map ? base : wrapped(base, short_key),
                  over.kind == Kind::Map ? over : wrapped(over, short_key));
  }
  Node out = base;
  out.mark = over.mark;
  for (std::size_t i = 0; i < over.keys.size(); ++i) {
    const auto at =
        std::find_if(out.keys.begin(), out.keys.end(), [&](const Node& key) { return key.text == over.keys[i].text; });
    if (at == out.keys.end()) {
      out.keys.push_back(over.keys[i]);
      out.items.push_back(over.items[i]);
    } else {
      Node& item = out.items[static_cast<std::size_t>(at - out.keys.begin())];
      item = merged(item, over.items[i], short_key);
    }
  }
  return out;
}

void resolve_variant(const Base& base, const Node& variant, std::size_t index, Scenario& scenario, Problems& problems) {
  const std::size_t before = problems.size();
  if (const auto platform = section(base.document, variant, "platform", kPresetKey))
    scenario.platform = read_platform(*platform, scenario.file, problems);
  scenario.regions = base.memory.regions();
  const auto mappings = section(base.document, variant, "mappings", kAttributeKey);
  Views views = read_views(mappings ? &*mappings : nullptr, base.memory, problems);
  scenario.views = views.views;
  std::vector<SmmuRequest> smmus;
  if (const auto smmu = section(base.document, variant, "smmu", kAttributeKey))
    smmus = read_smmus(*smmu, base.memory, problems);
  scenario.init = views.init;
  if (const auto agents = section(base.document, variant, "agents", {})) {
    std::vector<std::string> names;
    for (const SmmuRequest& s : smmus) names.push_back(s.name);
    scenario.agents = read_agents(*agents, scenario.views, names, base.memory, problems);
    for (const Agent& a : scenario.agents) walk_for_real(a, scenario.views);
    if (scenario.agents.empty()) return;
    if (base.sound_programs) check_programs(scenario.agents, base.programs, problems, *agents);
    for (Agent& a : scenario.agents) {
      const bool aborts = a.kind == Agent::Kind::Program && a.view < views.tables.size() && views.tables[a.view] &&
                          views.tables[a.view]->stage2;
      if (aborts) a.abort.emplace();
    }
    if (problems.size() == before) set_up_smmus(smmus, base.memory, views, *agents, scenario, problems);
  }

  // Programs can be read only where all that they name is right.
  std::optional<Labels> labels;
  bool sound = base.sound_programs && problems.size() == before;
  for (std::size_t r = 0; r < base.memory.regions().size(); ++r) sound = sound && base.memory.sound(r);
  if (sound) {
    const auto sources = sources_of(scenario.agents, base.programs, index);
    labels = Assembly(sources, base.memory, views, scenario).run(problems);
  }
  const Labels* const known = labels ? &*labels : nullptr;
  if (const Node* const init = list(base.document, variant, "init")) {
    for (Init& i : read_init(*init, base.memory, scenario.agents, problems)) scenario.init.push_back(std::move(i));
  }
  if (const Node* const schedule = list(base.document, variant, "schedule"))
    scenario.schedule = read_schedule(*schedule, base.memory, scenario.agents, scenario.views, known, problems);
  if (const Node* const hazards = variant.find("hazards"))
    scenario.expected = read_hazards(*hazards, base.memory, scenario.agents, problems);
  if (const Node* const redundant = variant.find("redundant"))
    scenario.redundant = read_redundant(*redundant, scenario.agents, known, problems);
}

}  // namespace staleline::scenario
