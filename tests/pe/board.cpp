// SPDX-License-Identifier: Apache-2.0
// What agents know of each other arrives one lookahead later, and marks count once.
#include "staleline/pe/board.h"

#include <catch2/catch.hpp>

using namespace staleline;
using engine::kNever;
using event::AgentId;
using event::EdgeId;
using event::SourceLine;

TEST_CASE("the k-th send is visible one lookahead after it was posted, no other is") {
  pe::Board board(2, 2, 8);
  CHECK(board.visible(EdgeId{1}, 0) == kNever);
  CHECK(board.send(EdgeId{1}, 100) == 0);
  CHECK(board.send(EdgeId{1}, 110) == 1);
  CHECK(board.visible(EdgeId{1}, 0) == 108);
  CHECK(board.visible(EdgeId{1}, 1) == 118);
  CHECK(board.visible(EdgeId{1}, 2) == kNever);
  CHECK(board.visible(EdgeId{0}, 0) == kNever);
}

TEST_CASE("all programs are over one lookahead after the last") {
  pe::Board board(2, 0, 8);
  board.end(AgentId{1}, 50);
  CHECK(board.all_ended() == kNever);
  board.end(AgentId{0}, 20);
  CHECK(board.all_ended() == 58);
}

TEST_CASE("a mark is the first time that a watched line was finished") {
  pe::Board board(1, 0, 8);
  board.watch(AgentId{0}, SourceLine{7});
  board.mark(AgentId{0}, SourceLine{8}, 5);
  CHECK(board.marked(AgentId{0}, SourceLine{7}) == kNever);
  CHECK(board.marked(AgentId{0}, SourceLine{8}) == kNever);  // nobody asked
  board.mark(AgentId{0}, SourceLine{7}, 9);
  board.mark(AgentId{0}, SourceLine{7}, 30);
  CHECK(board.marked(AgentId{0}, SourceLine{7}) == 9);
}
