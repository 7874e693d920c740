#ifndef TRIMARAN_ADMIN_H_
#define TRIMARAN_ADMIN_H_

namespace trimaran {

class Replica;

// What is rarely needed and about the replica itself. Of a database, which it
// does not outlive (DB::admin).
//
// Thread: any.
class Admin {
 public:
  // The library's own.
  explicit Admin(Replica& replica) : replica_(replica) {}

  Replica& replica() { return replica_; }

 private:
  Replica& replica_;
};

}  // namespace trimaran

#endif  // TRIMARAN_ADMIN_H_
