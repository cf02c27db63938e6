/// The JSON Schemas of all files, as they are kept in etc/schema.
public enum ConfigurationSchemas {
  /// The schemas by their file names.
  public static var all: [(name: String, text: String)] {
    let files = ConfigurationPart.allCases.map { part in
      (part.schemaName, part.shape.schema(title: part.fileName, name: part.schemaName))
    }
    let stack = "phoenix-stack.schema.json"
    return files + [(stack, Shape.stack.schema(title: "stacks/NAME/phoenix.json", name: stack))]
  }
}
