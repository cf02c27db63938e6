import Dispatch
import Glibc
import PhoenixCore

/// One run of a program. Everything of it happens on one serial queue.
actor ProcessRun {
  typealias Ending = CheckedContinuation<Result<ProcessResult, Failure>, Never>

  /// How long an ended program's output may stay open in the hands of a process that left its group.
  private static let lingering = Duration.milliseconds(500)

  private let executor = QueueExecutor(label: "phoenix.process")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let command: ProcessCommand
  private var ending: Ending?
  private var child: SpawnedChild?
  /// Set when we end the program: what its status will be, whatever it exits with.
  private var verdict: ProcessStatus?
  /// Set when the program has ended and was waited for.
  private var status: ProcessStatus?
  private var input: (any DispatchSourceWrite)?
  private var inputSent = 0
  private var output: (any DispatchSourceRead)?
  private var errors: (any DispatchSourceRead)?
  private var exit: (any DispatchSourceRead)?
  private var timers: [any DispatchSourceTimer] = []
  private var stdout: TailBuffer
  private var stderr: TailBuffer

  init(_ command: ProcessCommand) {
    self.command = command
    stdout = TailBuffer(limit: command.outputLimit)
    stderr = TailBuffer(limit: command.outputLimit)
  }

  /// Runs the program to its end.
  func result() async -> Result<ProcessResult, Failure> {
    if verdict == .cancelled { return .success(ProcessResult(status: .cancelled)) }
    do throws(Failure) {
      let child = try Spawn.start(command)
      self.child = child
      watch(child)
    } catch {
      return .failure(error)
    }
    return await withCheckedContinuation { ending = $0 }
  }

  /// Ends the program.
  nonisolated func cancel() {
    executor.queue.async { self.assumeIsolated { $0.end(as: .cancelled) } }
  }

  private func watch(_ child: SpawnedChild) {
    exit = source(reading: child.pidfd) { $0.childEnded() }
    output = source(reading: child.stdout) { $0.readOutput() }
    errors = source(reading: child.stderr) { $0.readErrors() }
    let input = DispatchSource.makeWriteSource(fileDescriptor: child.stdin, queue: executor.queue)
    input.setEventHandler { @Sendable in self.assumeIsolated { $0.writeInput() } }
    input.setCancelHandler { @Sendable in close(child.stdin) }
    input.resume()
    self.input = input
    after(command.timeout) { $0.end(as: .timedOut) }
  }

  private func source(
    reading descriptor: Int32, _ handle: @escaping @Sendable (isolated ProcessRun) -> Void
  ) -> any DispatchSourceRead {
    let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: executor.queue)
    source.setEventHandler { @Sendable in self.assumeIsolated { handle($0) } }
    source.setCancelHandler { @Sendable in close(descriptor) }
    source.resume()
    return source
  }

  private func after(_ delay: Duration, _ act: @escaping @Sendable (isolated ProcessRun) -> Void) {
    let timer = DispatchSource.makeTimerSource(queue: executor.queue)
    timer.schedule(deadline: .now() + .milliseconds(Int(clamping: delay.wholeMilliseconds)))
    timer.setEventHandler { @Sendable in self.assumeIsolated { act($0) } }
    timer.resume()
    timers.append(timer)
  }

  // MARK: Input and output

  private func writeInput() {
    guard let child, let input else { return }
    while inputSent < command.stdin.count {
      let count = command.stdin.withUnsafeBytes {
        write(child.stdin, $0.baseAddress?.advanced(by: inputSent), $0.count - inputSent)
      }
      if count > 0 {
        inputSent += count
      } else if errno == EAGAIN {
        return
      } else if errno != EINTR {
        break  // EPIPE: the program wants no more, which is its right
      }
    }
    input.cancel()
    self.input = nil
  }

  private func readOutput() {
    guard let child, output != nil else { return }
    if drain(child.stdout, into: &stdout) {
      output?.cancel()
      output = nil
      finishWhenAllEnded()
    }
  }

  private func readErrors() {
    guard let child, errors != nil else { return }
    if drain(child.stderr, into: &stderr) {
      errors?.cancel()
      errors = nil
      finishWhenAllEnded()
    }
  }

  /// Reads what is there, but not forever; tells whether the stream has ended.
  private func drain(_ descriptor: Int32, into buffer: inout TailBuffer) -> Bool {
    withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { chunk in
      for _ in 0..<16 {
        let count = read(descriptor, chunk.baseAddress, chunk.count)
        if count > 0 {
          buffer.append(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
        } else if count == 0 {
          return true
        } else if errno != EINTR {
          return errno != EAGAIN
        }
      }
      return false
    }
  }

  // MARK: The end

  private func end(as verdict: ProcessStatus) {
    guard self.verdict == nil, status == nil else { return }
    self.verdict = verdict
    guard let child else { return }
    kill(-child.pid, SIGTERM)
    kill(-child.pid, SIGCONT)  // a stopped program would never hear of it
    after(command.grace) { $0.killGroup() }
  }

  private func killGroup() {
    guard let child, status == nil else { return }
    kill(-child.pid, SIGKILL)
  }

  private func childEnded() {
    guard let child, status == nil else { return }
    // Not yet waited for, so that the group's number is still ours: nothing of it outlives the program.
    kill(-child.pid, SIGKILL)
    var code: Int32 = 0
    while waitpid(child.pid, &code, 0) < 0 && errno == EINTR {}
    let signal = code & 0x7F
    status = signal == 0 ? .exited((code >> 8) & 0xFF) : .signaled(signal)
    exit?.cancel()
    exit = nil
    input?.cancel()
    input = nil
    finishWhenAllEnded()
    if ending != nil { after(Self.lingering) { $0.finish() } }
  }

  private func finishWhenAllEnded() {
    if status != nil, output == nil, errors == nil { finish() }
  }

  private func finish() {
    guard let status, let ending else { return }
    self.ending = nil
    for timer in timers { timer.cancel() }
    timers = []
    // What is still in the pipes of a program that left them open was read as it came.
    output?.cancel()
    errors?.cancel()
    (output, errors) = (nil, nil)
    let (out, truncated) = stdout.take()
    ending.resume(
      returning: .success(
        ProcessResult(
          status: verdict ?? status, stdout: out, stderr: stderr.take().bytes, stdoutTruncated: truncated)))
  }
}
