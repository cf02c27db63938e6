/// What somebody meant who named nothing that is kept.
public enum NearestResource {
  /// What to do about a name that means nothing.
  ///
  /// - Parameters:
  ///   - text: What was named: a resource, a system, a vmid, or the beginning of a resource.
  ///   - resources: What is kept.
  /// - Returns: The nearest name that is one of these, when there is one, and where all are listed.
  public static func hint(for text: String, among resources: [ResourceID]) -> String {
    // What is compared, and the target that it stands for.
    var targets: [String: String] = [:]
    for resource in resources.sorted() {
      let (system, name) = (resource.system.rawValue, resource.description)
      let kind = "\(system)/\(resource.kind)"
      let last = Int(resource.name) == nil ? name : resource.name
      for (word, target) in [(name, name), (kind, kind), (system, system), (resource.name, last)] {
        targets[word] = targets[word] ?? target
      }
    }
    let nearest = KnownNames(targets.keys.sorted()).nearest(to: text).flatMap { targets[$0] }
    return (nearest.map { "did you mean \($0)? " } ?? "") + "`phoenix status` lists everything"
  }
}
