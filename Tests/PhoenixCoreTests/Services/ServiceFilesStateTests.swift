import PhoenixCore
import Testing

@Suite struct ServiceFilesStateTests {
  private let wanted = ServiceFile("/etc/x.conf", text: "one\ntwo\nthree\n")

  private func fields(_ text: String?, owner: FileOwner = .root, mode: UInt16 = 0o644) -> [FieldChange] {
    var state = ServiceFilesState()
    if let text {
      var file = ServiceFilesState.File(
        ServiceFile("/etc/x.conf", owner: owner, mode: FileMode(bits: mode), text: text))
      file.owner = owner
      state.files["/etc/x.conf"] = file
    }
    return state.differences(from: [wanted])
  }

  @Test func whatIsAsItShouldBeDiffersInNothing() {
    #expect(fields(wanted.text).isEmpty)
    #expect(ServiceFilesState([wanted]).differences(from: [wanted]).isEmpty)
  }

  @Test func aLineThatDiffersIsShown() {
    #expect(
      fields("one\n2\nthree\n") == [FieldChange("/etc/x.conf:2", from: .text("2"), to: .text("two"))])
    #expect(fields("one\nthree\n") == [FieldChange("/etc/x.conf:2", from: nil, to: .text("two"))])
    #expect(
      fields("one\ntwo\nand\nthree\n") == [FieldChange("/etc/x.conf:3", from: .text("and"), to: nil)])
    #expect(fields("").count == 3)
  }

  @Test func manyLinesAreCounted() {
    let long = (1...50).map { "line \($0)\n" }.joined()
    let fields = fields(long)
    #expect(fields.count == 5)
    #expect(fields.last?.from == .number(46))
  }

  @Test func ownerAndPermissionsDiffer() {
    #expect(
      fields(wanted.text, owner: FileOwner(user: "x", group: "root")).map(\.field) == ["/etc/x.conf owner"])
    #expect(fields(wanted.text, mode: 0o666).map(\.field) == ["/etc/x.conf mode"])
  }

  @Test func whatWasBegunIsToBeLoaded() {
    var state = ServiceFilesState([wanted])
    state.isUnfinished = true
    #expect(state.differences(from: [wanted]).map(\.field) == ["loaded"])
    #expect(fields(nil).map(\.field) == ["/etc/x.conf"])
  }
}
