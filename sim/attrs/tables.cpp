// SPDX-License-Identifier: Apache-2.0
// The CSV side: header to columns, rows to rows, output in large pieces.
#include "staleline/attrs/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <istream>
#include <string>
#include <vector>

#include "rows.h"
#include "staleline/arm/nearest.h"

namespace staleline::attrs {

namespace {

constexpr std::size_t kPiece = std::size_t{1} << 18;  // enough that writing costs nothing beside the rows

const Table* find(std::string_view name) {
  const auto all = tables();
  const auto found = std::find_if(all.begin(), all.end(), [name](const Table& t) { return t.name == name; });
  return found == all.end() ? nullptr : &*found;
}

void split(std::string_view line, std::vector<std::string_view>& cells) {
  cells.clear();
  for (std::size_t comma = line.find(','); comma != std::string_view::npos; comma = line.find(',')) {
    cells.push_back(line.substr(0, comma));
    line.remove_prefix(comma + 1);
  }
  cells.push_back(line);
}

bool read_line(std::istream& in, std::string& line, bool& carriage_return) {
  if (!std::getline(in, line)) return false;
  carriage_return = !line.empty() && line.back() == '\r';
  if (carriage_return) line.pop_back();
  return true;
}

constexpr std::size_t kNone = ~std::size_t{0};

std::size_t place(std::span<const std::string_view> names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? kNone : static_cast<std::size_t>(found - names.begin());
}

/// Where the cells of a row come from and go to.
struct Layout {
  std::vector<std::size_t> from;    ///< for each input column of the table, its place in the row
  std::vector<std::size_t> output;  ///< for each column written, the output column, or kNone for a copy
  std::size_t width = 0;            ///< of the rows that are read
};

Layout layout(const Table& table, std::span<const std::string_view> header) {
  Layout l{.from = std::vector(table.inputs.size(), kNone), .output = {}, .width = header.size()};
  std::vector<std::string_view> valid(table.inputs.begin(), table.inputs.end());
  valid.insert(valid.end(), table.outputs.begin(), table.outputs.end());
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (std::find(header.begin(), header.begin() + static_cast<std::ptrdiff_t>(i), header[i]) !=
        header.begin() + static_cast<std::ptrdiff_t>(i))
      throw TableError(fmt::format("line 1: column `{}` stands there twice", header[i]));
    const std::size_t input = place(table.inputs, header[i]);
    l.output.push_back(place(table.outputs, header[i]));
    if (input != kNone) {
      l.from[input] = i;
    } else if (l.output.back() == kNone) {
      const auto near = arm::nearest(header[i], valid);
      throw TableError(fmt::format("line 1: table {} has no column `{}`{}", table.name, header[i],
                                   near ? fmt::format("; did you mean `{}`?", *near) : ""));
    }
  }
  std::vector<std::string_view> missing;
  for (std::size_t i = 0; i < l.from.size(); ++i)
    if (l.from[i] == kNone) missing.push_back(table.inputs[i]);
  if (!missing.empty())
    throw TableError(fmt::format("line 1: table {} needs the column{} {}", table.name, missing.size() == 1 ? "" : "s",
                                 fmt::join(missing, ", ")));
  for (std::size_t o = 0; o < table.outputs.size(); ++o)
    if (place(header, table.outputs[o]) == kNone) l.output.push_back(o);
  return l;
}

}  // namespace

std::span<const std::string_view> table_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const Table& t : tables()) all.push_back(t.name);
    return all;
  }();
  return names;
}

std::span<const std::string_view> input_columns(std::string_view table) {
  const Table* t = find(table);
  return t == nullptr ? std::span<const std::string_view>{} : t->inputs;
}

std::span<const std::string_view> output_columns(std::string_view table) {
  const Table* t = find(table);
  return t == nullptr ? std::span<const std::string_view>{} : t->outputs;
}

void fill_table(std::string_view name, std::istream& in, const std::function<void(std::string_view)>& write) {
  const Table* table = find(name);
  if (table == nullptr) throw TableError(fmt::format("there is no table `{}`", name));
  std::string line, piece;
  bool carriage_return = false;
  std::vector<std::string_view> row;
  if (!read_line(in, line, carriage_return)) throw TableError("line 1: there is no header");
  const std::string_view end = carriage_return ? "\r\n" : "\n";
  const std::string header_text = line;
  split(header_text, row);
  const std::vector<std::string_view> header = row;
  const Layout l = layout(*table, header);
  for (std::size_t i = 0; i < l.output.size(); ++i) {
    if (i != 0) piece += ',';
    piece += i < header.size() ? header[i] : table->outputs[l.output[i]];
  }
  piece += end;

  std::vector<std::string> outputs(table->outputs.size());
  std::vector<std::string_view> inputs(table->inputs.size());
  for (std::size_t number = 2; read_line(in, line, carriage_return); ++number) {
    if (line.empty()) continue;
    split(line, row);
    if (row.size() != l.width)
      throw TableError(
          fmt::format("line {}: {} cells where the header has {}: `{}`", number, row.size(), l.width, line));
    for (std::size_t i = 0; i < inputs.size(); ++i) inputs[i] = row[l.from[i]];
    for (auto& text : outputs) text.clear();
    table->row(Inputs{table->inputs, number, inputs}, outputs);
    for (std::size_t i = 0; i < l.output.size(); ++i) {
      if (i != 0) piece += ',';
      piece += l.output[i] == kNone ? row[i] : std::string_view{outputs[l.output[i]]};
    }
    piece += end;
    if (piece.size() >= kPiece) {
      write(piece);
      piece.clear();
    }
  }
  write(piece);
}

}  // namespace staleline::attrs
