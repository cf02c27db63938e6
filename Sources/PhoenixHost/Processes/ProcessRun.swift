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
  private var descriptors: ReadySet?
  private var inputSent = 0
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
    let set = ReadySet(queue: executor.queue) { @Sendable in self.assumeIsolated { $0.handleReady() } }
    guard let set else {
      let got = "no descriptor is left: \(ErrorText.of(errno))"
      return .failure(Failure(.transient, doing: "run \(command.argv.first ?? "")", got: got))
    }
    do throws(Failure) {
      let child = try Spawn.start(command)
      self.child = child
      for descriptor in [child.pidfd, child.stdout, child.stderr] { set.add(descriptor) }
      set.add(child.stdin, forWriting: true)
      descriptors = set
    } catch {
      return .failure(error)
    }
    after(command.timeout) { $0.end(as: .timedOut) }
    return await withCheckedContinuation { ending = $0 }
  }

  /// Ends the program.
  nonisolated func cancel() {
    executor.queue.async { self.assumeIsolated { $0.end(as: .cancelled) } }
  }

  private func handleReady() {
    guard let child, let descriptors else { return }
    let ready = descriptors.wait()
    if ready.contains(child.stdin) { writeInput(child.stdin) }
    if ready.contains(child.stdout), drain(child.stdout, into: &stdout) { descriptors.remove(child.stdout) }
    if ready.contains(child.stderr), drain(child.stderr, into: &stderr) { descriptors.remove(child.stderr) }
    if ready.contains(child.pidfd) { childEnded() }
    finishWhenAllEnded()
  }

  private func after(_ delay: Duration, _ act: @escaping @Sendable (isolated ProcessRun) -> Void) {
    let timer = DispatchSource.makeTimerSource(queue: executor.queue)
    timer.schedule(deadline: .now() + .milliseconds(Int(clamping: delay.wholeMilliseconds)))
    timer.setEventHandler { @Sendable in self.assumeIsolated { act($0) } }
    timer.resume()
    timers.append(timer)
  }

  // MARK: Input and output

  private func writeInput(_ descriptor: Int32) {
    while inputSent < command.stdin.count {
      let count = command.stdin.withUnsafeBytes {
        write(descriptor, $0.baseAddress?.advanced(by: inputSent), $0.count - inputSent)
      }
      if count > 0 {
        inputSent += count
      } else if errno == EAGAIN {
        return
      } else if errno != EINTR {
        break  // EPIPE: the program wants no more, which is its right
      }
    }
    descriptors?.remove(descriptor)
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
    descriptors?.remove(child.pidfd)
    descriptors?.remove(child.stdin)
    after(Self.lingering) { $0.finish() }
  }

  private func finishWhenAllEnded() {
    guard let child, let descriptors, status != nil else { return }
    if !descriptors.contains(child.stdout), !descriptors.contains(child.stderr) { finish() }
  }

  private func finish() {
    guard let status, let ending else { return }
    self.ending = nil
    for timer in timers { timer.cancel() }
    timers = []
    descriptors = nil
    let (out, truncated) = stdout.take()
    ending.resume(
      returning: .success(
        ProcessResult(
          status: verdict ?? status, stdout: out, stderr: stderr.take().bytes, stdoutTruncated: truncated)))
  }
}
