import Testing

@testable import PhoenixNetwork

struct ConnectionCountTests {
  private let limits: ServerLimits = {
    var limits = ServerLimits()
    limits.connectionsOfUser = 2
    limits.connections = 3
    return limits
  }()

  private func count(_ users: UInt32...) -> ConnectionCount {
    users.reduce(into: ConnectionCount()) { $0.add($1) }
  }

  @Test func eachUserHasHisOwn() {
    #expect(count(7, 7).keeps(limits, 7))
    #expect(!count(7, 7, 7).keeps(limits, 7))
    #expect(count(7, 7, 8).keeps(limits, 8))
  }

  @Test func whatAllHaveIsLimitedExceptForRoot() {
    #expect(!count(7, 8, 9, 10).keeps(limits, 10))
    #expect(count(7, 8, 9, 0).keeps(limits, 0))
    #expect(!count(0, 0, 0).keeps(limits, 0))
  }

  @Test func whatIsClosedCountsNoMore() {
    var connections = count(7, 7, 7, 8)
    connections.remove(7)
    connections.remove(8)
    #expect(connections.keeps(limits, 7))
    connections.add(9)
    #expect(connections.keeps(limits, 9))
  }
}
