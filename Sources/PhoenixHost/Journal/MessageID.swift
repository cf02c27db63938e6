/// The kinds of events, each with the stable identity that journald calls MESSAGE_ID.
///
/// `journalctl MESSAGE_ID=...` finds all of a kind, and `journalctl -x` explains them with the text of
/// systemd/phoenix.catalog. An identity is never changed and never used again.
public enum MessageID: String, CaseIterable, Sendable, Hashable {
  /// phoenixd has started.
  case started = "20d91f8523a84c128bc76699dd5299be"
  /// phoenixd is ready.
  case ready = "54245e7be4c44331a692ee8d7cbc61ce"
  /// A configuration was loaded.
  case configurationLoaded = "651c6329fecb4d8fb119b2331539c5ca"
  /// A configuration was refused.
  case configurationRefused = "d94438709dee4fddb6da91df5e809178"
  /// A pass found something to do.
  case passChanged = "4c529c240c744f02bb84080e455e3eb2"
  /// A pass found nothing to do.
  case passSteady = "ee6e7714655149bf87bc261bf6910469"
  /// A pass could not be carried through.
  case passFailed = "abfda52c7001436bb635f9d55fb1d633"
  /// Something is no longer as it should be.
  case driftFound = "eef9f0f6088f495e898211bcff344da4"
  /// A system cannot be read.
  case systemUnreadable = "477c41389e32499a93d56ff2cf6a07f2"
  /// A system can be read again.
  case systemReadable = "96474945772b46c0a930a53b925beff5"
  /// An action was started.
  case actionStarted = "0a0f74a801d74702bf2cf5828542869e"
  /// An action was carried out and proved.
  case actionVerified = "55416ec4d6914ae194a926f472a2b87e"
  /// An action failed.
  case actionFailed = "708aa13386af4c6dbb7e0edecb22fc8f"
  /// An action had no effect in time.
  case actionNotConverged = "1325cb2726a84641a79f04086fb2253a"
  /// An action is held.
  case actionHeld = "74be4a948556464b8ac8cc758ad062a0"
  /// An action waits for another resource.
  case actionBlocked = "8e141447c5c04bde80d4d18fad7beca7"
  /// An action was overtaken.
  case actionStale = "2a8eda94fed74b6e950ae7a410015121"
  /// A guard refused to act.
  case guardRefused = "91e984a244804f91b672bb8c6e356875"
  /// An endpoint is given a rest.
  case circuitOpened = "6f0f2ac01c5c400ba750943f96a4deb1"
  /// An endpoint answers again.
  case circuitClosed = "e50ca46be93d4037b966ab645a38f133"
  /// A resource is left alone.
  case resourceSuspended = "88255a3811c54cceba7ab160f6d8a48f"
  /// A resource is kept again.
  case resourceResumed = "d7f3f8909c184589af9f34b6eb66bbae"
  /// Something with an identity is gone.
  case resourceVanished = "5a526f0258584987aa7b7994659ac793"
  /// A resource was adopted.
  case resourceAdopted = "e6ceb0a4584a4dcb90746b4bf55b1ee4"
  /// All acting is paused.
  case paused = "b14c52d97f784e70bb3dbcdad82b44bc"
  /// Acting goes on.
  case resumed = "2a6b47c9d26c4b999b28cf3f00d7903e"
  /// A certificate was issued.
  case certificateIssued = "9a98a99d2a934365b96f181228054073"
  /// A certificate was renewed.
  case certificateRenewed = "97a21029926e40e28f32f1b88a8202b4"
  /// A certificate was delivered.
  case certificateDelivered = "fe2426e4cc254246a5bccd240ba1fdd3"
  /// A new certificate is served.
  case certificateServed = "439a5f63fb1c452fb15cc4441da8504c"
  /// A certificate was rolled back.
  case certificateRolledBack = "f4b903ecfebc418691571d4ca9facb14"
  /// A certificate is held.
  case certificateHeld = "533a3c7615834816bd6c4ba930b33016"
  /// A certificate is about to expire.
  case certificateEmergency = "d13ed89b75dd4223b2fe02e164136312"
  /// The clock was set.
  case clockJumped = "719eb874ecfa400d99993d3baf47b78b"
  /// The machine was suspended.
  case suspended = "f7890aa3bcd5439bbaa99d68711c0851"
  /// Clocks disagree.
  case clockSkewed = "b71952e4775849a499db245230b2af59"
  /// The state directory cannot be written.
  case stateNotWritable = "abfea1daef634b4397748ecb63aedec1"
  /// A record was damaged.
  case stateRecovered = "02179ba47f854e8d8dab703889b065f1"
  /// A task begun earlier was taken up.
  case taskRecovered = "2f4f42fbf743428d94ea4c2dc5970033"
  /// Log lines were dropped.
  case linesDropped = "f14324498c30458bb2b64e6542d67e4f"
  /// phoenixd is stopping.
  case stopping = "b2a631da223c48fe967309bdf3038931"
  /// phoenixd has stopped.
  case stopped = "e5945b8fc2ac4a9983d87b001712d9db"
  /// A running action was handed over.
  case handedOver = "fe81d84b34874b81b8494354d6375299"

  /// The identity: 32 lower-case hexadecimal digits.
  public var uuid: String { rawValue }
}
