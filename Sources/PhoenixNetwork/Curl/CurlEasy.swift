import CCurl

/// An easy handle: one request at a time, used again for the next.
///
/// Setting an option that fails is remembered instead of thrown, so that a request reads as a list of options.
final class CurlEasy {
  let raw: UnsafeMutableRawPointer
  /// The first option that could not be set since the last reset.
  private(set) var failure: CURLcode?
  private let errorText: UnsafeMutablePointer<CChar>

  /// nil when libcurl is out of memory.
  init?() {
    guard let raw = curl_easy_init() else { return nil }
    self.raw = raw
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    reset()
  }

  deinit {
    curl_easy_cleanup(raw)
    errorText.deallocate()
  }

  /// Forgets all options of the last request, keys included. Connections live in the multi handle and stay.
  func reset() {
    curl_easy_reset(raw)
    failure = nil
    errorText[0] = 0
    note(phoenix_curl_set_pointer(raw, CURLOPT_ERRORBUFFER, errorText))
  }

  /// What libcurl says about the failed request, without the time that it took, or the same failure would be news
  /// each time; its general text for the code when it says nothing.
  func text(for code: CURLcode) -> String {
    let own = String(cString: errorText).replacing(#/ after [0-9]+ (ms|milliseconds)\b/#, with: "")
    return own.isEmpty ? String(cString: curl_easy_strerror(code)) : own
  }

  func set(_ option: CURLoption, _ value: Int) { note(phoenix_curl_set_long(raw, option, value)) }

  func set(_ option: CURLoption, size: Int) { note(phoenix_curl_set_size(raw, option, curl_off_t(size))) }

  func set(_ option: CURLoption, _ value: String?) { note(phoenix_curl_set_text(raw, option, value)) }

  func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) {
    note(phoenix_curl_set_pointer(raw, option, pointer))
  }

  func set(_ option: CURLoption, list: UnsafeMutablePointer<curl_slist>?) {
    note(phoenix_curl_set_list(raw, option, list))
  }

  func set(_ option: CURLoption, callback: @escaping curl_write_callback) {
    note(phoenix_curl_set_callback(raw, option, callback))
  }

  func set(_ option: CURLoption, blob: String) {
    var blob = blob
    note(blob.withUTF8 { phoenix_curl_set_blob(raw, option, $0.baseAddress, $0.count) })
  }

  /// A number that libcurl knows of the request, 0 when it does not.
  func number(_ info: CURLINFO) -> Int {
    var value = 0
    return phoenix_curl_get_long(raw, info, &value) == CURLE_OK ? value : 0
  }

  private func note(_ code: CURLcode) {
    if code != CURLE_OK, failure == nil { failure = code }
  }
}
