import Glibc
import PhoenixCore

/// An HTTP/1.1 server on the loopback that can answer wrongly on purpose: a thread for each connection.
final class LoopbackServer: Sendable {
  struct Request: Sendable {
    let method: String
    /// Without the query.
    let path: String
    let query: [String: String]
    let form: [String: String]
    let headers: [String: String]
  }

  enum Reply: Sendable {
    case json(Int, String)
    /// These bytes, then the connection is closed.
    case raw(String)
    /// Nothing for as long as the client stays.
    case silence
  }

  struct Errno: Error { let code: Int32 }

  let port: UInt16
  private let listener: Int32
  private let talks: Talks

  /// What was asked so far, `METHOD path`, in order.
  var requests: [String] { talks.state.withLock { $0.log } }
  var endpoint: String { "http://127.0.0.1:\(port)" }

  init(_ handler: @escaping @Sendable (Request) -> Reply) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(listener, generic, size) == 0 && listen(listener, 64) == 0
          && getsockname(listener, generic, &size) == 0
      }
    }
    guard bound else { throw Errno(code: errno) }
    port = UInt16(bigEndian: address.sin_port)
    self.listener = listener
    let talks = Talks(handler)
    self.talks = talks
    BlockingThread.start {
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { break }
        BlockingThread.start { talks.serve(connection) }
      }
      close(listener)
    }
  }

  /// Stops listening, and ends what is under way. The descriptors are closed by the threads that use them, or
  /// those could go on with another socket that got the number.
  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    talks.state.withLock { state in
      state.isOver = true
      for connection in state.open { shutdown(connection, Int32(SHUT_RDWR)) }
    }
  }
}

/// The connections of one server.
private final class Talks: Sendable {
  struct State {
    var log: [String] = []
    var open: Set<Int32> = []
    var isOver = false
  }

  let state = Lock(State())
  private let handler: @Sendable (LoopbackServer.Request) -> LoopbackServer.Reply

  init(_ handler: @escaping @Sendable (LoopbackServer.Request) -> LoopbackServer.Reply) {
    self.handler = handler
  }

  func serve(_ connection: Int32) {
    let isOver = state.withLock { state in
      state.open.insert(connection)
      return state.isOver
    }
    if !isOver { answer(connection) }
    state.withLock { _ = $0.open.remove(connection) }
    close(connection)
  }

  private func answer(_ connection: Int32) {
    var buffer: [UInt8] = []
    while let request = Self.read(connection, &buffer) {
      state.withLock { $0.log.append("\(request.method) \(request.path)") }
      switch handler(request) {
      case .json(let status, let body):
        let head = "HTTP/1.1 \(status) Text\r\nContent-Type: application/json\r\n"
        Self.write(connection, head + "Content-Length: \(body.utf8.count)\r\n\r\n" + body)
      case .raw(let text):
        Self.write(connection, text)
        return
      case .silence:
        var byte: UInt8 = 0
        while recv(connection, &byte, 1, 0) > 0 {}
        return
      }
    }
  }

  private static func read(_ connection: Int32, _ buffer: inout [UInt8]) -> LoopbackServer.Request? {
    while true {
      if let end = headEnd(buffer) {
        let lines = String(decoding: buffer[..<end], as: UTF8.self).split(separator: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
          let parts = line.split(separator: ":", maxSplits: 1)
          if parts.count == 2 { headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " }) }
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        if buffer.count >= end + 4 + length {
          let body = String(decoding: buffer[(end + 4)..<(end + 4 + length)], as: UTF8.self)
          buffer.removeFirst(end + 4 + length)
          let words = (lines.first ?? "").split(separator: " ")
          guard words.count >= 2 else { return nil }
          let target = words[1].split(separator: "?", maxSplits: 1)
          return LoopbackServer.Request(
            method: String(words[0]), path: String(target[0]),
            query: fields(target.count > 1 ? target[1] : ""), form: fields(body[...]), headers: headers)
        }
      }
      var chunk = [UInt8](repeating: 0, count: 16_384)
      let count = recv(connection, &chunk, chunk.count, 0)
      guard count > 0 else { return nil }
      buffer += chunk[..<count]
    }
  }

  private static func headEnd(_ buffer: [UInt8]) -> Int? {
    guard buffer.count >= 4 else { return nil }
    return (0...(buffer.count - 4)).first { buffer[$0..<($0 + 4)].elementsEqual([13, 10, 13, 10]) }
  }

  private static func fields(_ text: Substring) -> [String: String] {
    var fields: [String: String] = [:]
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      fields[unescape(parts[0])] = parts.count > 1 ? unescape(parts[1]) : ""
    }
    return fields
  }

  private static func unescape(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func write(_ connection: Int32, _ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
