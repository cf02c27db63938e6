import Glibc

/// How many connections one listener has, and whose they are.
struct ConnectionCount {
  private var perUser: [uid_t: Int] = [:]
  private var all = 0

  mutating func add(_ user: uid_t) {
    all += 1
    perUser[user, default: 0] += 1
  }

  mutating func remove(_ user: uid_t) {
    all -= 1
    // Users come and go; those who are gone take no memory.
    perUser[user] = perUser[user].flatMap { $0 > 1 ? $0 - 1 : nil }
  }

  /// Whether what there is keeps the limits, as far as this user is concerned.
  func keeps(_ limits: ServerLimits, _ user: uid_t) -> Bool {
    perUser[user, default: 0] <= limits.connectionsOfUser && (all <= limits.connections || user == 0)
  }
}
