#ifndef TRIMARAN_TESTS_NET_INDEX_WITNESS_H_
#define TRIMARAN_TESTS_NET_INDEX_WITNESS_H_

#include <string>
#include <vector>

#include "tests/support/node_sim/history.h"

namespace trimaran::net {

// What is wrong with a history, for people, judged by the indexes in its
// answers alone: they are to be the one order of all calls, to respect real
// time, and to explain what was read. Calls that share an index, because they
// went into the log together, may have any order; what nobody knows the end of
// may have happened at any place that its witnesses leave it. For the rest it
// takes little time where a search for an order may take much.
//
// A read of index 0 has named none, and is left out. Every value is put once,
// and is the id of the call that put it.
//
// Thread: any.
std::vector<std::string> CheckIndexes(const std::vector<node_sim::Op>& ops);

}  // namespace trimaran::net

#endif  // TRIMARAN_TESTS_NET_INDEX_WITNESS_H_
