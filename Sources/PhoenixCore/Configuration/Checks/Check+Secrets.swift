extension ConfigurationCheck {
  /// Secrets that stand in files. They work, and belong elsewhere.
  func secrets() -> [Finding] {
    let access = nodes.hypervisor?["portainer_api"]
    var findings = [
      ("admin_password", inventory.settings.portainer.passwordCredential), ("api_key", "portainer-api-key"),
    ]
    .compactMap { key, credential -> Finding? in
      guard let node = access?[key], node.string?.isEmpty == false else { return nil }
      return Finding(
        .warning, at: node.location, "portainer_api.\(key) is a secret in a file that others can read",
        hint:
          "write it to /etc/phoenix/credentials/\(credential), for root alone, and take it out of here; the credential wins"
      )
    }
    for stack in nodes.stacks?["docker_stacks"]?.members ?? [] {
      for environment in stack.value["environments"]?.members ?? [] {
        findings += (environment.value["variables"]?.elements ?? []).compactMap { variable in
          guard let name = variable["name"]?.string, let value = variable["value"], Self.isSecret(name),
            let text = value.string, !text.isEmpty, !text.hasPrefix("$")
          else { return nil }
          return Finding(
            .warning, at: value.location,
            "the variable \(name.quotedForPeople) of the stack \(stack.key.quotedForPeople) looks like a secret in a file",
            hint: "let the compose file use a Docker secret")
        }
      }
    }
    return findings
  }

  private static func isSecret(_ name: String) -> Bool {
    let name = name.uppercased()
    guard !name.hasSuffix("_FILE"), !name.hasSuffix("_PATH") else { return false }
    return ["PASSWORD", "PASSWD", "_PASS", "SECRET", "TOKEN", "API_KEY", "APIKEY", "PRIVATE_KEY"]
      .contains { name.contains($0) }
  }
}
