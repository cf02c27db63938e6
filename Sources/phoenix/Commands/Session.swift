import PhoenixCore
import PhoenixEngine

extension GlobalOptions {
  /// Opens the way to what keeps the systems, uses it, and closes it.
  func withChannel<Result: Sendable>(
    _ purpose: String, _ use: (any ControlChannel) async throws -> Result
  ) async throws -> Result {
    let channel: any ControlChannel =
      standalone
      ? try await StandaloneChannel(self, purpose: "phoenix \(purpose)") : try DaemonChannel(socket: socket)
    do {
      let result = try await use(channel)
      await channel.close()
      return result
    } catch {
      await channel.close()
      throw error
    }
  }

  /// Writes the result: as JSON when that was asked for, else as text.
  func write(_ value: some Encodable, text: (TextStyle) -> String) {
    if json {
      Terminal.write(WireJSON.encodePretty(value) + [0x0A])
    } else {
      Terminal.write(text(Terminal.style(color)))
    }
  }
}
